package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mooring device}. */
@Command(name = "device", description = "Lists devices, says whose they are and whether they may connect.")
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
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(names = "--expected", description = "Those that were claimed and have not come yet.")
                    boolean expected) {
        try (ApiClient api = ApiClient.of(cloud.running())) {
            JsonTable.print(
                    api.get(expected ? "/api/v1/expected-devices" : "/api/v1/devices"),
                    json,
                    List.of("id", "name", "state", "account", "cloud", "product"));
        }
        return 0;
    }

    @Command(name = "claim", description = "Claims a device that has registered, or whose id was issued.")
    int claim(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(names = "--account", paramLabel = "NAME", description = "For whom.") @Nullable String account,
            @Option(names = "--cloud", paramLabel = "NAME", description = "Into which cloud.") @Nullable String tenant,
            @Option(
                            names = "--ahead",
                            description =
                                    "Also if the id was never heard of: the device is claimed when it" + " comes.")
                    boolean ahead,
            @Parameters(paramLabel = "ID", description = "The device's claim id.") String id) {
        Map<String, Object> body = owner(account, tenant);
        body.put("ahead", ahead);
        return act(cloud, json, id, "claim", body, "claimed");
    }

    @Command(
            name = "transfer",
            description = "Gives a device to another account or cloud; it gets a new certificate there.")
    int transfer(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(names = "--account", paramLabel = "NAME", description = "To whom.") @Nullable String account,
            @Option(names = "--cloud", paramLabel = "NAME", description = "Into which cloud.") @Nullable String tenant,
            @Parameters(paramLabel = "ID", description = "The device's id.") String id) {
        return act(cloud, json, id, "transfer", owner(account, tenant), "transferred");
    }

    @Command(name = "release", description = "Releases a device: it is told, and its certificate is revoked.")
    int release(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Parameters(paramLabel = "ID", description = "The device's id.") String id) {
        return act(cloud, json, id, "release", Map.of(), "released");
    }

    @Command(name = "block", description = "Keeps a device from connecting until it is unblocked.")
    int block(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(
                            names = "--delay",
                            paramLabel = "SECONDS",
                            defaultValue = "3600",
                            description = "How long the device is told to wait before it asks again. Default: 3600.")
                    int delay,
            @Parameters(paramLabel = "ID", description = "The device's id.") String id) {
        return act(cloud, json, id, "block", Map.of("delaySeconds", delay), "blocked");
    }

    @Command(name = "unblock", description = "Lets a blocked device connect again.")
    int unblock(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Parameters(paramLabel = "ID", description = "The device's id.") String id) {
        return act(cloud, json, id, "unblock", Map.of(), "unblocked");
    }

    @Command(
            name = "delete",
            description = "Forgets a device; its certificate is revoked. It may come back as a new one.")
    int delete(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Parameters(paramLabel = "ID", description = "The device's id.") String id) {
        try (ApiClient api = ApiClient.of(cloud.running())) {
            say(api.delete("/api/v1/devices/" + ApiClient.encoded(id)), json, id, "deleted");
        }
        return 0;
    }

    private static Map<String, Object> owner(@Nullable String account, @Nullable String tenant) {
        Map<String, Object> body = new HashMap<>();
        if (account != null) {
            body.put("account", account);
        }
        if (tenant != null) {
            body.put("cloud", tenant);
        }
        return body;
    }

    private static int act(
            CloudOptions cloud, boolean json, String id, String action, Map<String, Object> body, String done) {
        try (ApiClient api = ApiClient.of(cloud.running())) {
            say(api.post("/api/v1/devices/" + ApiClient.encoded(id) + "/" + action, body), json, id, done);
        }
        return 0;
    }

    private static void say(JsonNode device, boolean json, String id, String done) {
        if (json) {
            Output.json(device);
        } else {
            System.out.println("device " + id + " " + done);
        }
    }
}
