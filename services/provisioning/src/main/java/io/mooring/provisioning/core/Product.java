package io.mooring.provisioning.core;

import java.time.Instant;

/**
 * A kind of device. Its token, known here only by its hash, lets devices register.
 *
 * @param owner whose its devices become unless a claim says otherwise
 */
public record Product(String id, String name, Owner owner, Instant created) {
    /** The longest name of a product, in characters. */
    public static final int MAX_NAME_LENGTH = 128;
}
