package io.mooring.provisioning.core;

import java.time.Instant;
import java.util.Optional;

/** What became of a device. */
public sealed interface DeviceEvent {
    /** Which device. */
    Identity identity();

    /** When. */
    Instant at();

    /** Whose it is, or was until now. */
    Optional<Owner> owner();

    /** What happened to a device that is, or was until now, somebody's. */
    sealed interface OfOwned extends DeviceEvent {
        /** Whose. */
        Owner by();

        @Override
        default Optional<Owner> owner() {
            return Optional.of(by());
        }
    }

    /** It made itself known. */
    record Registered(Identity identity, Instant at) implements DeviceEvent {
        @Override
        public Optional<Owner> owner() {
            return Optional.empty();
        }
    }

    /** It became somebody's. */
    record Claimed(Identity identity, Owner by, Instant at) implements OfOwned {}

    /** It got a certificate. */
    record Provisioned(Identity identity, Owner by, CertificateReference certificate, Instant at) implements OfOwned {}

    /** It went from one owner to another, and must be provisioned anew. */
    record Transferred(Identity identity, Owner from, Owner by, Instant at) implements OfOwned {}

    /** It was taken from its owner. */
    record Released(Identity identity, Owner by, Instant at) implements OfOwned {}

    /** It is kept from connecting. */
    record Blocked(Identity identity, Owner by, int delaySeconds, Instant at) implements OfOwned {}

    /** It may connect again. */
    record Unblocked(Identity identity, Owner by, Instant at) implements OfOwned {}

    /**
     * It was forgotten.
     *
     * @param owner whose it was at the end
     */
    record Deleted(Identity identity, Optional<Owner> owner, Instant at) implements DeviceEvent {}
}
