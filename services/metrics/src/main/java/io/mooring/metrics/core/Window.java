package io.mooring.metrics.core;

import java.util.Collection;

/**
 * All values of a series in some time, summed up. Windows merge: those of a minute make that of an hour, and nothing is lost
 * but when within it each value was.
 *
 * @param count how many; 0 if there was none, and then nothing else means anything
 * @param sum of all
 * @param min the least
 * @param max the greatest
 * @param last the newest
 * @param lastMillis when that was measured
 * @param sketch how they are distributed, see {@link Sketch}
 */
public record Window(long count, double sum, double min, double max, double last, long lastMillis, byte[] sketch) {
    /** Nothing. */
    public static final Window EMPTY = new Window(0, 0, 0, 0, 0, Long.MIN_VALUE, new byte[0]);

    /** All of these as one. */
    public static Window of(Collection<Window> windows) {
        WindowSum sum = new WindowSum();
        windows.forEach(sum::add);
        return sum.window();
    }

    /** What somebody wants to know of it; 0 if there was no value (as the agent's own cloud answers). */
    public double value(Statistic statistic) {
        if (count == 0) {
            return 0;
        }
        return switch (statistic) {
            case AVG -> sum / count;
            case SUM -> sum;
            case MIN -> min;
            case MAX -> max;
            case COUNT -> count;
            case LAST -> last;
            case P50, P90, P99 -> Math.clamp(Sketch.of(sketch).quantile(statistic.share()), min, max);
        };
    }
}
