package io.mooring.provisioning.core;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the brokers need to know of a device: a positive list, so that a certificate is revoked by not
 * being on it.
 *
 * @param state {@code active}, {@code blocked} or {@code released}
 * @param certificates fingerprints of what it may connect with
 * @param since since when it is in this state; what was issued to it in an earlier one is worth nothing
 */
public record RegistryEntry(
        String device, Owner owner, String product, String state, List<String> certificates, Instant since) {
    public RegistryEntry {
        certificates = List.copyOf(certificates);
    }

    /** The entry of a device; empty for one that nobody ever owned. */
    public static Optional<RegistryEntry> of(Device device) {
        return switch (device) {
            case Device.Registered registered -> Optional.empty();
            case Device.Claimed claimed -> Optional.of(entry(claimed, claimed.owner(), "active", List.of()));
            case Device.Provisioned provisioned ->
                Optional.of(entry(provisioned, provisioned.owner(), "active", provisioned.certificates()));
            case Device.Blocked blocked ->
                Optional.of(entry(blocked, blocked.owner(), "blocked", blocked.certificates()));
            case Device.Released released ->
                Optional.of(entry(released, released.formerOwner(), "released", List.of()));
        };
    }

    private static RegistryEntry entry(
            Device device, Owner owner, String state, List<CertificateReference> certificates) {
        return new RegistryEntry(
                device.identity().id(),
                owner,
                device.identity().product(),
                state,
                certificates.stream().map(CertificateReference::fingerprint).toList(),
                device.since());
    }
}
