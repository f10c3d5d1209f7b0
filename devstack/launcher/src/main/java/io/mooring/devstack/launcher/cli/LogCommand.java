package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.devstack.launcher.process.StartException;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mooring log}. */
@Command(name = "log", description = "Searches what devices log, and follows it.")
final class LogCommand {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern AGO = Pattern.compile("([0-9]{1,6})([smhd])");
    private static final int PAGE = 1_000;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Say what this command does.")
    @SuppressWarnings("unused")
    private boolean help;

    /** Which lines. */
    static final class Which {
        @Option(names = "--cloud", paramLabel = "NAME", defaultValue = "main", description = "Of which cloud.")
        private String tenant = "main";

        @Option(names = "--device", paramLabel = "ID", description = "Of this device.")
        private @Nullable String device;

        @Option(names = "--product", paramLabel = "ID", description = "Of this product's devices.")
        private @Nullable String product;

        @Option(names = "--source", paramLabel = "NAME", description = "Of this source.")
        private @Nullable String source;

        @Option(names = "--level", paramLabel = "LEVEL", description = "Of this level, or graver.")
        private @Nullable String level;

        @Parameters(
                arity = "0..*",
                paramLabel = "TEXT",
                description = "That hold this, in whatever case; of several, all of them.")
        private @Nullable List<String> texts;

        private String path(String below) {
            StringBuilder path = new StringBuilder("/v1/clouds/" + ApiClient.encoded(tenant) + "/logs" + below + "?");
            add(path, "device", device);
            add(path, "product", product);
            add(path, "source", source);
            add(path, "level", level);
            if (texts != null) {
                texts.forEach(text -> add(path, "text", text));
            }
            return path.toString();
        }
    }

    private static void add(StringBuilder path, String name, @Nullable String value) {
        if (value != null) {
            path.append(name).append('=').append(ApiClient.encoded(value)).append('&');
        }
    }

    @Command(name = "search", description = "Shows the newest lines that are wanted, the last one last.")
    int search(
            @Mixin CloudOptions cloud,
            @Mixin Which which,
            @Option(names = "--json", description = "Print one JSON document.") boolean json,
            @Option(
                            names = "--since",
                            paramLabel = "TIME",
                            description = "Not older: a time (RFC 3339), or 90s, 30m, 12h, 7d.")
                    @Nullable
                    String since,
            @Option(names = "--until", paramLabel = "TIME", description = "Older, likewise.") @Nullable String until,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "100",
                            description = "At most so many (default: 100).")
                    int limit) {
        StringBuilder path = new StringBuilder(which.path(""));
        add(path, "from", since == null ? null : time(since));
        add(path, "to", until == null ? null : time(until));
        List<JsonNode> lines = new ArrayList<>();
        try (ApiClient api = ApiClient.logs(cloud.running())) {
            String after = "";
            do {
                int most = Math.min(PAGE, limit - lines.size());
                JsonNode page = api.get(path + "limit=" + most + "&after=" + after);
                page.path("lines").forEach(lines::add);
                after = page.path("next").asText();
            } while (!after.isEmpty() && lines.size() < limit);
        }
        Collections.reverse(lines);
        if (json) {
            Output.json(JSON.createObjectNode().set("lines", JSON.valueToTree(lines)));
        } else {
            lines.forEach(line -> System.out.println(text(line)));
        }
        return 0;
    }

    @Command(name = "tail", description = "Shows lines as they come, until it is stopped.")
    int tail(
            @Mixin CloudOptions cloud,
            @Mixin Which which,
            @Option(names = "--json", description = "Print a JSON document for each.") boolean json) {
        try (ApiClient api = ApiClient.logs(cloud.running())) {
            api.stream(which.path("/tail"), (event, data) -> {
                if (event.equals("missed")) {
                    System.err.println("… " + data + " lines came faster than they could be shown");
                } else if (event.equals("line")) {
                    System.out.println(json ? data : text(line(data)));
                }
            });
        }
        return 0;
    }

    private static JsonNode line(String data) {
        try {
            return JSON.readTree(data);
        } catch (IOException none) {
            throw new StartException("the API said something that is no line", none);
        }
    }

    private static String text(JsonNode line) {
        String source = line.path("source").asText();
        return line.path("time").asText() + " " + line.path("device").asText() + " "
                + String.format(Locale.ROOT, "%-5s", line.path("level").asText().toUpperCase(Locale.ROOT)) + " "
                + (source.isEmpty() ? "" : source + ": ")
                + printable(line.path("text").asText());
    }

    /** What a device logged must not steer the terminal of whoever reads it: control characters are shown as what they are. */
    private static String printable(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Character.isISOControl(c) && c != '\n' && c != '\t') {
                shown.append(String.format(Locale.ROOT, "\\x%02x", c));
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }

    private static String time(String text) {
        Matcher ago = AGO.matcher(text);
        if (!ago.matches()) {
            try {
                return OffsetDateTime.parse(text).toString();
            } catch (DateTimeException none) {
                throw new StartException("no time: " + text + "; a time (RFC 3339), or 90s, 30m, 12h, 7d");
            }
        }
        long number = Long.parseLong(ago.group(1));
        Duration back = switch (ago.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
        return Instant.now().minus(back).toString();
    }
}
