package io.mooring.e2e;

import java.util.Arrays;
import java.util.Locale;

/** Times in milliseconds, and what most of them stayed below. Safe for use by several threads. */
public final class Latencies {
    private double[] millis = new double[1024];
    private int count;

    public synchronized void add(double value) {
        if (count == millis.length) {
            millis = Arrays.copyOf(millis, count * 2);
        }
        millis[count++] = value;
    }

    public synchronized int count() {
        return count;
    }

    /**
     * The value that a share of all times does not exceed (nearest rank), in ms with one decimal; {@code -} if there are none.
     *
     * @param share 0 to 1, such as 0.99
     */
    public synchronized String percentile(double share) {
        if (count == 0) {
            return "-";
        }
        double[] sorted = Arrays.copyOf(millis, count);
        Arrays.sort(sorted);
        int rank = Math.max(1, (int) Math.ceil(share * count));
        return String.format(Locale.ROOT, "%.1f", sorted[rank - 1]);
    }
}
