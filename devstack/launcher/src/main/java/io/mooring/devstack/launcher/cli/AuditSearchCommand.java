package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./mooring audit search}. */
@Command(name = "search", description = "Shows who did what, the latest first.")
final class AuditSearchCommand implements Callable<Integer> {
    @Mixin
    private CloudOptions cloud = new CloudOptions();

    @Option(names = "--json", description = "Print one JSON document.")
    private boolean json;

    @Option(names = "--who", paramLabel = "NAME", description = "Only what they did.")
    private @Nullable String who;

    @Option(names = "--what", paramLabel = "ACTION", description = "Only this action, such as ClaimDevice.")
    private @Nullable String what;

    @Option(names = "--device", paramLabel = "ID", description = "Only what this device did, or had done to it.")
    private @Nullable String device;

    @Option(
            names = "--source",
            paramLabel = "SERVICE",
            description = "Only of this service, such as provisioning.mooring.")
    private @Nullable String source;

    @Option(names = "--refused", description = "Only what was refused.")
    private boolean refused;

    @Option(names = "--from", paramLabel = "TIME", description = "Not before, such as 2026-09-01T10:00:00Z.")
    private @Nullable String from;

    @Option(names = "--to", paramLabel = "TIME", description = "Before.")
    private @Nullable String to;

    @Option(names = "--after", paramLabel = "CURSOR", description = "The next of a page.")
    private @Nullable String after;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "50", description = "At most so many. Default: 50.")
    private int limit = 50;

    @Override
    public Integer call() {
        StringBuilder path = new StringBuilder("/v1/audit/events?limit=" + limit);
        add(path, "who", who);
        add(path, "what", what);
        add(path, "device", device);
        add(path, "source", source);
        add(path, "refused", refused ? "true" : null);
        add(path, "from", from);
        add(path, "to", to);
        add(path, "after", after);
        JsonNode page;
        try (ApiClient api = ApiClient.audit(cloud.running())) {
            page = api.get(path.toString());
        }
        if (json) {
            Output.json(page);
            return 0;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("TIME", "WHO", "WHAT", "SERVICE", "FROM", "ANSWER"));
        for (JsonNode event : page.path("events")) {
            rows.add(List.of(
                    event.path("eventTime").asText(),
                    event.at("/userIdentity/userName")
                            .asText(event.at("/userIdentity/principalId").asText("")),
                    event.path("eventName").asText(),
                    event.path("eventSource").asText(),
                    event.path("sourceIPAddress").asText(""),
                    event.path("errorCode").asText("done")));
        }
        Output.table(rows).forEach(System.out::println);
        if (page.has("next")) {
            System.out.println("more: --after " + page.path("next").asText());
        }
        return 0;
    }

    private static void add(StringBuilder path, String name, @Nullable String value) {
        if (value != null) {
            path.append('&').append(name).append('=').append(ApiClient.encoded(value));
        }
    }
}
