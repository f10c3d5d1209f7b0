package io.mooring.sync.trace;

import io.mooring.contracts.trace.TraceContext;
import io.mooring.sync.core.ChangeTrace;
import io.mooring.sync.core.ChangedRow;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is recorded of a batch: a step for each of its parts that belongs to a trace, and one for what is done for all of
 * them together, with links to those. Does nothing if there are none.
 */
public final class RecordedBatch {
    private final @Nullable Tracer tracer;
    private final String topic;
    private final List<Span> steps = new ArrayList<>(0);
    private @Nullable Span together;

    RecordedBatch(@Nullable Tracer tracer, String topic) {
        this.tracer = tracer;
        this.topic = topic;
    }

    /**
     * Begins the step of a record.
     *
     * @param cause the step that it follows from
     * @return where the trace goes on: the cause, if nothing is recorded
     */
    public TraceContext begin(TraceContext cause) {
        return tracer == null ? cause : step(tracer, remote(cause));
    }

    /**
     * Begins the steps of changes: their way from the commit through change data capture, which is over, and what is done
     * with them now; one for each trace, however many changes.
     *
     * @return the changes, with where their traces go on
     */
    public List<ChangedRow> begin(List<ChangedRow> changes) {
        Tracer from = tracer;
        if (from == null || changes.stream().allMatch(change -> change.trace() == null)) {
            return changes;
        }
        Map<ChangeTrace, ChangeTrace> begun = new HashMap<>();
        List<ChangedRow> traced = new ArrayList<>(changes.size());
        for (ChangedRow change : changes) {
            ChangeTrace trace = change.trace();
            traced.add(
                    trace == null
                            ? change
                            : change.within(begun.computeIfAbsent(
                                    trace, cause -> cause.at(step(from, captured(from, cause))))));
        }
        return traced;
    }

    private static Context captured(Tracer from, ChangeTrace cause) {
        Span span = from.spanBuilder("capture")
                .setParent(remote(cause.context()))
                .setAttribute("messaging.system", "postgresql")
                .setStartTimestamp(cause.committedMicros(), TimeUnit.MICROSECONDS)
                .startSpan();
        // Of two clocks: no step ends before it began.
        span.end(Math.max(cause.committedMicros(), cause.capturedMicros()), TimeUnit.MICROSECONDS);
        return Context.root().with(span);
    }

    private TraceContext step(Tracer from, Context parent) {
        Span span = from.spanBuilder("process " + topic)
                .setSpanKind(SpanKind.CONSUMER)
                .setParent(parent)
                .setAttribute("messaging.system", "kafka")
                .setAttribute("messaging.operation.type", "process")
                .setAttribute("messaging.destination.name", topic)
                .startSpan();
        steps.add(span);
        SpanContext context = span.getSpanContext();
        return new TraceContext(context.getTraceId(), context.getSpanId(), context.isSampled());
    }

    /**
     * Begins what is done for all together; belongs to the first one's trace.
     *
     * @param what the step's name
     * @param messages how many there are, recorded or not
     */
    public void together(String what, int messages) {
        if (tracer == null || steps.isEmpty()) {
            return;
        }
        SpanBuilder builder = tracer.spanBuilder(what)
                .setParent(Context.root().with(steps.getFirst()))
                .setAttribute("messaging.batch.message_count", messages);
        steps.forEach(step -> builder.addLink(step.getSpanContext()));
        together = builder.startSpan();
    }

    /** What is done for all together is done. */
    public void done() {
        if (together != null) {
            together.end();
            together = null;
        }
    }

    /** All of it is over. */
    public void end() {
        done();
        steps.forEach(Span::end);
        steps.clear();
    }

    /** All of it is over, and has failed. */
    public void fail(RuntimeException why) {
        if (together != null) {
            together.setStatus(StatusCode.ERROR, why.toString());
        }
        steps.forEach(step -> step.setStatus(StatusCode.ERROR, why.toString()));
        end();
    }

    private static Context remote(TraceContext cause) {
        SpanContext parent = SpanContext.createFromRemoteParent(
                cause.traceId(),
                cause.parentId(),
                cause.sampled() ? TraceFlags.getSampled() : TraceFlags.getDefault(),
                TraceState.getDefault());
        return Context.root().with(Span.wrap(parent));
    }
}
