package io.mooring.metrics.core;

import java.util.List;

/**
 * Values over time.
 *
 * @param dimensions of the series, or those it was grouped by
 * @param windows one after the other, only those with values
 * @param total all of them as one; its last value is the newest there is, also if that is older than the windows
 */
public record Series(Dimensions dimensions, List<At> windows, Window total) {
    /** A window, and when it begins, in seconds since 1970. */
    public record At(long start, Window window) {}

    public Series {
        windows = List.copyOf(windows);
    }
}
