package io.mooring.sync.core;

import io.mooring.contracts.trace.TraceContext;

/**
 * The trace that a change belongs to.
 *
 * @param context the step that it follows from
 * @param committedMicros when it was committed, in microseconds since 1970, by the clock of the database
 * @param capturedMicros when change data capture had read it, likewise by its own clock
 */
public record ChangeTrace(TraceContext context, long committedMicros, long capturedMicros) {
    /** The same change, with a later step. */
    public ChangeTrace at(TraceContext later) {
        return new ChangeTrace(later, committedMicros, capturedMicros);
    }
}
