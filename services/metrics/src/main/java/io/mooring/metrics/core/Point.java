package io.mooring.metrics.core;

import java.util.List;

/**
 * Something measured at a time.
 *
 * @param metric its name
 * @param dimensions each of these is a series that it counts for, once
 * @param millis when it was measured, in ms since 1970
 */
public record Point(String metric, List<Dimensions> dimensions, Measured measured, long millis) {
    public Point {
        dimensions = List.copyOf(dimensions);
    }

    /** One value. */
    public Point(String metric, List<Dimensions> dimensions, double value, long millis) {
        this(metric, dimensions, new Measured.Value(value), millis);
    }
}
