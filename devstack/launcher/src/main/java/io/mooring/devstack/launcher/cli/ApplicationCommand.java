package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.devstack.launcher.process.StartException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mooring application}. */
@Command(
        name = "application",
        description = "Creates, lists, rotates and revokes applications: people's own programs, and what each may.")
final class ApplicationCommand {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Say what this command does.")
    @SuppressWarnings("unused")
    private boolean help;

    @Command(name = "create", description = "Creates an application and prints its id and token, the token this once.")
    int create(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(
                            names = "--rights",
                            split = ",",
                            required = true,
                            paramLabel = "RIGHT",
                            description = "What it may: read, command, write, publish, subscribe.")
                    List<String> rights,
            @Option(names = "--cloud", paramLabel = "NAME", description = "In which cloud.") @Nullable String tenant,
            @Option(
                            names = "--product",
                            paramLabel = "ID",
                            description = "Only with devices of this product; may be given several times.")
                    @Nullable
                    List<String> products,
            @Option(
                            names = "--device",
                            paramLabel = "ID",
                            description = "Only with this device; may be given several times.")
                    @Nullable
                    List<String> devices,
            @Option(
                            names = "--certificate",
                            paramLabel = "SHA256",
                            description = "Fingerprint of a certificate (DER) by which it may connect to the broker.")
                    @Nullable
                    List<String> certificates,
            @Parameters(paramLabel = "NAME", description = "What people call it.") String name) {
        Map<String, Object> body = new HashMap<>(Map.of("name", name, "rights", rights));
        put(body, "cloud", tenant);
        put(body, "products", products);
        put(body, "devices", devices);
        put(body, "certificates", certificates);
        try (ApiClient api = ApiClient.messaging(cloud.running())) {
            shown(api.post("/v1/applications", body), json);
        }
        return 0;
    }

    @Command(name = "list", description = "Lists the applications.")
    int list(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json) {
        try (ApiClient api = ApiClient.messaging(cloud.running())) {
            JsonTable.print(
                    api.get("/v1/applications?limit=1000"), json, List.of("id", "name", "state", "cloud", "created"));
        }
        return 0;
    }

    @Command(name = "rotate", description = "Gives an application a new token and prints it, this once.")
    int rotate(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(
                            names = "--overlap",
                            paramLabel = "DURATION",
                            defaultValue = "PT0S",
                            description = "How long the token before stays good, such as P30D or PT12H. Default: not.")
                    Duration overlap,
            @Parameters(paramLabel = "ID", description = "The application's id.") String id) {
        try (ApiClient api = ApiClient.messaging(cloud.running())) {
            shown(
                    api.post(
                            "/v1/applications/" + ApiClient.encoded(id) + "/rotation",
                            Map.of("overlapSeconds", overlap.toSeconds())),
                    json);
        }
        return 0;
    }

    @Command(
            name = "certificates",
            description = "Gives an application these certificates instead of those before; without any, none.")
    int certificates(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(
                            names = "--certificate",
                            paramLabel = "SHA256",
                            description = "Fingerprint of a certificate (DER); may be given several times.")
                    @Nullable
                    List<String> certificates,
            @Parameters(paramLabel = "ID", description = "The application's id.") String id) {
        List<String> fingerprints = certificates == null ? List.of() : certificates;
        try (ApiClient api = ApiClient.messaging(cloud.running())) {
            JsonNode changed = api.put(
                    "/v1/applications/" + ApiClient.encoded(id) + "/certificates",
                    Map.of("certificates", fingerprints));
            if (json) {
                Output.json(changed);
            } else {
                System.out.println("application " + id + " has "
                        + changed.path("certificates").size() + " certificates");
            }
        }
        return 0;
    }

    @Command(name = "revoke", description = "Shuts an application out, for ever.")
    int revoke(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Parameters(paramLabel = "ID", description = "The application's id.") String id) {
        try (ApiClient api = ApiClient.messaging(cloud.running())) {
            JsonNode revoked = api.post("/v1/applications/" + ApiClient.encoded(id) + "/revocation", Map.of());
            if (json) {
                Output.json(revoked);
            } else {
                System.out.println("application " + id + " revoked");
            }
        }
        return 0;
    }

    @Command(
            name = "topics",
            description = "Declares which application topics the devices of a product have, instead of those before;"
                    + " without any, says which they have.")
    int topics(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(names = "--cloud", paramLabel = "NAME", defaultValue = "main", description = "In which cloud.")
                    String tenant,
            @Option(
                            names = "--up",
                            paramLabel = "FILTER",
                            description = "From devices, below app/{id}/, such as telemetry/#; may be given several"
                                    + " times.")
                    @Nullable
                    List<String> up,
            @Option(names = "--down", paramLabel = "FILTER", description = "To devices.") @Nullable List<String> down,
            @Option(names = "--both", paramLabel = "FILTER", description = "Both ways.") @Nullable List<String> both,
            @Option(names = "--none", description = "They have none any more.") boolean none,
            @Parameters(paramLabel = "PRODUCT", description = "The product's id.") String product) {
        List<Map<String, String>> patterns = new ArrayList<>();
        add(patterns, up, "up");
        add(patterns, down, "down");
        add(patterns, both, "both");
        if (none && !patterns.isEmpty()) {
            throw new StartException("--none declares no topics; leave it out, or the others");
        }
        String path = "/v1/clouds/" + ApiClient.encoded(tenant) + "/products/" + ApiClient.encoded(product) + "/topics";
        try (ApiClient api = ApiClient.messaging(cloud.running())) {
            JsonNode declared =
                    patterns.isEmpty() && !none ? api.get(path) : api.put(path, Map.of("patterns", patterns));
            JsonTable.print(declared, json, List.of("pattern", "direction"));
        }
        return 0;
    }

    private static void add(List<Map<String, String>> patterns, @Nullable List<String> filters, String direction) {
        if (filters != null) {
            filters.forEach(filter -> patterns.add(Map.of("pattern", filter, "direction", direction)));
        }
    }

    private static void shown(JsonNode application, boolean json) {
        if (json) {
            Output.json(application);
            return;
        }
        System.out.println("application " + application.path("id").asText() + " ("
                + application.path("name").asText() + ")");
        System.out.println("token       " + application.path("token").asText());
        System.err.println("Keep the token: it is not shown again.");
    }

    private static void put(Map<String, Object> body, String field, @Nullable Object value) {
        if (value != null) {
            body.put(field, value);
        }
    }
}
