package io.mooring.messaging.core;

import java.util.Locale;
import java.util.Optional;

/** What an event that an application hears is of. */
public enum EventKind {
    COMMAND,
    PRESENCE,
    MESSAGE;

    /** Its name on the wire. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The kind of a name on the wire. */
    public static Optional<EventKind> of(String text) {
        for (EventKind kind : values()) {
            if (kind.text().equals(text)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
