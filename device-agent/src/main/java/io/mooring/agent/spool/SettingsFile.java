package io.mooring.agent.spool;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A file of settings: JSON, comments allowed.
 *
 * @param path where it was read; what is wrong with it is said with that
 */
public record SettingsFile(Path path, JsonNode json) {
    private static final long MEBIBYTE = 1L << 20;
    private static final long MOST_MEBIBYTES = 1 << 20;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
            .build();

    /**
     * Reads a file.
     *
     * @throws IOException if it cannot be read, or is no JSON; the message says where
     */
    public static SettingsFile read(Path path) throws IOException {
        JsonNode json;
        try {
            json = JSON.readTree(Files.readAllBytes(path));
        } catch (JsonProcessingException bad) {
            throw new IOException(
                    path + ", line " + bad.getLocation().getLineNr() + ": " + bad.getOriginalMessage(), bad);
        }
        SettingsFile file = new SettingsFile(path, json);
        if (!json.isObject()) {
            throw file.wrong("it is no JSON object");
        }
        return file;
    }

    /** {@code spoolMegabytes}, in bytes: how much is kept on disk until the cloud has it. */
    public long spoolBytes(long usualMebibytes) throws IOException {
        double mebibytes = number(json, "spoolMegabytes", usualMebibytes);
        if (!(mebibytes >= 1 && mebibytes <= MOST_MEBIBYTES)) {
            throw wrong("\"spoolMegabytes\" is at least 1");
        }
        return Math.round(mebibytes * MEBIBYTE);
    }

    /** {@code gatherSeconds}: how long entries are gathered for one batch, at most. */
    public Duration gathering(double usualSeconds) throws IOException {
        double seconds = number(json, "gatherSeconds", usualSeconds);
        if (!(seconds >= 0.05 && seconds <= 3_600)) {
            throw wrong("\"gatherSeconds\" is 0.05 to 3600");
        }
        return Duration.ofMillis(Math.round(seconds * 1_000));
    }

    /** A number that may be left out. */
    public double number(JsonNode object, String name, double usual) throws IOException {
        JsonNode value = object.path(name);
        if (!value.isMissingNode() && !value.isNumber()) {
            throw wrong("\"" + name + "\" is a number");
        }
        return value.asDouble(usual);
    }

    /** The words of a command line; blanks part them, and nothing is quoted. */
    public List<String> words(String command) throws IOException {
        if (command.isBlank()) {
            throw wrong("a command is empty");
        }
        return List.of(command.strip().split(" +"));
    }

    /** Says what is wrong, and where. */
    public IOException wrong(String what) {
        return new IOException(path + ": " + what);
    }
}
