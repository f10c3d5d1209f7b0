package io.mooring.metrics.core;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was measured at a time: one value, or many that were gathered before they were told. */
public sealed interface Measured {
    /** One value; finite. */
    record Value(double value) implements Measured {}

    /**
     * Values, and how often each was there; at least one.
     *
     * @param summary what they come to exactly, if it was told besides; they may have been rounded
     */
    record Values(List<Counted> values, @Nullable Summary summary) implements Measured {
        public Values {
            values = List.copyOf(values);
        }
    }

    /**
     * What many values come to. Where between {@code min} and {@code max} the others were is not known; for percentiles they
     * are taken to be at their mean.
     *
     * @param count how many, at least one
     */
    record Summary(long count, double sum, double min, double max) implements Measured {
        /** The mean of all, never beyond the least and the greatest. */
        public double mean() {
            return Math.clamp(sum / count, min, max);
        }

        /** The mean of those that are neither the least nor the greatest; there are some. */
        double meanBetween() {
            return Math.clamp((sum - min - max) / (count - 2), min, max);
        }
    }

    /** A value, and how often it was there; at least once. */
    record Counted(double value, long count) {}
}
