package io.mooring.metrics.core;

/** Numbers as text, as JavaScript writes them: whole ones without a fraction. */
public final class Numbers {
    private static final double WHOLE = 1e15;

    private Numbers() {}

    public static String text(double value) {
        return value == Math.rint(value) && Math.abs(value) < WHOLE
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
