package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.devstack.launcher.process.StartException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mooring command}. */
@Command(name = "command", description = "Commands devices, and says what became of it.")
final class CommandCommand {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Say what this command does.")
    @SuppressWarnings("unused")
    private boolean help;

    /** Whom a command is for. */
    static final class Target {
        @Option(
                names = "--device",
                required = true,
                split = ",",
                paramLabel = "ID",
                description = "A device, or several with commas between.")
        @Nullable
        List<String> devices;

        @Option(names = "--product", required = true, paramLabel = "ID", description = "All devices of a product.")
        @Nullable
        String product;

        @Option(
                names = "--query",
                required = true,
                paramLabel = "TEXT",
                description = "All devices for which this holds, such as \"version < 2 and connected = true\".")
        @Nullable
        String query;
    }

    @Command(
            name = "send",
            description =
                    "Commands devices. With --wait it ends with 1 if any of them failed or rejected it meanwhile.")
    int send(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @ArgGroup(multiplicity = "1") Target target,
            @Option(names = "--cloud", paramLabel = "NAME", description = "In which cloud.") @Nullable String tenant,
            @Option(names = "--args", paramLabel = "JSON", description = "An object for the device.") @Nullable
                    String args,
            @Option(names = "--wait", paramLabel = "SECONDS", description = "Wait for the answer, up to 60.") @Nullable
                    Integer wait,
            @Option(names = "--at", paramLabel = "TIME", description = "When to begin.") @Nullable String at,
            @Option(names = "--rate", paramLabel = "N", description = "At most so many devices a minute.") @Nullable
                    Integer rate,
            @Option(
                            names = "--stop-at",
                            paramLabel = "SHARE",
                            description = "Stop when more than this share of devices failed, such as 0.1.")
                    @Nullable
                    Double stopAt,
            @Option(names = "--expires", paramLabel = "SECONDS", description = "How long a device may be away.")
                    @Nullable
                    Integer expires,
            @Option(names = "--timeout", paramLabel = "SECONDS", description = "How long a device may say nothing.")
                    @Nullable
                    Integer timeout,
            @Parameters(paramLabel = "NAME", description = "What to do, such as reboot.") String name) {
        Map<String, Object> body = new HashMap<>(Map.of("command", name));
        List<String> devices = target.devices;
        if (devices != null && devices.size() == 1) {
            body.put("device", devices.getFirst());
        } else {
            put(body, "devices", devices);
        }
        put(body, "product", target.product);
        put(body, "query", target.query);
        put(body, "cloud", tenant);
        put(body, "args", args == null ? null : read(args));
        put(body, "waitSeconds", wait);
        put(body, "at", at);
        put(body, "ratePerMinute", rate);
        put(body, "stop", stopAt == null ? null : Map.of("failureShare", stopAt));
        put(body, "expiresSeconds", expires);
        put(body, "timeoutSeconds", timeout);
        try (ApiClient api = ApiClient.messaging(cloud.running())) {
            JsonNode sent = api.post("/v1/commands", body);
            shown(sent, json);
            return sent.path("failures").asInt() == 0 ? 0 : 1;
        }
    }

    @Command(name = "list", description = "Lists commands, the newest first.")
    int list(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json) {
        try (ApiClient api = ApiClient.messaging(cloud.running())) {
            JsonTable.print(
                    api.get("/v1/commands"),
                    json,
                    List.of("id", "command", "caller", "state", "devices", "ended", "failures", "created"));
        }
        return 0;
    }

    @Command(name = "show", description = "Says what became of a command, on each of its first 1,000 devices.")
    int show(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Parameters(paramLabel = "ID", description = "The command's id.") String id) {
        String path = "/v1/commands/" + ApiClient.encoded(id);
        try (ApiClient api = ApiClient.messaging(cloud.running())) {
            if (!json) {
                shown(api.get(path), false);
            }
            JsonTable.print(
                    api.get(path + "/devices?limit=1000"),
                    json,
                    List.of("device", "state", "progress", "output", "message", "at"));
        }
        return 0;
    }

    @Command(name = "abort", description = "Calls a command off: devices that have it go on, the others never get it.")
    int abort(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Parameters(paramLabel = "ID", description = "The command's id.") String id) {
        try (ApiClient api = ApiClient.messaging(cloud.running())) {
            JsonNode aborted = api.post("/v1/commands/" + ApiClient.encoded(id) + "/abort", Map.of());
            if (json) {
                Output.json(aborted);
            } else {
                System.out.println("command " + id + " called off");
            }
        }
        return 0;
    }

    private static void shown(JsonNode command, boolean json) {
        if (json) {
            Output.json(command);
            return;
        }
        System.out.println("command " + command.path("id").asText() + " ("
                + command.path("command").asText() + ") "
                + command.path("state").asText() + ": " + command.path("ended").asInt() + " of "
                + command.path("devices").asInt() + " devices done, "
                + command.path("failures").asInt() + " failed");
        JsonNode result = command.path("result");
        if (!result.isMissingNode()) {
            System.out.println(line(result));
        }
    }

    /** What became of a command on a device, in one line. */
    static String line(JsonNode result) {
        StringBuilder line = new StringBuilder()
                .append(result.path("device").asText())
                .append(' ')
                .append(result.path("state").asText());
        if (result.has("message")) {
            line.append(": ").append(result.path("message").asText());
        }
        if (result.has("output")) {
            line.append(": ").append(result.path("output"));
        }
        return line.toString();
    }

    private static JsonNode read(String args) {
        try {
            return Output.JSON.readTree(args);
        } catch (JsonProcessingException malformed) {
            throw new StartException("--args is no JSON: " + malformed.getOriginalMessage(), malformed);
        }
    }

    private static void put(Map<String, Object> body, String field, @Nullable Object value) {
        if (value != null) {
            body.put(field, value);
        }
    }
}
