package io.mooring.provisioning.core;

import java.util.Optional;

/**
 * What a device sends to make itself known (device protocol, section 1.1).
 *
 * @param id its claim id
 * @param description what it says of itself; empty if it says nothing and what is known stands
 * @param owner whose it says it is, if it names both account and cloud
 * @param secretHash the hash of the secret it holds, if it says so
 * @param proof what it shows of holding it
 */
public record Registration(
        String id,
        Optional<Description> description,
        Optional<Owner> owner,
        Optional<String> secretHash,
        Optional<Proof> proof) {
    /**
     * A proof as it was sent, not checked yet.
     *
     * @param time its time, as text: that is what the MAC is over
     * @param mac lower-case hexadecimal
     */
    public record Proof(String time, String mac) {}

    /** A device that says nothing but its id. */
    public static Registration of(String id) {
        return new Registration(id, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }
}
