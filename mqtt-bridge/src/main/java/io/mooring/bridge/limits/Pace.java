package io.mooring.bridge.limits;

import java.util.concurrent.TimeUnit;

/**
 * How fast one device or application may speak: a bucket that holds ten seconds' worth, so that one may catch
 * up after it was away. Used by one thread at a time.
 */
public final class Pace {
    /** What to do with a message. */
    public enum Verdict {
        FINE,
        /** Taken, but the device should slow down. */
        WARN,
        /** Too many; not taken. */
        REFUSE
    }

    private static final int BURST_SECONDS = 10;
    private static final long WARN_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final double perNano;
    private final double capacity;
    private double tokens;
    private long lastNanos;
    private long warnedNanos;
    private boolean warned;

    public Pace(int perSecond, long nowNanos) {
        perNano = perSecond / 1e9;
        capacity = (double) perSecond * BURST_SECONDS;
        tokens = capacity;
        lastNanos = nowNanos;
    }

    /** One more message. */
    public Verdict next(long nowNanos) {
        tokens = Math.min(capacity, tokens + (nowNanos - lastNanos) * perNano);
        lastNanos = nowNanos;
        if (tokens < 1) {
            return Verdict.REFUSE;
        }
        tokens--;
        boolean mayWarn = !warned || nowNanos - warnedNanos > WARN_NANOS;
        if (tokens < capacity / 2 && mayWarn) {
            warned = true;
            warnedNanos = nowNanos;
            return Verdict.WARN;
        }
        return Verdict.FINE;
    }
}
