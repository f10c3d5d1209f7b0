package io.mooring.bridge.trace;

import io.mooring.bridge.message.HeaderReader;
import io.mooring.bridge.message.MessageProperties;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.trace.TraceContext;
import io.mooring.contracts.trace.TraceSettings;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records what the bridge does with messages that belong to a trace. A device's or an application's message belongs to
 * the one that its user property {@code traceparent} names; one that names none begins one, if the sampler says so. What
 * is not recorded carries nothing on. Names and attributes are those of OpenTelemetry's conventions for messaging.
 */
public final class Tracing implements AutoCloseable {
    /** The user property by which a message keeps its trace in the broker's queue; no device gets to see it. */
    public static final String PROPERTY = MessageProperties.OWN + "trace";

    /** Records nothing. */
    public static final Tracing OFF = new Tracing(null);

    private static final Logger LOG = LoggerFactory.getLogger(Tracing.class);
    private static final long CLOSE_SECONDS = 2;

    private final @Nullable OpenTelemetrySdk sdk;
    private final @Nullable Tracer tracer;

    private Tracing(@Nullable OpenTelemetrySdk sdk) {
        this.sdk = sdk;
        this.tracer = sdk == null ? null : sdk.getTracer("io.mooring.bridge");
    }

    /** As the variables of OpenTelemetry say. Those that are wrong are told in the log, and nothing is recorded. */
    public static Tracing of(Map<String, String> environment, String node) {
        if (!TraceSettings.areWanted(environment)) {
            return OFF;
        }
        try {
            Tracing tracing = new Tracing(TraceExport.start(node));
            LOG.info("traces are recorded");
            return tracing;
        } catch (RuntimeException wrong) {
            LOG.error("no traces are recorded: {}", wrong.toString());
            return OFF;
        }
    }

    /** Whether anything may be recorded. */
    public boolean isOn() {
        return tracer != null;
    }

    /**
     * A client's message is about to go to Kafka: if it is recorded, its record says so.
     *
     * @param traceParent what the client says of a trace
     * @param client who sent it: a device or an application
     * @return null if it is not recorded
     */
    public @Nullable Forwarding forwarding(
            @Nullable String traceParent, String client, ProducerRecord<byte[], byte[]> record) {
        if (tracer == null) {
            return null;
        }
        Span receive = begin(
                tracer.spanBuilder("receive mqtt")
                        .setAttribute("messaging.system", "mqtt")
                        .setAttribute("messaging.operation.type", "receive")
                        .setAttribute("messaging.client.id", client),
                SpanKind.CONSUMER,
                TraceContext.parse(traceParent).map(Tracing::remote).orElse(Context.root()));
        if (!receive.getSpanContext().isSampled()) {
            return null;
        }
        Span send = begin(
                tracer.spanBuilder("send " + record.topic())
                        .setAttribute("messaging.system", "kafka")
                        .setAttribute("messaging.operation.type", "send")
                        .setAttribute("messaging.destination.name", record.topic()),
                SpanKind.PRODUCER,
                Context.root().with(receive));
        Forwarding forwarding = new Forwarding(receive, send);
        record.headers().add(EventHeaders.TRACE_PARENT, forwarding.traceParent().getBytes(StandardCharsets.US_ASCII));
        return forwarding;
    }

    /**
     * A record of Kafka's is handed to the broker.
     *
     * @return null if it is not recorded
     */
    public @Nullable Span handing(ConsumerRecord<byte[], byte[]> record) {
        TraceContext cause = tracer == null
                ? null
                : TraceContext.parse(HeaderReader.text(record.headers(), EventHeaders.TRACE_PARENT))
                        .orElse(null);
        if (tracer == null || cause == null || !cause.sampled()) {
            return null;
        }
        return recorded(begin(
                tracer.spanBuilder("receive " + record.topic())
                        .setAttribute("messaging.system", "kafka")
                        .setAttribute("messaging.operation.type", "receive")
                        .setAttribute("messaging.destination.name", record.topic())
                        .setAttribute("messaging.destination.partition.id", Integer.toString(record.partition()))
                        .setAttribute("messaging.kafka.offset", record.offset()),
                SpanKind.CONSUMER,
                remote(cause)));
    }

    /**
     * A message leaves for a device.
     *
     * @param traceParent what {@link #PROPERTY} said
     * @return null if it is not recorded
     */
    public @Nullable Span sending(String traceParent, String device) {
        TraceContext cause = TraceContext.parse(traceParent).orElse(null);
        if (tracer == null || cause == null) {
            return null;
        }
        return recorded(begin(
                tracer.spanBuilder("send mqtt")
                        .setAttribute("messaging.system", "mqtt")
                        .setAttribute("messaging.operation.type", "send")
                        .setAttribute("messaging.client.id", device),
                SpanKind.PRODUCER,
                remote(cause)));
    }

    /** Where a step is. */
    public static TraceContext context(Span span) {
        SpanContext context = span.getSpanContext();
        return new TraceContext(context.getTraceId(), context.getSpanId(), context.isSampled());
    }

    private static @Nullable Span recorded(Span span) {
        return span.getSpanContext().isSampled() ? span : null;
    }

    private static Span begin(SpanBuilder builder, SpanKind kind, Context parent) {
        return builder.setSpanKind(kind).setParent(parent).startSpan();
    }

    private static Context remote(TraceContext cause) {
        SpanContext parent = SpanContext.createFromRemoteParent(
                cause.traceId(),
                cause.parentId(),
                cause.sampled() ? TraceFlags.getSampled() : TraceFlags.getDefault(),
                TraceState.getDefault());
        return Context.root().with(Span.wrap(parent));
    }

    /** Sends what is left, as long as that takes no longer than a stop may. */
    @Override
    public void close() {
        if (sdk != null) {
            sdk.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
        }
    }
}
