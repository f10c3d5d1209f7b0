package io.mooring.bridge.trace;

import io.mooring.bridge.kafka.RecordSender;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import org.jspecify.annotations.Nullable;

/** A message that is on its way from MQTT to Kafka, and recorded: received, and sent until Kafka has answered. */
public final class Forwarding {
    private final Span receive;
    private final Span send;

    Forwarding(Span receive, Span send) {
        this.receive = receive;
        this.send = send;
    }

    /** Where the trace goes on, as {@code traceparent}. */
    public String traceParent() {
        return Tracing.context(send).toString();
    }

    /** Has Kafka's answer noted before somebody is told. */
    public RecordSender.Outcome before(RecordSender.Outcome told) {
        return failure -> {
            end(failure);
            told.done(failure);
        };
    }

    private void end(@Nullable Exception failure) {
        if (failure != null) {
            send.setStatus(StatusCode.ERROR, failure.toString());
            receive.setStatus(StatusCode.ERROR);
        }
        send.end();
        receive.end();
    }
}
