package io.mooring.metrics.core;

import java.util.Locale;
import java.util.Optional;

/** What can be asked of values. */
public enum Statistic {
    AVG,
    SUM,
    MIN,
    MAX,
    COUNT,
    /** The newest; devices call it {@code current}. */
    LAST,
    P50,
    P90,
    P99;

    /** As APIs say it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The statistic of this label; empty if there is none. */
    public static Optional<Statistic> of(String label) {
        if (label.equals("current")) {
            return Optional.of(LAST);
        }
        for (Statistic statistic : values()) {
            if (statistic.label().equals(label)) {
                return Optional.of(statistic);
            }
        }
        return Optional.empty();
    }

    /** The share of values that lies below a percentile. */
    double share() {
        return switch (this) {
            case P50 -> 0.5;
            case P90 -> 0.9;
            case P99 -> 0.99;
            default -> throw new IllegalStateException(this + " is no percentile");
        };
    }
}
