package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./mooring sync conflicts}. */
@Command(name = "conflicts", description = "Shows what devices wrote and what does not stand, the latest first.")
final class ConflictsCommand implements Callable<Integer> {
    private static final int LONGEST_VALUE = 40;

    @Mixin
    private CloudOptions cloud = new CloudOptions();

    @Option(names = "--json", description = "Print one JSON document.")
    private boolean json;

    @Option(names = "--cloud", paramLabel = "NAME", defaultValue = "main", description = "Of which cloud.")
    private String tenant = "main";

    @Option(names = "--device", paramLabel = "ID", description = "Only what this device wrote.")
    private @Nullable String device;

    @Option(names = "--model", paramLabel = "NAME", description = "Only rows of this model.")
    private @Nullable String model;

    @Option(names = "--key", paramLabel = "SK", description = "Only the row with this sort key.")
    private @Nullable String key;

    @Option(names = "--before", paramLabel = "N", description = "Only those before this one: the next of a page.")
    private @Nullable String before;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "At most so many. Default: 100.")
    private int limit = 100;

    @Override
    public Integer call() {
        StringBuilder path = new StringBuilder("/v1/clouds/" + ApiClient.encoded(tenant) + "/conflicts?limit=" + limit);
        add(path, "device", device);
        add(path, "model", model);
        add(path, "key", key);
        add(path, "before", before);
        JsonNode page;
        try (ApiClient api = ApiClient.ofSync(cloud.running())) {
            page = api.get(path.toString());
        }
        if (json) {
            Output.json(page);
            return 0;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("NOTED", "DEVICE", "MODEL", "KEY", "FIELD", "LOST", "STANDS", "WHY"));
        for (JsonNode conflict : page.path("conflicts")) {
            for (Map.Entry<String, JsonNode> field : conflict.path("fields").properties()) {
                rows.add(List.of(
                        conflict.path("noted").asText(),
                        conflict.path("device").asText(),
                        conflict.path("model").asText(),
                        conflict.path("key").asText(),
                        field.getKey(),
                        value(field.getValue(), "lost"),
                        value(field.getValue(), "standing"),
                        conflict.path("reason").asText()));
            }
        }
        Output.table(rows).forEach(System.out::println);
        if (page.has("next")) {
            System.out.println("more: --before " + page.path("next").asText());
        }
        return 0;
    }

    private static void add(StringBuilder path, String name, @Nullable String value) {
        if (value != null) {
            path.append('&').append(name).append('=').append(ApiClient.encoded(value));
        }
    }

    /** As JSON, cut where it is long. */
    private static String value(JsonNode field, String name) {
        if (field.has(name + "Size")) {
            return "(" + field.path(name + "Size").asText() + " characters)";
        }
        String text = field.path(name).toString();
        return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "…";
    }
}
