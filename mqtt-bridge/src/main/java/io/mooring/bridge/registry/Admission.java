package io.mooring.bridge.registry;

import org.jspecify.annotations.Nullable;

/** Whether a device with a certificate may be connected. */
public sealed interface Admission {
    /** It may. */
    record Admitted(DeviceEntry entry) implements Admission {}

    /**
     * It may not.
     *
     * @param code why, for machines
     * @param mayChange whether the registry may just not have heard yet, so that waiting can help
     */
    record Refused(String code, boolean mayChange) implements Admission {}

    /** The certificate names no device, or another than the client's id. */
    String WRONG_IDENTITY = "identity-mismatch";

    /** The certificate's time is over, or has not come; the TLS handshake may not have looked (session resumption). */
    String EXPIRED_CERTIFICATE = "certificate-expired";

    String EARLY_CERTIFICATE = "certificate-not-yet-valid";
    /** The registry holds as many devices as it may, and not this one. */
    String REGISTRY_FULL = "registry-full";

    String UNKNOWN_DEVICE = "device-unknown";
    String BLOCKED_DEVICE = "device-blocked";
    String RELEASED_DEVICE = "device-released";
    String UNKNOWN_CERTIFICATE = "certificate-not-listed";

    /** Decides by what the registry says of the device, which is null if it says nothing. */
    static Admission decide(@Nullable DeviceEntry entry, Fingerprint fingerprint) {
        if (entry == null) {
            return new Refused(UNKNOWN_DEVICE, true);
        }
        return switch (entry.state()) {
            case BLOCKED -> new Refused(BLOCKED_DEVICE, false);
            case RELEASED -> new Refused(RELEASED_DEVICE, true);
            case ACTIVE ->
                entry.certificates().contains(fingerprint)
                        ? new Admitted(entry)
                        : new Refused(UNKNOWN_CERTIFICATE, true);
        };
    }
}
