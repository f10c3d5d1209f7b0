package io.mooring.sync.trace;

import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.util.Map;

/** Starts OpenTelemetry's SDK as its variables say. Apart, so that where no traces are wanted none of it is loaded. */
final class TraceExport {
    private TraceExport() {}

    static OpenTelemetrySdk start() {
        return AutoConfiguredOpenTelemetrySdk.builder()
                .disableShutdownHook()
                .addPropertiesSupplier(() ->
                        Map.of("otel.service.name", "mooring-sync", "otel.exporter.otlp.protocol", "http/protobuf"))
                // Traces alone: metrics and logs have ways of their own.
                .addPropertiesCustomizer(
                        settings -> Map.of("otel.metrics.exporter", "none", "otel.logs.exporter", "none"))
                .build()
                .getOpenTelemetrySdk();
    }
}
