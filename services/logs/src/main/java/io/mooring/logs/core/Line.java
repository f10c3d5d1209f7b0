package io.mooring.logs.core;

import org.jspecify.annotations.Nullable;

/**
 * A line of a log; it may have several rows, as a stack trace has.
 *
 * @param millis when it was logged, since 1970
 * @param source what logged it, by the device's own names; empty if it does not say
 * @param fields more about it, as JSON; null if there is none
 */
public record Line(
        long millis,
        Level level,
        String source,
        String text,
        @Nullable String fields) {}
