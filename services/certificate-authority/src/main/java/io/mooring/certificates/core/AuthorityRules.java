package io.mooring.certificates.core;

import java.time.Duration;
import java.time.Instant;

/**
 * What whoever runs the cloud has chosen for its authorities.
 *
 * @param rootAlgorithm the key of a root made here
 * @param issuingAlgorithm the key of an issuing authority made here
 * @param rootLifetime how long a root made here is valid
 * @param issuingLifetime how long an issuing authority is valid, but no longer than the root
 * @param backdate how much before its making validity starts
 * @param rotationShare the share of its life after which an issuing authority is followed by another
 * @param activationDelay how long a follower is in the trust bundle before it signs
 */
public record AuthorityRules(
        KeyAlgorithm rootAlgorithm,
        KeyAlgorithm issuingAlgorithm,
        Duration rootLifetime,
        Duration issuingLifetime,
        Duration backdate,
        double rotationShare,
        Duration activationDelay) {
    /** The most authorities of one name that may be valid at a time: each is in everybody's trust bundle. */
    public static final int MAX_VALID_OF_ONE_NAME = 8;

    public AuthorityRules {
        if (!(rotationShare > 0 && rotationShare < 1)) {
            throw new IllegalArgumentException(
                    "the share of its life after which an authority is followed lies in 0…1");
        }
    }

    /** Whether an authority has lived long enough to be followed by another. */
    public boolean isDue(Validity authority, Instant now) {
        Duration life = Duration.between(authority.notBefore(), authority.notAfter());
        Duration share = Duration.ofSeconds((long) (life.toSeconds() * rotationShare));
        return !now.isBefore(authority.notBefore().plus(share));
    }
}
