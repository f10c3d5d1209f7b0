package io.mooring.agent.log;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.agent.spool.SettingsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * What is captured, and how.
 *
 * @param sources what is captured
 * @param spoolBytes how much is kept on disk until the cloud has it; the oldest goes first
 * @param gathering how long lines are gathered for one batch, at most
 */
public record LogSettings(List<Source> sources, long spoolBytes, Duration gathering) {
    /** Nothing is captured. */
    public static final LogSettings NONE = new LogSettings(List.of(), 0, Duration.ofSeconds(1));

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:/-]{1,64}");

    /** Where lines come from. */
    public sealed interface Origin {
        /**
         * A file; those that take its place are followed.
         *
         * @param fromStart whether what it holds when it is first seen is captured too
         */
        record TextFile(Path path, boolean fromStart) implements Origin {}

        /** What a program prints; it is started again when it ends. */
        record Program(List<String> command) implements Origin {}

        /**
         * The system's journal.
         *
         * @param command {@code journalctl}, and which part of the journal it is to show
         */
        record Journal(List<String> command) implements Origin {}

        /** What the agent itself logs. */
        record Own() implements Origin {}
    }

    /**
     * A source.
     *
     * @param begins what the first row of a line looks like, where lines have several; null for the usual: a row that begins
     *     with a blank, or as the rest of a stack trace does, belongs to the row before
     * @param linesPerSecond how many lines are captured in the long run
     * @param burst how many at once
     */
    public record Source(
            String name, Origin origin, @Nullable Pattern begins, double linesPerSecond, int burst) {}

    public LogSettings {
        sources = List.copyOf(sources);
    }

    /**
     * Reads a file of settings (JSON, comments allowed).
     *
     * @throws IOException if it cannot be read, or says what cannot be; the message says where
     */
    public static LogSettings read(Path file) throws IOException {
        SettingsFile settings = SettingsFile.read(file);
        List<Source> sources = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (JsonNode source : settings.json().path("sources")) {
            Source read = source(settings, source);
            if (!names.add(read.name())) {
                throw settings.wrong("two sources are named " + read.name());
            }
            sources.add(read);
        }
        if (sources.isEmpty()) {
            throw settings.wrong("\"sources\" lists none");
        }
        return new LogSettings(sources, settings.spoolBytes(64), settings.gathering(1));
    }

    private static Source source(SettingsFile file, JsonNode json) throws IOException {
        String name = json.path("name").asText("");
        if (!NAME.matcher(name).matches()) {
            throw file.wrong("each source has a \"name\" of 1 to 64 letters, digits and _ . : / -");
        }
        List<Origin> origins = new ArrayList<>();
        if (json.has("file")) {
            origins.add(new Origin.TextFile(
                    Path.of(json.path("file").asText()),
                    json.path("from").asText("end").equals("start")));
        }
        if (json.has("program")) {
            origins.add(new Origin.Program(file.words(json.path("program").asText())));
        }
        if (json.has("journal")) {
            String command =
                    json.path("journal").isTextual() ? json.path("journal").asText() : "journalctl";
            origins.add(new Origin.Journal(file.words(command)));
        }
        if (json.path("own").asBoolean()) {
            origins.add(new Origin.Own());
        }
        double rate = json.path("linesPerSecond").asDouble(200);
        int burst = json.path("burst").asInt(2_000);
        if (origins.size() != 1 || !(rate > 0) || burst < 1) {
            throw file.wrong(
                    "source " + name
                            + " has one of \"file\", \"program\", \"journal\", \"own\"; \"linesPerSecond\" and \"burst\" above 0");
        }
        try {
            Pattern begins =
                    json.has("begins") ? Pattern.compile(json.path("begins").asText()) : null;
            return new Source(name, origins.getFirst(), begins, rate, burst);
        } catch (PatternSyntaxException bad) {
            throw new IOException(file.path() + ": \"begins\" of " + name + ": " + bad.getDescription(), bad);
        }
    }
}
