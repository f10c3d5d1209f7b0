package io.mooring.provisioning.core;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the brokers need to know of a device: a positive list, so that a certificate is revoked by not
 * being on it.
 */
public sealed interface RegistryEntry {
    /** Which device. */
    String device();

    /**
     * A device that is on the list.
     *
     * @param state {@code active}, {@code blocked} or {@code released}
     * @param certificates fingerprints of what it may connect with
     * @param since since when it is in this state; what was issued to it in an earlier one is worth nothing
     */
    record Listed(String device, Owner owner, String product, String state, List<String> certificates, Instant since)
            implements RegistryEntry {
        public Listed {
            certificates = List.copyOf(certificates);
        }
    }

    /** A device that was deleted: the list forgets it. */
    record Forgotten(String device) implements RegistryEntry {}

    /** The entry of a device; empty for one that nobody ever owned. */
    static Optional<RegistryEntry> of(Device device) {
        return switch (device) {
            case Device.Registered registered -> Optional.empty();
            case Device.Claimed claimed -> Optional.of(listed(claimed, claimed.owner(), "active", List.of()));
            case Device.Provisioned provisioned ->
                Optional.of(listed(provisioned, provisioned.owner(), "active", provisioned.certificates()));
            case Device.Blocked blocked ->
                Optional.of(listed(blocked, blocked.owner(), "blocked", blocked.certificates()));
            case Device.Released released ->
                Optional.of(listed(released, released.formerOwner(), "released", List.of()));
            case Device.Deleted deleted ->
                Optional.of(new Forgotten(deleted.identity().id()));
        };
    }

    private static Listed listed(Device device, Owner owner, String state, List<CertificateReference> certificates) {
        return new Listed(
                device.identity().id(),
                owner,
                device.identity().product(),
                state,
                certificates.stream().map(CertificateReference::fingerprint).toList(),
                device.since());
    }
}
