package io.mooring.provisioning.core;

import java.util.List;
import java.util.Optional;

/**
 * What a decision comes to.
 *
 * @param device the device from now on
 * @param events what happened, in order
 * @param registry what the brokers must be told, if anything new
 * @param revocations what the certificate authority must be told
 */
public record Change(
        Device device, List<DeviceEvent> events, Optional<RegistryEntry> registry, List<Revocation> revocations) {
    public Change {
        events = List.copyOf(events);
        revocations = List.copyOf(revocations);
    }
}
