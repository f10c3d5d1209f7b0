package io.mooring.metrics.core;

/**
 * How long windows of some length are kept, before they are merged into longer ones.
 *
 * @param period for how long, in seconds
 * @param bucket how long each window is, in seconds
 */
public record Span(long period, long bucket) {
    public Span {
        if (bucket < 1 || period < bucket) {
            throw new IllegalArgumentException("a span is at least as long as its windows, and these a second");
        }
    }

    /** When the window begins that a time lies in; both in seconds since 1970. */
    public long start(long seconds) {
        return Math.floorDiv(seconds, bucket) * bucket;
    }

    /**
     * The first window of a query that ends at some time: the first to begin within the period before it. So the oldest
     * window is always a whole one.
     */
    public long firstStart(long endSeconds) {
        return Math.ceilDiv(endSeconds - period, bucket) * bucket;
    }
}
