package io.mooring.bench.cloud;

import java.util.Locale;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** Times that were measured, all of them kept. Safe for use by many threads. */
public final class Times {
    private static final double NANOS_PER_MILLI = 1e6;

    private final ConcurrentSkipListMap<Long, AtomicLong> counts = new ConcurrentSkipListMap<>();
    private final AtomicLong total = new AtomicLong();

    public void record(long nanos) {
        counts.computeIfAbsent(nanos, time -> new AtomicLong()).incrementAndGet();
        total.incrementAndGet();
    }

    public long count() {
        return total.get();
    }

    /** The time in ms that a share of all stayed at or below; 0 if nothing was measured. */
    public double millis(double share) {
        long rank = (long) Math.ceil(share * total.get());
        long seen = 0;
        for (var entry : counts.entrySet()) {
            seen += entry.getValue().get();
            if (seen >= rank) {
                return entry.getKey() / NANOS_PER_MILLI;
            }
        }
        return 0;
    }

    /** For people. */
    public String summary() {
        return String.format(Locale.ROOT, "p50 %7.1f   p99 %7.1f   max %7.1f ms", millis(0.5), millis(0.99), millis(1));
    }

    /** For programs. */
    public String json() {
        return String.format(
                Locale.ROOT,
                "{\"count\":%d,\"p50Millis\":%.1f,\"p99Millis\":%.1f,\"maxMillis\":%.1f}",
                count(),
                millis(0.5),
                millis(0.99),
                millis(1));
    }
}
