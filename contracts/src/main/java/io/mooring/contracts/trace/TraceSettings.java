package io.mooring.contracts.trace;

import java.util.Map;

/**
 * Whether a process is to send traces anywhere, by the variables of OpenTelemetry (its specification, "OpenTelemetry
 * Environment Variables" and "OpenTelemetry Protocol Exporter"). Unlike there, no address means none: nothing is started.
 */
public final class TraceSettings {
    /** Where traces go, by OTLP over HTTP: {@code /v1/traces} is added. */
    public static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /** The same of traces alone, to be used as it is. */
    public static final String TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";

    /** Which traces begin here and are recorded; {@code parentbased_always_on} if not said. */
    public static final String SAMPLER = "OTEL_TRACES_SAMPLER";

    /** What the sampler goes by: of a ratio, 0 to 1. */
    public static final String SAMPLER_ARGUMENT = "OTEL_TRACES_SAMPLER_ARG";

    private TraceSettings() {}

    /** Whether these variables say where traces go. An empty one counts as absent. */
    public static boolean areWanted(Map<String, String> environment) {
        boolean somewhere = !text(environment, ENDPOINT).isEmpty()
                || !text(environment, TRACES_ENDPOINT).isEmpty();
        return somewhere
                && !text(environment, "OTEL_SDK_DISABLED").equalsIgnoreCase("true")
                && !text(environment, "OTEL_TRACES_EXPORTER").equals("none");
    }

    private static String text(Map<String, String> environment, String name) {
        return environment.getOrDefault(name, "").trim();
    }
}
