package io.mooring.contracts.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TraceSettingsTest {
    @Test
    void wantTracesWhereTheySayWhereTo() {
        assertThat(TraceSettings.areWanted(Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318")))
                .isTrue();
        assertThat(TraceSettings.areWanted(Map.of("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://collector/v1/traces")))
                .isTrue();
    }

    @Test
    void wantNoneOtherwise() {
        assertThat(TraceSettings.areWanted(Map.of())).isFalse();
        assertThat(TraceSettings.areWanted(
                        Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", " ", "OTEL_TRACES_SAMPLER", "always_on")))
                .isFalse();
        assertThat(TraceSettings.areWanted(
                        Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c", "OTEL_SDK_DISABLED", "TRUE")))
                .isFalse();
        assertThat(TraceSettings.areWanted(
                        Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c", "OTEL_TRACES_EXPORTER", "none")))
                .isFalse();
    }
}
