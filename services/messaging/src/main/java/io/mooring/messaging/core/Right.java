package io.mooring.messaging.core;

import java.util.Locale;
import java.util.Optional;

/** What an application may do with the devices it reaches. */
public enum Right {
    /** See devices, their presence, shadows and commands. */
    READ,
    /** Command devices. */
    COMMAND,
    /** Change shadows. */
    WRITE,
    /** Publish on application topics. */
    PUBLISH,
    /** Hear application topics. */
    SUBSCRIBE;

    /** As APIs say it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The right of this label; empty if there is none. */
    public static Optional<Right> of(String label) {
        for (Right right : values()) {
            if (right.label().equals(label)) {
                return Optional.of(right);
            }
        }
        return Optional.empty();
    }
}
