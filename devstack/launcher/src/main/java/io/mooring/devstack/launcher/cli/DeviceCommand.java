package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mooring device}. */
@Command(name = "device", description = "Lists devices, claims them for an account, releases them.")
final class DeviceCommand {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Say what this command does.")
    @SuppressWarnings("unused")
    private boolean help;

    @Command(name = "list", description = "Lists the devices.")
    int list(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json) {
        try (ApiClient api = ApiClient.of(cloud.running())) {
            JsonTable.print(
                    api.get("/api/v1/devices"), json, List.of("id", "name", "state", "account", "cloud", "product"));
        }
        return 0;
    }

    @Command(name = "claim", description = "Claims a registered device.")
    int claim(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(names = "--account", paramLabel = "NAME", description = "For whom.") @Nullable String account,
            @Option(names = "--cloud", paramLabel = "NAME", description = "Into which cloud.") @Nullable String tenant,
            @Parameters(paramLabel = "ID", description = "The device's claim id.") String id) {
        Map<String, String> body = new HashMap<>();
        if (account != null) {
            body.put("account", account);
        }
        if (tenant != null) {
            body.put("cloud", tenant);
        }
        return act(cloud, json, id, "claim", body);
    }

    @Command(name = "release", description = "Releases a device: it is told, and its certificate is revoked.")
    int release(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Parameters(paramLabel = "ID", description = "The device's id.") String id) {
        return act(cloud, json, id, "release", Map.of());
    }

    private static int act(CloudOptions cloud, boolean json, String id, String action, Map<String, String> body) {
        try (ApiClient api = ApiClient.of(cloud.running())) {
            String path = "/api/v1/devices/" + URLEncoder.encode(id, StandardCharsets.UTF_8);
            JsonNode device = api.post(path + "/" + action, body);
            if (json) {
                Output.json(device);
            } else {
                System.out.println("device " + id + " " + (action.equals("claim") ? "claimed" : "released"));
            }
        }
        return 0;
    }
}
