package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mooring product}. */
@Command(
        name = "product",
        description = "Creates, lists, suspends and resumes products; a device registers with its product's token.")
final class ProductCommand {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Say what this command does.")
    @SuppressWarnings("unused")
    private boolean help;

    @Command(name = "create", description = "Creates a product and prints its token, this once.")
    int create(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(names = "--account", paramLabel = "NAME", description = "Whose its devices become.") @Nullable
                    String account,
            @Option(names = "--cloud", paramLabel = "NAME", description = "In which cloud.") @Nullable String tenant,
            @Option(
                            names = "--cloud-made-keys",
                            description = "Let its devices have their private keys made in the cloud, as devices with"
                                    + " the Ioto agent need it.")
                    boolean cloudMadeKeys,
            @Option(names = "--issued-ids-only", description = "Take only claim ids that were issued for it.")
                    boolean issuedIdsOnly,
            @Option(
                            names = "--token-expires",
                            paramLabel = "TIME",
                            description = "Until when its token is good, such as"
                                    + " 2030-01-31T12:00:00Z. Default: for ever.")
                    @Nullable
                    String tokenExpires,
            @Parameters(paramLabel = "NAME", description = "What people call it.") String name) {
        Map<String, Object> body = new HashMap<>(Map.of("name", name));
        put(body, "account", account);
        put(body, "cloud", tenant);
        put(body, "tokenExpires", tokenExpires);
        body.put("cloudMadeKeys", cloudMadeKeys);
        body.put("issuedIdsOnly", issuedIdsOnly);
        try (ApiClient api = ApiClient.of(cloud.running())) {
            shown(api.post("/api/v1/products", body), json);
        }
        return 0;
    }

    @Command(name = "list", description = "Lists the products.")
    int list(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json) {
        try (ApiClient api = ApiClient.of(cloud.running())) {
            JsonTable.print(
                    api.get("/api/v1/products"),
                    json,
                    List.of("id", "name", "state", "account", "cloud", "cloudMadeKeys", "issuedIdsOnly"));
        }
        return 0;
    }

    @Command(name = "suspend", description = "Lets no device of a product register; those that have joined go on.")
    int suspend(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Parameters(paramLabel = "ID", description = "The product's id.") String id) {
        return act(cloud, json, id, "suspend", "suspended");
    }

    @Command(name = "resume", description = "Lets devices of a suspended product register again.")
    int resume(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Parameters(paramLabel = "ID", description = "The product's id.") String id) {
        return act(cloud, json, id, "resume", "resumed");
    }

    @Command(name = "rotate", description = "Gives a product a new token and prints it, this once.")
    int rotate(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(
                            names = "--overlap",
                            paramLabel = "DURATION",
                            defaultValue = "PT0S",
                            description = "How long the token before stays good, such as P30D or PT12H. Default: not.")
                    Duration overlap,
            @Option(names = "--token-expires", paramLabel = "TIME", description = "Until when the new token is good.")
                    @Nullable
                    String tokenExpires,
            @Parameters(paramLabel = "ID", description = "The product's id.") String id) {
        Map<String, Object> body = new HashMap<>(Map.of("overlapSeconds", overlap.toSeconds()));
        put(body, "tokenExpires", tokenExpires);
        try (ApiClient api = ApiClient.of(cloud.running())) {
            shown(api.post("/api/v1/products/" + ApiClient.encoded(id) + "/rotation", body), json);
        }
        return 0;
    }

    private static int act(CloudOptions cloud, boolean json, String id, String action, String done) {
        try (ApiClient api = ApiClient.of(cloud.running())) {
            JsonNode product = api.post("/api/v1/products/" + ApiClient.encoded(id) + "/" + action, Map.of());
            if (json) {
                Output.json(product);
            } else {
                System.out.println("product " + id + " " + done);
            }
        }
        return 0;
    }

    private static void shown(JsonNode product, boolean json) {
        if (json) {
            Output.json(product);
            return;
        }
        System.out.println("product " + product.path("id").asText() + " ("
                + product.path("name").asText() + ")");
        System.out.println("token   " + product.path("token").asText());
        System.err.println("Keep the token: it is not shown again.");
    }

    private static void put(Map<String, Object> body, String field, @Nullable String value) {
        if (value != null) {
            body.put(field, value);
        }
    }
}
