package io.mooring.logs.core;

import java.util.Optional;

/** Where a page ends: lines are in the order of their times, those of one ms in the order in which they were taken. */
public record Cursor(long millis, long seq) {
    /** As callers see it. */
    public String text() {
        return millis + "-" + seq;
    }

    /** What {@link #text} said. */
    public static Optional<Cursor> of(String text) {
        if (!text.matches("[0-9]{1,15}-[0-9]{1,18}")) {
            return Optional.empty();
        }
        int dash = text.indexOf('-');
        return Optional.of(
                new Cursor(Long.parseLong(text.substring(0, dash)), Long.parseLong(text.substring(dash + 1))));
    }
}
