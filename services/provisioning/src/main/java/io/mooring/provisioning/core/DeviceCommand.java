package io.mooring.provisioning.core;

import java.time.Instant;
import java.util.Optional;

/** What may be asked to happen to a device. */
public sealed interface DeviceCommand {
    /**
     * The device makes itself known.
     *
     * @param autoClaim the owner it named, if that owner is known here
     * @param tokenHash the hash of the token it is answered with if it is claimed
     */
    record Register(Identity identity, Optional<Owner> autoClaim, String tokenHash, Instant now)
            implements DeviceCommand {}

    /** An operator gives it to an owner. */
    record Claim(Owner owner, Instant now) implements DeviceCommand {}

    /**
     * It got a certificate.
     *
     * @param tokenHash the hash of the token it asked with
     */
    record Provision(CertificateReference certificate, String tokenHash, Instant now) implements DeviceCommand {}

    /** An operator takes it from its owner. */
    record Release(Instant now) implements DeviceCommand {}

    /** An operator keeps it from connecting. */
    record Block(int delaySeconds, Instant now) implements DeviceCommand {}

    /** An operator lets it connect again. */
    record Unblock(Instant now) implements DeviceCommand {}
}
