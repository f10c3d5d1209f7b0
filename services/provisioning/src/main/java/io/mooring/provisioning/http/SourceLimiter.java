package io.mooring.provisioning.http;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A token bucket for each source address. Those not heard of for longest are forgotten, so memory is
 * bounded; a forgotten source starts with a full bucket.
 */
final class SourceLimiter {
    static final int MAX_SOURCES = 20_000;
    private static final double NANOS_PER_SECOND = 1e9;

    private final double perSecond;
    private final int burst;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MAX_SOURCES;
        }
    };

    /** How much was left, and when. */
    private record Bucket(double left, long atNanos) {}

    SourceLimiter(double perSecond, int burst) {
        this.perSecond = perSecond;
        this.burst = burst;
    }

    /** Whether a source has any left. */
    synchronized boolean hasLeft(String address, long nowNanos) {
        return left(source(address), nowNanos) >= 1;
    }

    /** Takes one; false if there is none left. */
    synchronized boolean take(String address, long nowNanos) {
        String source = source(address);
        double left = left(source, nowNanos);
        buckets.put(source, new Bucket(left >= 1 ? left - 1 : left, nowNanos));
        return left >= 1;
    }

    /** How many sources are remembered. */
    synchronized int sources() {
        return buckets.size();
    }

    private double left(String source, long nowNanos) {
        Bucket bucket = buckets.get(source);
        if (bucket == null) {
            return burst;
        }
        double refilled = (nowNanos - bucket.atNanos()) / NANOS_PER_SECOND * perSecond;
        return Math.min(burst, bucket.left() + refilled);
    }

    /** An IPv4 address, or the /64 of an IPv6 address: whoever has one address there has them all. */
    static String source(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        String[] groups = address.split(":", -1);
        boolean full = groups.length >= 8 && !address.contains("::");
        return full ? String.join(":", groups[0], groups[1], groups[2], groups[3]) : address;
    }
}
