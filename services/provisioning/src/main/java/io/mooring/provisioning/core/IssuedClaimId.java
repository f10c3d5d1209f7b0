package io.mooring.provisioning.core;

import java.time.Instant;
import java.util.Optional;

/**
 * A claim id made at the factory, before there was a device.
 *
 * @param batch the id of what it was made with, the same for all of one call
 * @param secretHash the hash of the secret made with it, see {@link DeviceSecret}
 */
public record IssuedClaimId(String id, String product, String batch, Optional<String> secretHash, Instant issued) {
    /** The most that are issued at once. */
    public static final int MAX_AT_ONCE = 10_000;
}
