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

    /** It made itself known. */
    record Registered(Identity identity, Instant at) implements DeviceEvent {
        @Override
        public Optional<Owner> owner() {
            return Optional.empty();
        }
    }

    /** It became somebody's. */
    record Claimed(Identity identity, Owner by, Instant at) implements DeviceEvent {
        @Override
        public Optional<Owner> owner() {
            return Optional.of(by);
        }
    }

    /** It got a certificate. */
    record Provisioned(Identity identity, Owner by, CertificateReference certificate, Instant at)
            implements DeviceEvent {
        @Override
        public Optional<Owner> owner() {
            return Optional.of(by);
        }
    }

    /** It was taken from its owner. */
    record Released(Identity identity, Owner by, Instant at) implements DeviceEvent {
        @Override
        public Optional<Owner> owner() {
            return Optional.of(by);
        }
    }
}
