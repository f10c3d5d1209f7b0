package io.mooring.metrics.core;

import java.io.ByteArrayOutputStream;

/** Sums up values and windows to one window. Of values at the same time the later added is the last. */
public final class WindowSum {
    private long count;
    private double sum;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;
    private double last;
    private long lastMillis = Long.MIN_VALUE;
    private final Sketch values = Sketch.ofFew();
    private boolean hasValues;
    private final ByteArrayOutputStream sketches = new ByteArrayOutputStream(0);

    /** One more value. */
    public void add(double value, long millis) {
        note(1, value, value, value, value, millis);
        values.add(value);
        hasValues = true;
    }

    /** All that is in a window. */
    public void add(Window window) {
        if (window.count() > 0) {
            note(window.count(), window.sum(), window.min(), window.max(), window.last(), window.lastMillis());
            sketches.writeBytes(window.sketch());
        }
    }

    private void note(long more, double itsSum, double itsMin, double itsMax, double itsLast, long itsMillis) {
        count += more;
        sum += itsSum;
        min = Math.min(min, itsMin);
        max = Math.max(max, itsMax);
        if (itsMillis >= lastMillis) {
            last = itsLast;
            lastMillis = itsMillis;
        }
    }

    public long count() {
        return count;
    }

    /** The whole as one window. */
    public Window window() {
        if (count == 0) {
            return Window.EMPTY;
        }
        return new Window(count, sum, min, max, last, lastMillis, sketch());
    }

    private byte[] sketch() {
        if (sketches.size() == 0) {
            return values.bytes();
        }
        Sketch whole = Sketch.of(sketches.toByteArray());
        if (hasValues) {
            whole.add(values.bytes());
        }
        return whole.bytes();
    }
}
