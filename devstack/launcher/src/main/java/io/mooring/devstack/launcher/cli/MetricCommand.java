package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mooring metric}. */
@Command(name = "metric", description = "Lists what devices measured, and shows it over time.")
final class MetricCommand {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Say what this command does.")
    @SuppressWarnings("unused")
    private boolean help;

    /** Whose metrics. */
    static final class Whose {
        @Option(names = "--cloud", paramLabel = "NAME", defaultValue = "main", description = "Of which cloud.")
        private String tenant = "main";

        @Option(names = "--device", paramLabel = "ID", description = "Of this device.")
        private @Nullable String device;

        @Option(names = "--product", paramLabel = "ID", description = "Of this product's devices together.")
        private @Nullable String product;

        /** The path, and the beginning of its query. */
        private String path(String metric) {
            return "/v1/clouds/" + ApiClient.encoded(tenant) + "/metrics" + metric + "?"
                    + (device == null ? "" : "device=" + ApiClient.encoded(device) + "&")
                    + (product == null ? "" : "product=" + ApiClient.encoded(product) + "&");
        }
    }

    @Command(name = "list", description = "Lists metrics and their dimensions, by default of the cloud as a whole.")
    int list(
            @Mixin CloudOptions cloud,
            @Mixin Whose whose,
            @Option(names = "--json", description = "Print one JSON document.") boolean json) {
        try (ApiClient api = ApiClient.metrics(cloud.running())) {
            JsonNode listed = api.get(whose.path("") + "limit=1000");
            if (json) {
                Output.json(listed);
                return 0;
            }
            List<List<String>> rows = new ArrayList<>(List.of(List.of("METRIC", "DIMENSIONS")));
            listed.path("metrics")
                    .forEach(metric ->
                            rows.add(List.of(metric.path("metric").asText(), dimensions(metric.path("dimensions")))));
            Output.table(rows).forEach(System.out::println);
        }
        return 0;
    }

    @Command(name = "get", description = "Shows a metric over time.")
    int get(
            @Mixin CloudOptions cloud,
            @Mixin Whose whose,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(
                            names = "--period",
                            paramLabel = "SECONDS",
                            defaultValue = "3600",
                            description = "How far back. Default: an hour.")
                    long period,
            @Option(
                            names = "--dimension",
                            paramLabel = "NAME=VALUE",
                            description = "With this dimension; may be given several times.")
                    @Nullable
                    List<String> dimensions,
            @Option(names = "--group-by", paramLabel = "NAME", description = "A series for each of its values.")
                    @Nullable
                    String groupBy,
            @Parameters(paramLabel = "METRIC", description = "Its name.") String metric) {
        StringBuilder path = new StringBuilder(
                        whose.path("/" + ApiClient.encoded(metric).replace("+", "%20")))
                .append("statistics=count,avg,min,max,p50,p99&period=")
                .append(period);
        if (dimensions != null) {
            dimensions.forEach(pair -> path.append("&dimension=").append(ApiClient.encoded(pair)));
        }
        if (groupBy != null) {
            path.append("&groupBy=").append(ApiClient.encoded(groupBy));
        }
        try (ApiClient api = ApiClient.metrics(cloud.running())) {
            JsonNode answer = api.get(path.toString());
            if (json) {
                Output.json(answer);
                return 0;
            }
            List<List<String>> rows = new ArrayList<>(
                    List.of(List.of("START", "DIMENSIONS", "COUNT", "AVG", "MIN", "MAX", "P50", "P99")));
            for (JsonNode series : answer.path("series")) {
                for (JsonNode window : series.path("windows")) {
                    rows.add(List.of(
                            window.path("start").asText(),
                            dimensions(series.path("dimensions")),
                            window.path("count").asText(),
                            window.path("avg").asText(),
                            window.path("min").asText(),
                            window.path("max").asText(),
                            window.path("p50").asText(),
                            window.path("p99").asText()));
                }
            }
            Output.table(rows).forEach(System.out::println);
        }
        return 0;
    }

    private static String dimensions(JsonNode dimensions) {
        return dimensions.properties().stream()
                .map((Map.Entry<String, JsonNode> entry) ->
                        entry.getKey() + "=" + entry.getValue().asText())
                .collect(Collectors.joining(" "));
    }
}
