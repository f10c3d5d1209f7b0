package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.devstack.launcher.process.StartException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mooring sync}. */
@Command(
        name = "sync",
        description =
                "Says which way tables go and how far devices are, switches tables on and off, pauses devices, and"
                        + " shows what devices lost.",
        subcommands = ConflictsCommand.class)
final class SyncCommand {
    private static final String AS_OTHERWISE = "default";

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Say what this command does.")
    @SuppressWarnings("unused")
    private boolean help;

    @Command(name = "show", description = "Shows a cloud's tables, or how one device's sync stands.")
    int show(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(names = "--cloud", paramLabel = "NAME", defaultValue = "main", description = "Of which cloud.")
                    String tenant,
            @Parameters(paramLabel = "DEVICE", arity = "0..1", description = "A device's id.") @Nullable
                    String device) {
        try (ApiClient api = ApiClient.ofSync(cloud.running())) {
            String base = "/v1/clouds/" + ApiClient.encoded(tenant);
            if (device == null) {
                print(api.get(base + "/control"), json);
                if (!json) {
                    JsonNode devices = api.get(base + "/control/devices").path("devices");
                    devices.forEach(one ->
                            System.out.println("device " + one.path("device").asText() + ": "
                                    + (one.path("paused").asBoolean() ? "paused, " : "")
                                    + one.path("tables").size() + " tables of its own"));
                }
            } else {
                JsonNode state = api.get(base + "/devices/" + ApiClient.encoded(device) + "/sync");
                print(state, json);
                if (!json) {
                    describe(state);
                }
            }
        }
        return 0;
    }

    @Command(name = "set", description = "Sets which way a table goes, and which of its rows are given.")
    int set(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(names = "--cloud", paramLabel = "NAME", defaultValue = "main", description = "In which cloud.")
                    String tenant,
            @Option(names = "--device", paramLabel = "ID", description = "For this device only.") @Nullable
                    String device,
            @Option(
                            names = "--direction",
                            paramLabel = "up|down|both|none|default",
                            description = "Which way; default: as the cloud or the schema says.")
                    @Nullable
                    String direction,
            @Option(
                            names = "--rows",
                            paramLabel = "own|account|all|default",
                            description = "Which rows a device is given; default: as the cloud or the schema says.")
                    @Nullable
                    String rows,
            @Parameters(paramLabel = "MODEL", description = "The table's model, as the schema names it.")
                    String model) {
        if (direction == null && rows == null) {
            throw new StartException("give --direction or --rows, or both");
        }
        try (ApiClient api = ApiClient.ofSync(cloud.running())) {
            String control = "/v1/clouds/" + ApiClient.encoded(tenant) + "/control";
            String owner = device == null ? "" : "/devices/" + ApiClient.encoded(device);
            JsonNode before = entry(api.get(control + owner), model);
            Map<String, Object> body = new HashMap<>();
            put(body, "direction", direction, before, device);
            put(body, "rows", rows, before, device);
            JsonNode now = api.put(control + owner + "/tables/" + ApiClient.encoded(model), body);
            if (json) {
                Output.json(now);
            } else {
                print(entry(now, model));
            }
        }
        return 0;
    }

    @Command(name = "pause", description = "Pauses a device: it neither gives nor gets rows until it is resumed.")
    int pause(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(names = "--cloud", paramLabel = "NAME", defaultValue = "main", description = "In which cloud.")
                    String tenant,
            @Parameters(paramLabel = "DEVICE", description = "The device's id.") String device) {
        return pause(cloud, json, tenant, device, true);
    }

    @Command(name = "resume", description = "Resumes a paused device: it gets all it missed.")
    int resume(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(names = "--cloud", paramLabel = "NAME", defaultValue = "main", description = "In which cloud.")
                    String tenant,
            @Parameters(paramLabel = "DEVICE", description = "The device's id.") String device) {
        return pause(cloud, json, tenant, device, false);
    }

    private static int pause(CloudOptions cloud, boolean json, String tenant, String device, boolean paused) {
        try (ApiClient api = ApiClient.ofSync(cloud.running())) {
            JsonNode now = api.put(
                    "/v1/clouds/" + ApiClient.encoded(tenant) + "/control/devices/" + ApiClient.encoded(device),
                    Map.of("paused", paused));
            if (json) {
                Output.json(now);
            } else {
                System.out.println("device " + device + (paused ? " paused" : " resumed"));
            }
        }
        return 0;
    }

    /** What is not named stays as it was set at this very level. */
    private static void put(
            Map<String, Object> body, String name, @Nullable String wanted, JsonNode before, @Nullable String device) {
        String level = device == null ? "cloud" : "device";
        if (wanted == null && before.path(name + "By").asText().equals(level)) {
            body.put(name, before.path(name).asText());
        } else if (wanted != null && !wanted.equals(AS_OTHERWISE)) {
            body.put(name, wanted);
        }
    }

    private static JsonNode entry(JsonNode reply, String model) {
        for (JsonNode table : reply.path("tables")) {
            if (table.path("model").asText().equals(model)) {
                return table;
            }
        }
        throw new StartException("the cloud's schema has no model " + model);
    }

    private static void print(JsonNode reply, boolean json) {
        if (json) {
            Output.json(reply);
        } else {
            print(reply.path("tables"));
        }
    }

    /** Tables, or one of them. */
    private static void print(JsonNode tables) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("MODEL", "DIRECTION", "ROWS", "SET BY"));
        for (JsonNode table : tables.isArray() ? tables : List.of(tables)) {
            String by = table.path("directionBy").asText();
            String rowsBy = table.path("rowsBy").asText();
            rows.add(List.of(
                    table.path("model").asText(),
                    table.path("direction").asText(),
                    table.path("rows").asText(),
                    by.equals(rowsBy) ? by : by + ", " + rowsBy));
        }
        Output.table(rows).forEach(System.out::println);
    }

    private static void describe(JsonNode state) {
        System.out.println("device " + state.path("device").asText() + " is "
                + (state.path("paused").asBoolean()
                        ? "paused"
                        : state.path("state").asText()));
        JsonNode catchUp = state.path("catchUp");
        if (catchUp.isObject()) {
            String of = catchUp.path("total").isNumber()
                    ? " of about " + catchUp.path("total").asLong()
                    : "";
            System.out.println("catching up: " + catchUp.path("sent").asLong() + " rows sent" + of + ", asked for at "
                    + catchUp.path("requested").asText());
        } else {
            System.out.println("nothing is owed to it");
        }
    }
}
