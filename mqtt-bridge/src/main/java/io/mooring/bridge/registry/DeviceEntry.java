package io.mooring.bridge.registry;

import java.util.Set;

/**
 * What the registry says of one device.
 *
 * @param device its id
 * @param cloud the device cloud it belongs to
 * @param account the account that owns it
 * @param product what kind of device it is; empty if the registry does not say
 * @param state whether it may connect at all
 * @param certificates the certificates it may use
 */
public record DeviceEntry(
        String device, String cloud, String account, String product, State state, Set<Fingerprint> certificates) {
    /** Whether a device may connect at all. */
    public enum State {
        ACTIVE,
        BLOCKED,
        RELEASED
    }

    public DeviceEntry {
        certificates = Set.copyOf(certificates);
    }
}
