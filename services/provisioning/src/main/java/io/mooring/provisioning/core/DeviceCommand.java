package io.mooring.provisioning.core;

import java.time.Instant;
import java.util.Optional;

/** What may be asked to happen to a device. */
public sealed interface DeviceCommand {
    /**
     * The device makes itself known.
     *
     * @param identity what it says; the secret in it does not count
     * @param autoClaim the owner it named, if that owner is known here, or an operator named beforehand
     * @param secrecy what it and its factory said of its secret
     * @param tokenHash the hash of the token it is answered with if it is claimed
     */
    record Register(Identity identity, Optional<Owner> autoClaim, Secrecy secrecy, String tokenHash, Instant now)
            implements DeviceCommand {}

    /**
     * What is said of a device's secret.
     *
     * @param broughtHash the hash it brings
     * @param factoryHash the hash that was issued with its claim id
     * @param proof what it shows of holding it
     */
    record Secrecy(Optional<String> broughtHash, Optional<String> factoryHash, SecretProof proof) {
        /** Nothing is said of any secret. */
        public static final Secrecy NONE = new Secrecy(Optional.empty(), Optional.empty(), new SecretProof.Missing());
    }

    /** An operator gives it to an owner. */
    record Claim(Owner owner, Instant now) implements DeviceCommand {}

    /**
     * It got a certificate.
     *
     * @param tokenHash the hash of the token it asked with; empty if it asked by its certificate
     * @param provenWith the fingerprint of the certificate whose key it was seen to have
     */
    record Provision(
            CertificateReference certificate, Optional<String> tokenHash, Optional<String> provenWith, Instant now)
            implements DeviceCommand {}

    /**
     * It connected.
     *
     * @param fingerprint that of the certificate it connected with begins with it
     */
    record Prove(String fingerprint, Instant now) implements DeviceCommand {}

    /** An operator gives it from its owner to another. */
    record Transfer(Owner to, Instant now) implements DeviceCommand {}

    /** An operator takes it from its owner. */
    record Release(Instant now) implements DeviceCommand {}

    /** An operator keeps it from connecting. */
    record Block(int delaySeconds, Instant now) implements DeviceCommand {}

    /** An operator lets it connect again. */
    record Unblock(Instant now) implements DeviceCommand {}

    /** An operator has it forgotten. */
    record Delete(Instant now) implements DeviceCommand {}
}
