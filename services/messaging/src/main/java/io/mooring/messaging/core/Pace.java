package io.mooring.messaging.core;

import java.time.Duration;

/**
 * How fast a command goes out.
 *
 * @param perMinute devices a minute; 0 for as fast as can be
 */
public record Pace(int perMinute) {
    /** As fast as can be. */
    public static final Pace UNLIMITED = new Pace(0);

    /** The most that goes out in one transaction. */
    public static final int MOST_AT_ONCE = 1_000;

    private static final long NANOS_PER_MINUTE = Duration.ofMinutes(1).toNanos();

    /** How many devices are to be told now: what a second's share is, but one at least. */
    public int batch() {
        return perMinute == 0 ? MOST_AT_ONCE : Math.clamp(perMinute / 60, 1, MOST_AT_ONCE);
    }

    /** How long to wait after so many were told. */
    public Duration pauseAfter(int told) {
        return perMinute == 0 ? Duration.ZERO : Duration.ofNanos(NANOS_PER_MINUTE / perMinute * told);
    }
}
