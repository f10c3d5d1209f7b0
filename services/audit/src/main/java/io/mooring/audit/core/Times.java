package io.mooring.audit.core;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Times as records and digests say them: {@code yyyy-MM-dd'T'HH:mm:ss'Z'}, to the second. */
final class Times {
    private Times() {}

    static String text(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /**
     * Reads a time.
     *
     * @throws DateTimeException if it is none, or not to the second
     */
    static Instant of(String text) {
        Instant time = Instant.parse(text);
        if (!text(time).equals(text)) {
            throw new DateTimeException("'" + text + "' is no time of the form 2026-09-01T10:00:00Z");
        }
        return time;
    }
}
