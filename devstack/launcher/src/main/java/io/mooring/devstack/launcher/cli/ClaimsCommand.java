package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./mooring claims}. */
@Command(name = "claims", description = "Issues claim ids to the factory, as a list and as QR codes, and lists them.")
final class ClaimsCommand {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Say what this command does.")
    @SuppressWarnings("unused")
    private boolean help;

    @Command(name = "issue", description = "Issues claim ids for the devices of a product.")
    int issue(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(names = "--product", required = true, paramLabel = "ID", description = "The product's id.")
                    String product,
            @Option(names = "--count", defaultValue = "1", paramLabel = "N", description = "How many. Default: 1.")
                    int count,
            @Option(
                            names = "--secrets",
                            description = "With a secret for each, for its device to hold; shown this once.")
                    boolean secrets,
            @Option(names = "--csv", paramLabel = "FILE", description = "Write them to a new file, a line each.")
                    @Nullable
                    Path csv,
            @Option(names = "--qr", paramLabel = "DIR", description = "Write a QR code for each, ID.svg.") @Nullable
                    Path qr,
            @Option(
                            names = "--qr-prefix",
                            paramLabel = "TEXT",
                            defaultValue = "",
                            description = "What stands before the id in a QR code, such as https://example.com/claim/."
                                    + " Default: nothing.")
                    String prefix) {
        if (csv != null) {
            make(csv);
        }
        JsonNode batch;
        try (ApiClient api = ApiClient.of(cloud.running())) {
            batch = api.post(
                    "/api/v1/products/" + ApiClient.encoded(product) + "/claim-ids",
                    Map.of("count", count, "secrets", secrets));
        }
        if (csv == null || json) {
            JsonTable.print(batch, json, secrets ? List.of("id", "secret") : List.of("id"));
        }
        try {
            if (csv != null) {
                write(csv, batch, secrets);
            }
            if (qr != null) {
                Files.createDirectories(qr);
                for (JsonNode claimId : batch.path("claimIds")) {
                    String id = claimId.path("id").asText();
                    Files.writeString(qr.resolve(id + ".svg"), QrCode.svg(prefix + id));
                }
            }
        } catch (IOException unwritable) {
            throw new StartException(
                    "batch " + batch.path("batch").asText() + " was issued but cannot be written: "
                            + unwritable.getMessage(),
                    unwritable);
        }
        return 0;
    }

    /** A new file that nobody else may read, made before anything is issued that it could not take. */
    private static void make(Path csv) {
        try {
            Files.createFile(csv, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException notMade) {
            throw new StartException(csv + " cannot be made, or is there already: " + notMade.getMessage(), notMade);
        }
    }

    private static void write(Path csv, JsonNode batch, boolean secrets) throws IOException {
        StringBuilder lines = new StringBuilder(secrets ? "id,secret\n" : "id\n");
        for (JsonNode claimId : batch.path("claimIds")) {
            lines.append(claimId.path("id").asText());
            if (secrets) {
                lines.append(',').append(claimId.path("secret").asText());
            }
            lines.append('\n');
        }
        Files.writeString(csv, lines);
    }

    @Command(name = "list", description = "Lists the claim ids that were issued for a product.")
    int list(
            @Mixin CloudOptions cloud,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(names = "--product", required = true, paramLabel = "ID", description = "The product's id.")
                    String product,
            @Option(names = "--after", defaultValue = "", paramLabel = "ID", description = "Begin behind this one.")
                    String after) {
        try (ApiClient api = ApiClient.of(cloud.running())) {
            JsonTable.print(
                    api.get("/api/v1/products/" + ApiClient.encoded(product) + "/claim-ids?after="
                            + ApiClient.encoded(after)),
                    json,
                    List.of("id", "batch", "secret", "issued"));
        }
        return 0;
    }
}
