package io.mooring.logs.core;

import java.time.Duration;

/**
 * How much a line may say.
 *
 * @param textBytes the longest text, in bytes of UTF-8
 * @param fieldsBytes the longest fields
 * @param past how long before it came it may have been logged
 * @param future how long after it came; a clock may be that much ahead
 */
public record LineLimits(int textBytes, int fieldsBytes, Duration past, Duration future) {
    /** Longest name of a source, in characters. */
    public static final int SOURCE = 64;

    /** CloudWatch Logs' own bounds of time (API reference, PutLogEvents); texts of 64 KiB. */
    public static final LineLimits DEFAULT = new LineLimits(65_536, 4_096, Duration.ofDays(14), Duration.ofHours(2));
}
