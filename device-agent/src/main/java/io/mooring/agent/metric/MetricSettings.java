package io.mooring.agent.metric;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.agent.spool.SettingsFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What is measured without a line of code, and how points wait.
 *
 * @param sources what is measured
 * @param spoolBytes how much is kept on disk until the cloud has it; the oldest goes first
 * @param gathering how long points are gathered in memory for one batch, at most
 */
public record MetricSettings(List<Source> sources, long spoolBytes, Duration gathering) {
    private static final long USUAL_MEBIBYTES = 16;
    private static final double USUAL_GATHER_SECONDS = 10;
    private static final double USUAL_PERIOD_SECONDS = 60;
    private static final double USUAL_TIMEOUT_SECONDS = 10;
    private static final double LONGEST_PERIOD_SECONDS = 86_400;

    /** Without a pattern the first word is the number. */
    private static final Pattern FIRST_WORD = Pattern.compile("^\\s*(\\S+)");

    /** Nothing is measured but what the program around the agent says. */
    public static final MetricSettings DEFAULT =
            new MetricSettings(List.of(), USUAL_MEBIBYTES << 20, Duration.ofSeconds(10));

    /** Where values come from. */
    public sealed interface Origin {
        /** A number in a file, such as those of a Linux kernel below {@code /sys} and {@code /proc}. */
        record NumberFile(Path path) implements Origin {}

        /**
         * A number that a program prints.
         *
         * @param timeout after which it is killed
         */
        record Program(List<String> command, Duration timeout) implements Origin {}

        /** How the agent itself does. */
        record Own() implements Origin {}
    }

    /**
     * A source.
     *
     * @param series which metric it is; of {@link Origin.Own}, which has several, its dimensions alone
     * @param period how often it is measured
     * @param pattern its first group is the number, in what the file or program says
     * @param factor by which the number is multiplied, such as 0.001 for thousandths
     */
    public record Source(Origin origin, Point.Series series, Duration period, Pattern pattern, double factor) {}

    public MetricSettings {
        sources = List.copyOf(sources);
    }

    /** The same, gathered for another time. */
    public MetricSettings withGathering(Duration time) {
        return new MetricSettings(sources, spoolBytes, time);
    }

    /**
     * Reads a file of settings (JSON, comments allowed).
     *
     * @throws IOException if it cannot be read, or says what cannot be; the message says where
     */
    public static MetricSettings read(Path path) throws IOException {
        SettingsFile file = SettingsFile.read(path);
        List<Source> sources = new ArrayList<>();
        for (JsonNode source : file.json().path("sources")) {
            sources.add(source(file, source));
        }
        return new MetricSettings(sources, file.spoolBytes(USUAL_MEBIBYTES), file.gathering(USUAL_GATHER_SECONDS));
    }

    private static Source source(SettingsFile file, JsonNode json) throws IOException {
        double period = file.number(json, "everySeconds", USUAL_PERIOD_SECONDS);
        double timeout = file.number(json, "timeoutSeconds", Math.min(period, USUAL_TIMEOUT_SECONDS));
        double factor = file.number(json, "factor", 1);
        if (!(period >= 0.1 && period <= LONGEST_PERIOD_SECONDS)
                || !(timeout > 0 && timeout <= LONGEST_PERIOD_SECONDS)
                || !Double.isFinite(factor)) {
            throw file.wrong("\"everySeconds\" is 0.1 to 86400, \"timeoutSeconds\" above 0, \"factor\" a number");
        }
        List<Origin> origins = new ArrayList<>();
        if (json.has("file")) {
            origins.add(new Origin.NumberFile(Path.of(json.path("file").asText())));
        }
        if (json.has("program")) {
            origins.add(new Origin.Program(file.words(json.path("program").asText()), duration(timeout)));
        }
        if (json.path("own").asBoolean()) {
            origins.add(new Origin.Own());
        }
        if (origins.size() != 1) {
            throw file.wrong("each source has one of \"file\", \"program\", \"own\"");
        }
        boolean own = origins.getFirst() instanceof Origin.Own;
        if (own == json.has("metric")) {
            throw file.wrong("each source but the agent's \"own\" says which \"metric\" it is");
        }
        try {
            Point.Series series =
                    Point.Series.of(own ? "own" : json.path("metric").asText(), dimensions(file, json), Point.SELF);
            Pattern pattern =
                    json.has("pattern") ? Pattern.compile(json.path("pattern").asText()) : FIRST_WORD;
            if (pattern.matcher("").groupCount() < 1) {
                throw file.wrong("\"pattern\" of " + series.metric() + " has a group, which is the number");
            }
            return new Source(origins.getFirst(), series, duration(period), pattern, factor);
        } catch (PatternSyntaxException bad) {
            throw new IOException(file.path() + ": \"pattern\": " + bad.getDescription(), bad);
        } catch (IllegalArgumentException bad) {
            throw new IOException(file.path() + ": " + bad.getMessage(), bad);
        }
    }

    /** One set of dimensions, or a list of them. */
    private static List<SortedMap<String, String>> dimensions(SettingsFile file, JsonNode json) throws IOException {
        JsonNode given = json.path("dimensions");
        List<SortedMap<String, String>> sets = new ArrayList<>();
        for (JsonNode set : given.isArray() ? given : List.of(given)) {
            if (set.isMissingNode()) {
                continue;
            }
            SortedMap<String, String> values = new TreeMap<>();
            for (var entry : set.properties()) {
                values.put(entry.getKey(), entry.getValue().asText());
            }
            if (!set.isObject()) {
                throw file.wrong("\"dimensions\" is an object of names and values, or a list of such");
            }
            sets.add(values);
        }
        return sets;
    }

    private static Duration duration(double seconds) {
        return Duration.ofMillis(Math.max(1, Math.round(seconds * 1_000)));
    }
}
