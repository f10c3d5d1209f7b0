package io.mooring.sync.http;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A token bucket for each of many sources of requests. Those not heard of for longest are forgotten, so memory is bounded; a
 * forgotten one starts with a full bucket.
 */
final class TokenBuckets {
    /** The most that are remembered. */
    static final int MAX_BUCKETS = 20_000;

    private static final double NANOS_PER_SECOND = 1e9;

    private final double perSecond;
    private final int burst;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MAX_BUCKETS;
        }
    };

    /** How much was left, and when. */
    private record Bucket(double left, long atNanos) {}

    public TokenBuckets(double perSecond, int burst) {
        this.perSecond = perSecond;
        this.burst = burst;
    }

    /** Whether somebody has any left. */
    public synchronized boolean hasLeft(String whose, long nowNanos) {
        return left(whose, nowNanos) >= 1;
    }

    /** Takes one; false if there is none left. */
    public synchronized boolean take(String whose, long nowNanos) {
        double left = left(whose, nowNanos);
        buckets.put(whose, new Bucket(left >= 1 ? left - 1 : left, nowNanos));
        return left >= 1;
    }

    private double left(String whose, long nowNanos) {
        Bucket bucket = buckets.get(whose);
        if (bucket == null) {
            return burst;
        }
        double refilled = (nowNanos - bucket.atNanos()) / NANOS_PER_SECOND * perSecond;
        return Math.min(burst, bucket.left() + refilled);
    }
}
