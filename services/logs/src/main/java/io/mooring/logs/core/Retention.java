package io.mooring.logs.core;

import java.util.List;

/**
 * For how many days lines may be kept. Only some numbers: those that CloudWatch Logs knows (API reference, PutRetentionPolicy),
 * so that the same holds there, and so that there are few tables.
 */
public final class Retention {
    /** The numbers, the smallest first. */
    public static final List<Integer> DAYS = List.of(
            1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653);

    /** One day, in ms. */
    public static final long DAY = 86_400_000L;

    private Retention() {}

    /** Whether lines may be kept for so many days. */
    public static boolean isKnown(int days) {
        return DAYS.contains(days);
    }

    /** The day of a time: since 1970. */
    public static long day(long millis) {
        return Math.floorDiv(millis, DAY);
    }

    /** Whether lines of a day, kept for so many, are over. */
    public static boolean isOver(long day, int keep, long nowMillis) {
        return (day + 1 + keep) * DAY <= nowMillis;
    }
}
