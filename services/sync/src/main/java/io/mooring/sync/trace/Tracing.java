package io.mooring.sync.trace;

import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.trace.TraceContext;
import io.mooring.contracts.trace.TraceSettings;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Records what the service does with what belongs to a trace, if it is to be. It begins none by itself. */
@Singleton
public class Tracing {
    private static final Logger LOG = Logger.getLogger(Tracing.class);
    private static final long CLOSE_SECONDS = 2;

    private final @Nullable OpenTelemetrySdk sdk;
    private final @Nullable Tracer tracer;

    public Tracing() {
        sdk = TraceSettings.areWanted(System.getenv()) ? start() : null;
        tracer = sdk == null ? null : sdk.getTracer("io.mooring.sync");
    }

    private static @Nullable OpenTelemetrySdk start() {
        try {
            OpenTelemetrySdk started = TraceExport.start();
            LOG.info("traces are recorded");
            return started;
        } catch (RuntimeException wrong) {
            LOG.errorf("no traces are recorded: %s", wrong);
            return null;
        }
    }

    /** Sends what is left, as long as that takes no longer than a stop may. */
    @PreDestroy
    void close() {
        if (sdk != null) {
            sdk.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
        }
    }

    /** Whether anything may be recorded. */
    public boolean isOn() {
        return tracer != null;
    }

    /** The recorded step that a record follows from; null if there is none, or nothing is recorded here. */
    public @Nullable TraceContext cause(ConsumerRecord<?, ?> record) {
        Header header = tracer == null ? null : record.headers().lastHeader(EventHeaders.TRACE_PARENT);
        return header == null || header.value() == null
                ? null
                : TraceContext.parse(new String(header.value(), StandardCharsets.UTF_8))
                        .filter(TraceContext::sampled)
                        .orElse(null);
    }

    /** For what is read from a topic at once. */
    public RecordedBatch batch(String topic) {
        return new RecordedBatch(tracer, topic);
    }
}
