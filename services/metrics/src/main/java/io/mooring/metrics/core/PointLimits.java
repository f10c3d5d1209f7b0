package io.mooring.metrics.core;

import java.time.Duration;

/**
 * How much a device may say at once.
 *
 * @param points in one batch
 * @param dimensions names in one set
 * @param sets of dimensions of one point
 * @param past how long before it came a point may have been measured
 * @param future how long after it came; a clock may be that much ahead
 */
public record PointLimits(int points, int dimensions, int sets, Duration past, Duration future) {
    /** The longest name of a metric or a dimension, and the longest value of a dimension, in characters (as CloudWatch). */
    public static final int NAME = 255;

    public static final int VALUE = 1024;

    /** How many bytes a set of dimensions takes at most, names and values in UTF-8: it is a key of the database's. */
    public static final int SET_BYTES = 1_500;

    /** The largest magnitude of a value: 2^360, as in CloudWatch. Sums of these stay finite. */
    public static final double MAGNITUDE = 0x1p360;

    /** 1,000 points at once; two weeks late to two hours early, as CloudWatch. */
    public static final PointLimits DEFAULT = new PointLimits(1_000, 10, 10, Duration.ofDays(14), Duration.ofHours(2));
}
