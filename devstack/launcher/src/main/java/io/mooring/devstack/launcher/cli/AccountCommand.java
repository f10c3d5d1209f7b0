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

/** {@code ./mooring account}. */
@Command(name = "account", description = "Creates and lists the accounts that devices belong to.")
final class AccountCommand {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Say what this command does.")
    @SuppressWarnings("unused")
    private boolean help;

    @Command(name = "create", description = "Creates an account in a device cloud.")
    int create(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(names = "--cloud", paramLabel = "NAME", description = "In which cloud.") @Nullable String tenant,
            @Parameters(paramLabel = "NAME", description = "Up to 64 of A-Z a-z 0-9 _ . -.") String name) {
        Map<String, Object> body = new HashMap<>(Map.of("name", name));
        if (tenant != null) {
            body.put("cloud", tenant);
        }
        try (ApiClient api = ApiClient.of(cloud.running())) {
            JsonNode made = api.post("/api/v1/accounts", body);
            if (json) {
                Output.json(made);
            } else {
                System.out.println("account " + name + " created in cloud "
                        + made.path("cloud").asText());
            }
        }
        return 0;
    }

    @Command(name = "list", description = "Lists the accounts.")
    int list(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json) {
        try (ApiClient api = ApiClient.of(cloud.running())) {
            JsonTable.print(api.get("/api/v1/accounts"), json, List.of("name", "cloud", "created"));
        }
        return 0;
    }
}
