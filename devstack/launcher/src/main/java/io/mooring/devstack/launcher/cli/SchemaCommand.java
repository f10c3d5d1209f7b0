package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mooring schema}. */
@Command(
        name = "schema",
        description = "Puts schemas in force, of a cloud or of what a product brings to it, and shows them.")
final class SchemaCommand {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Say what this command does.")
    @SuppressWarnings("unused")
    private boolean help;

    /** Whose schema is meant. */
    static final class Owner {
        @Option(
                names = "--cloud",
                paramLabel = "NAME",
                defaultValue = "main",
                description = "The device cloud (default: main).")
        private String cloud = "main";

        @Option(
                names = "--product",
                paramLabel = "ID",
                description = "What this product brings, instead of the cloud's own.")
        private @Nullable String product;

        String path() {
            String base = "/v1/clouds/" + ApiClient.encoded(cloud);
            return product == null ? base + "/schema" : base + "/products/" + ApiClient.encoded(product) + "/schema";
        }

        String name() {
            return product == null ? "cloud " + cloud : "product " + product + " in cloud " + cloud;
        }
    }

    @Command(
            name = "put",
            description = "Puts a schema (JSON5) in force. What would lose data, or contradicts another, is refused.")
    int put(
            @Mixin CloudOptions cloud,
            @Mixin Owner owner,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Parameters(paramLabel = "FILE", description = "The schema.") Path file) {
        String source;
        try {
            source = Files.readString(file);
        } catch (IOException unreadable) {
            throw new StartException(file + " cannot be read: " + unreadable.getMessage(), unreadable);
        }
        try (ApiClient api = ApiClient.ofSync(cloud.running())) {
            JsonNode now = api.putText(owner.path(), source);
            if (json) {
                Output.json(now);
            } else if (now.path("changed").asBoolean()) {
                System.out.println(owner.name() + ": in force, as version "
                        + now.path("version").asInt() + " of the cloud's schema");
            } else {
                System.out.println(owner.name() + ": in force already");
            }
        }
        return 0;
    }

    @Command(name = "get", description = "Prints a schema as its owner wrote it.")
    int get(
            @Mixin CloudOptions cloud,
            @Mixin Owner owner,
            @Option(names = "--version", paramLabel = "N", description = "An earlier one.") @Nullable Integer version,
            @Option(names = "--json", description = "Print one JSON document.") boolean json) {
        try (ApiClient api = ApiClient.ofSync(cloud.running())) {
            JsonNode schema = api.get(owner.path() + (version == null ? "" : "/versions/" + version));
            if (json) {
                Output.json(schema);
            } else {
                System.out.println(schema.path("source").asText());
            }
        }
        return 0;
    }

    @Command(name = "versions", description = "Lists the versions of a schema, the newest first.")
    int versions(
            @Mixin CloudOptions cloud,
            @Mixin Owner owner,
            @Option(names = "--json", description = "Print one JSON document.") boolean json) {
        try (ApiClient api = ApiClient.ofSync(cloud.running())) {
            JsonNode versions = api.get(owner.path() + "/versions");
            if (!json) {
                versions.path("versions").forEach(version -> {
                    StringBuilder made = new StringBuilder();
                    version.path("products")
                            .properties()
                            .forEach(product -> made.append(made.isEmpty() ? "" : ", ")
                                    .append(product.getKey())
                                    .append(' ')
                                    .append(product.getValue().asInt()));
                    ((ObjectNode) version).put("products", made.toString());
                });
            }
            JsonTable.print(versions, json, List.of("version", "created", "products"));
        }
        return 0;
    }
}
