package io.mooring.messaging.trace;

import io.mooring.contracts.trace.TraceContext;
import io.mooring.contracts.trace.TraceSettings;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Records calls that belong to a trace: the one that the header {@code traceparent} names (W3C Trace Context, section 3.2),
 * or one that begins with the call, if the sampler says so. What a recorded call writes to the database carries it on.
 */
@Singleton
public class Tracing {
    private static final Logger LOG = Logger.getLogger(Tracing.class);
    private static final long CLOSE_SECONDS = 2;
    private static final int SERVER_ERROR = 500;

    /** A call's work. */
    @FunctionalInterface
    public interface Work {
        Response answer() throws SQLException;
    }

    private final @Nullable OpenTelemetrySdk sdk;
    private final @Nullable Tracer tracer;

    public Tracing() {
        sdk = TraceSettings.areWanted(System.getenv()) ? start() : null;
        tracer = sdk == null ? null : sdk.getTracer("io.mooring.messaging");
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

    /** Does a call's work, recorded if it is to be. Names and attributes are those of OpenTelemetry's conventions for HTTP. */
    public Response serve(HttpServerRequest request, Work work) throws SQLException {
        if (tracer == null) {
            return work.answer();
        }
        String method = request.method().name();
        Span span = tracer.spanBuilder(method + " " + kind(request.path()))
                .setSpanKind(SpanKind.SERVER)
                .setParent(TraceContext.parse(request.getHeader(TraceContext.TRACE_PARENT))
                        .map(Tracing::remote)
                        .orElse(Context.root()))
                .setAttribute("http.request.method", method)
                .setAttribute("url.path", request.path())
                .startSpan();
        try (Scope scope = span.makeCurrent()) {
            Response response = work.answer();
            span.setAttribute("http.response.status_code", response.getStatus());
            if (response.getStatus() >= SERVER_ERROR) {
                span.setStatus(StatusCode.ERROR);
            }
            return response;
        } catch (SQLException | RuntimeException failed) {
            span.setStatus(StatusCode.ERROR, failed.toString());
            throw failed;
        } finally {
            span.end();
        }
    }

    /** Has what is written in a transaction from here on belong to the call that is recorded, if one is. */
    public void note(Connection connection) throws SQLException {
        SpanContext recorded =
                tracer == null ? SpanContext.getInvalid() : Span.current().getSpanContext();
        if (!recorded.isSampled()) {
            return;
        }
        try (PreparedStatement emit = connection.prepareStatement("SELECT pg_logical_emit_message(true, ?, ?)")) {
            emit.setString(1, TraceContext.TRACE_PARENT);
            emit.setString(2, new TraceContext(recorded.getTraceId(), recorded.getSpanId(), true).toString());
            emit.execute();
        }
    }

    /** The part of a path that names no one: {@code /v1/commands} of {@code /v1/commands/01J…}. */
    private static String kind(String path) {
        int end = path.indexOf('/', path.indexOf('/', 1) + 1);
        return end < 0 ? path : path.substring(0, end);
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
