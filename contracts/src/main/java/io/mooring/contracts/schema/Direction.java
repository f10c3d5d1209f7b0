package io.mooring.contracts.schema;

import java.util.Locale;
import java.util.Optional;

/** Which way a model's rows go. */
public enum Direction {
    UP,
    DOWN,
    BOTH,
    NONE;

    /** The direction a schema names: {@code up}, {@code down}, {@code both}, {@code none}. */
    public static Optional<Direction> named(String name) {
        for (Direction direction : values()) {
            if (direction.name().toLowerCase(Locale.ROOT).equals(name)) {
                return Optional.of(direction);
            }
        }
        return Optional.empty();
    }

    /** Whether what a device writes stands in the cloud. */
    public boolean goesUp() {
        return this == UP || this == BOTH;
    }

    /** Whether what the cloud writes goes to devices. */
    public boolean goesDown() {
        return this == DOWN || this == BOTH;
    }
}
