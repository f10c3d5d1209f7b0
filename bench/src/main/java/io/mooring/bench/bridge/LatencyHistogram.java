package io.mooring.bench.bridge;

/** Times in microseconds, in buckets that are at most 3 % wide. Used by one thread. */
final class LatencyHistogram {
    private static final int STEPS = 32;

    private final long[] counts = new long[64 * STEPS];
    private long total;

    void record(long nanos) {
        counts[bucket(Math.max(1, nanos / 1_000))]++;
        total++;
    }

    void add(LatencyHistogram other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        total += other.total;
    }

    void clear() {
        java.util.Arrays.fill(counts, 0);
        total = 0;
    }

    /** The time in milliseconds that a share of all stayed below; 0 if nothing was recorded. */
    double millis(double share) {
        long rank = (long) Math.ceil(share * total);
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= rank && seen > 0) {
                return upper(i) / 1_000.0;
            }
        }
        return 0;
    }

    private static int bucket(long micros) {
        int magnitude = 63 - Long.numberOfLeadingZeros(micros);
        long step = magnitude <= 5 ? micros - (1L << magnitude) : (micros - (1L << magnitude)) >> (magnitude - 5);
        return magnitude * STEPS + (int) step;
    }

    private static long upper(int bucket) {
        int magnitude = bucket / STEPS;
        long step = bucket % STEPS;
        return (1L << magnitude) + (magnitude <= 5 ? step : (step + 1) << (magnitude - 5));
    }
}
