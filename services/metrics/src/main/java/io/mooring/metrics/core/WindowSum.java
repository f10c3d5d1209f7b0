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

    /** What was measured at a time. */
    public void add(Measured measured, long millis) {
        switch (measured) {
            case Measured.Value(double value) -> add(value, millis);
            case Measured.Values many -> add(many, millis);
            case Measured.Summary summary -> add(summary, millis);
        }
    }

    private void add(Measured.Values many, long millis) {
        Measured.Summary summary = many.summary();
        if (summary != null) {
            note(summary, millis);
        }
        for (Measured.Counted each : many.values()) {
            double value = each.value();
            if (summary == null) {
                note(each.count(), value * each.count(), value, value, value, millis);
            }
            values.add(value, each.count());
        }
        hasValues = true;
    }

    private void note(Measured.Summary summary, long millis) {
        note(summary.count(), summary.sum(), summary.min(), summary.max(), summary.mean(), millis);
    }

    private void add(Measured.Summary summary, long millis) {
        note(summary, millis);
        values.add(summary.min(), 1);
        if (summary.count() > 1) {
            values.add(summary.max(), 1);
        }
        if (summary.count() > 2) {
            values.add(summary.meanBetween(), summary.count() - 2);
        }
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
