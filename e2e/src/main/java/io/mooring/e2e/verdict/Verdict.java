package io.mooring.e2e.verdict;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.agent.Schemas;
import io.mooring.contracts.schema.SyncSchema;
import io.mooring.contracts.sync.RowState;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a history proves.
 *
 * @param seed what the run was made of
 * @param devices how many took part
 * @param writes how many there were, by devices and by SQL
 * @param acknowledged how many changes the cloud acknowledged, to devices and to SQL
 * @param conflicts how many of them came to a row of which something later was known already, and lost
 * @param kills how many processes were killed
 * @param cuts how many lines were disturbed
 * @param failures in what it breaks a promise, in words; empty if it keeps them all
 */
public record Verdict(
        long seed,
        long devices,
        long writes,
        long acknowledged,
        long conflicts,
        long kills,
        long cuts,
        List<String> failures) {
    /** The form of the history, written into its first line. */
    public static final String FORMAT = "mooring-check-sync-1";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Does something with a line. */
    @FunctionalInterface
    private interface Reader {
        void read(JsonNode line) throws IOException;
    }

    /**
     * Judges a history.
     *
     * @throws IOException if the file cannot be read, or is none
     */
    public static Verdict of(Path history) throws IOException {
        Map<Long, String> outcomes = new HashMap<>();
        JsonNode[] run = new JsonNode[1];
        lines(history, line -> {
            switch (line.path("kind").asText()) {
                case "tx" ->
                    outcomes.put(line.path("tx").asLong(), line.path("outcome").asText());
                case "run" -> run[0] = line;
                default -> {
                    // For the second reading.
                }
            }
        });
        if (run[0] == null || !run[0].path("format").asText().equals(FORMAT)) {
            throw new IOException(history + " is no history of the form " + FORMAT);
        }
        Judge judge = new Judge(schema(run[0].path("schema").asText()), outcomes);
        lines(history, judge::read);
        return judge.verdict(run[0].path("seed").asLong());
    }

    private static SyncSchema schema(String source) throws IOException {
        Path file = Files.createTempFile("mooring-check-schema-", ".json5");
        try {
            return Schemas.of(Files.writeString(file, source));
        } finally {
            Files.delete(file);
        }
    }

    private static void lines(Path history, Reader reader) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(history)) {
            String line;
            while ((line = in.readLine()) != null) {
                reader.read(JSON.readTree(line));
            }
        }
    }

    /**
     * The first difference between the cloud and a device, in words; empty text if there is none.
     *
     * @param cloud all of the cloud's rows
     * @param device the device's
     */
    public static String firstDifference(
            SyncSchema schema, List<StandingRow> cloud, String id, String account, List<StandingRow> device) {
        List<String> differences = new Comparison(new Rows(schema)).compare(cloud, id, account, device, 1);
        return differences.isEmpty() ? "" : differences.getFirst();
    }

    static RowState<JsonNode> merged(@Nullable RowState<JsonNode> known, RowState<JsonNode> more) {
        return known == null ? more : Rows.merged(known, more);
    }
}
