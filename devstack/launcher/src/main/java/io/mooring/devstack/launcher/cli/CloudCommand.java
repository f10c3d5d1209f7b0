package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mooring cloud}. */
@Command(name = "cloud", description = "Creates and lists device clouds, each with an authority and tables of its own.")
final class CloudCommand {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Say what this command does.")
    @SuppressWarnings("unused")
    private boolean help;

    @Command(name = "create", description = "Creates a device cloud.")
    int create(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Parameters(paramLabel = "NAME", description = "A lower-case letter and up to 40 of a-z 0-9 _.")
                    String name) {
        try (ApiClient api = ApiClient.of(cloud.running())) {
            JsonNode made = api.post("/api/v1/clouds", Map.of("name", name));
            if (json) {
                Output.json(made);
            } else {
                System.out.println("cloud " + name + " created");
            }
        }
        return 0;
    }

    @Command(name = "list", description = "Lists the device clouds.")
    int list(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json) {
        try (ApiClient api = ApiClient.of(cloud.running())) {
            JsonTable.print(api.get("/api/v1/clouds"), json, List.of("name", "created"));
        }
        return 0;
    }
}
