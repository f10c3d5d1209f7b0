package io.mooring.files;

import java.util.LinkedHashMap;
import java.util.Map;

/** How often somebody may be refused before it is not listened to for a while: a token bucket for each, the latest 20,000. */
final class FailureLimiter {
    private static final int MOST = 20_000;
    private static final double NANOS_PER_SECOND = 1e9;

    private final double perSecond;
    private final int burst;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MOST;
        }
    };

    /** How much was left, and when. */
    private record Bucket(double left, long atNanos) {}

    FailureLimiter(double perSecond, int burst) {
        this.perSecond = perSecond;
        this.burst = burst;
    }

    /** Whether it is listened to. */
    synchronized boolean hasLeft(String who, long nowNanos) {
        return left(who, nowNanos) >= 1;
    }

    /** It was refused once more. */
    synchronized void failed(String who, long nowNanos) {
        double left = left(who, nowNanos);
        buckets.put(who, new Bucket(Math.max(0, left - 1), nowNanos));
    }

    private double left(String who, long nowNanos) {
        Bucket bucket = buckets.get(who);
        return bucket == null
                ? burst
                : Math.min(burst, bucket.left() + (nowNanos - bucket.atNanos()) / NANOS_PER_SECOND * perSecond);
    }

    /** Who has one IPv6 address has the /64 around it. */
    static String source(String address) {
        String[] groups = address.split(":", -1);
        return groups.length >= 8 && !address.contains("::")
                ? String.join(":", groups[0], groups[1], groups[2], groups[3])
                : address;
    }
}
