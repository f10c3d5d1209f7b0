package io.mooring.provisioning.core;

import java.time.Instant;

/** What a device showed of holding its secret; the MAC was checked with the key that the cloud knows. */
public sealed interface SecretProof {
    /** Nothing. */
    record Missing() implements SecretProof {}

    /** A proof that is not of this secret, or of nothing the cloud can read. */
    record Wrong() implements SecretProof {}

    /**
     * A proof made with the secret.
     *
     * @param time when, as the device's proof says
     */
    record Right(Instant time) implements SecretProof {}
}
