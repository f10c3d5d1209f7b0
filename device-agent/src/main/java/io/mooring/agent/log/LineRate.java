package io.mooring.agent.log;

/** How many lines of a source are captured: a token bucket, and how many it did not let through. */
final class LineRate {
    private static final double NANOS_PER_SECOND = 1e9;

    private final double perSecond;
    private final int burst;
    private double left;
    private long atNanos;
    private long dropped;

    LineRate(double perSecond, int burst, long nowNanos) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.left = burst;
        this.atNanos = nowNanos;
    }

    /** Whether a line is captured; else it is counted. */
    boolean take(long nowNanos) {
        refill(nowNanos);
        if (left < 1) {
            dropped++;
            return false;
        }
        left--;
        return true;
    }

    /** How many were dropped since it was last asked; only once lines can be captured again, else 0. */
    long dropped(long nowNanos) {
        refill(nowNanos);
        if (left < 1 || dropped == 0) {
            return 0;
        }
        long all = dropped;
        dropped = 0;
        left--;
        return all;
    }

    private void refill(long nowNanos) {
        left = Math.min(burst, left + (nowNanos - atNanos) / NANOS_PER_SECOND * perSecond);
        atNanos = nowNanos;
    }
}
