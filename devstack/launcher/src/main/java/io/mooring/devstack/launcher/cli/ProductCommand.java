package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mooring product}. */
@Command(name = "product", description = "Creates and lists products; a device registers with its product's token.")
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
            @Parameters(paramLabel = "NAME", description = "What people call it.") String name) {
        try (ApiClient api = ApiClient.of(cloud.running())) {
            JsonNode product = api.post("/api/v1/products", Map.of("name", name));
            if (json) {
                Output.json(product);
            } else {
                System.out.println("product " + product.path("id").asText() + " (" + name + ")");
                System.out.println("token   " + product.path("token").asText());
                System.err.println("Keep the token: it is not shown again.");
            }
        }
        return 0;
    }

    @Command(name = "list", description = "Lists the products.")
    int list(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json) {
        try (ApiClient api = ApiClient.of(cloud.running())) {
            JsonTable.print(api.get("/api/v1/products"), json, List.of("id", "name", "account", "cloud"));
        }
        return 0;
    }
}
