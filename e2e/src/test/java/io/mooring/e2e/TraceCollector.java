package io.mooring.e2e;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Takes traces as an OpenTelemetry collector does (OTLP/HTTP in protobuf), and keeps them. */
final class TraceCollector implements AutoCloseable {
    /**
     * A step of a trace.
     *
     * @param service who recorded it
     * @param trace its trace's id, in hex like the others
     * @param links the steps it names beside its parent
     */
    record Step(
            String service,
            String name,
            String trace,
            String id,
            String parent,
            long startNanos,
            long endNanos,
            List<String> links,
            Map<String, String> attributes) {
        /** Service and name. */
        String label() {
            return service + " " + name;
        }
    }

    private final HttpServer server;
    private final List<Step> steps = new CopyOnWriteArrayList<>();

    TraceCollector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    /** Where traces are to be sent. */
    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The steps of a trace that came so far. */
    List<Step> of(String trace) {
        return steps.stream().filter(step -> step.trace().equals(trace)).toList();
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(exchange.getRequestBody());
            for (ResourceSpans resource : request.getResourceSpansList()) {
                String service =
                        attributes(resource.getResource().getAttributesList()).getOrDefault("service.name", "");
                for (ScopeSpans scope : resource.getScopeSpansList()) {
                    scope.getSpansList().forEach(span -> steps.add(step(service, span)));
                }
            }
            byte[] taken = ExportTraceServiceResponse.getDefaultInstance().toByteArray();
            exchange.getResponseHeaders().add("Content-Type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, taken.length == 0 ? -1 : taken.length);
            exchange.getResponseBody().write(taken);
        }
    }

    private static Step step(String service, Span span) {
        return new Step(
                service,
                span.getName(),
                hex(span.getTraceId()),
                hex(span.getSpanId()),
                hex(span.getParentSpanId()),
                span.getStartTimeUnixNano(),
                span.getEndTimeUnixNano(),
                span.getLinksList().stream().map(link -> hex(link.getSpanId())).toList(),
                attributes(span.getAttributesList()));
    }

    private static Map<String, String> attributes(List<KeyValue> list) {
        Map<String, String> attributes = new HashMap<>();
        list.forEach(one -> attributes.put(one.getKey(), one.getValue().getStringValue()));
        return attributes;
    }

    private static String hex(ByteString id) {
        return HexFormat.of().formatHex(id.toByteArray());
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
