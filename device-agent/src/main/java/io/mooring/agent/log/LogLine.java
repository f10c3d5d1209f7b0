package io.mooring.agent.log;

import org.jspecify.annotations.Nullable;

/**
 * A line that was captured.
 *
 * @param millis when it was logged, since 1970
 * @param level trace, debug, info, warn, error or fatal; null if it does not say
 */
record LogLine(long millis, @Nullable String level, String text) {}
