package io.mooring.messaging.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Application topics that devices of a product have.
 *
 * @param pattern an MQTT topic filter (MQTT 5.0, section 4.7) past {@code app/{deviceId}/}
 * @param direction which way messages go
 */
public record TopicPattern(String pattern, Direction direction) {
    private static final int MAX_PATTERNS = 100;
    private static final int MAX_LENGTH = 200;

    /** Which way messages go. */
    public enum Direction {
        /** From devices to applications. */
        UP,
        /** From applications to devices. */
        DOWN,
        BOTH;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Optional<Direction> of(String label) {
            for (Direction direction : values()) {
                if (direction.label().equals(label)) {
                    return Optional.of(direction);
                }
            }
            return Optional.empty();
        }
    }

    /** Reads {@code {"patterns":[{"pattern","direction"}]}}; refused with {@code bad-request}. */
    public static Outcome<List<TopicPattern>> read(JsonNode json) {
        JsonNode list = json.path("patterns");
        if (!list.isArray() || list.size() > MAX_PATTERNS) {
            return Outcome.refused("bad-request", "\"patterns\" must be a list of at most " + MAX_PATTERNS + ".");
        }
        List<TopicPattern> patterns = new ArrayList<>();
        for (JsonNode item : list) {
            String pattern = item.path("pattern").asText("");
            Optional<Direction> direction = Direction.of(item.path("direction").asText(""));
            if (direction.isEmpty()) {
                return Outcome.refused("bad-request", "A pattern's \"direction\" is up, down or both.");
            }
            if (!isFilter(pattern)) {
                return Outcome.refused(
                        "bad-request",
                        "A \"pattern\" is an MQTT topic filter of 1 to " + MAX_LENGTH
                                + " characters, such as telemetry/# or config/+/set.");
            }
            patterns.add(new TopicPattern(pattern, direction.get()));
        }
        return Outcome.done(patterns);
    }

    /** Whether a topic matches a filter (MQTT 5.0, section 4.7). */
    public static boolean matches(String filter, String topic) {
        String[] wanted = filter.split("/", -1);
        String[] levels = topic.split("/", -1);
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i].equals("#")) {
                return true;
            }
            if (i >= levels.length || (!wanted[i].equals("+") && !wanted[i].equals(levels[i]))) {
                return false;
            }
        }
        return wanted.length == levels.length;
    }

    private static boolean isFilter(String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH || text.indexOf('\0') >= 0) {
            return false;
        }
        String[] levels = text.split("/", -1);
        for (int i = 0; i < levels.length; i++) {
            String level = levels[i];
            boolean multi = level.equals("#") && i == levels.length - 1;
            boolean plain = !level.isEmpty() && level.indexOf('#') < 0 && level.indexOf('+') < 0;
            if (!multi && !plain && !level.equals("+")) {
                return false;
            }
        }
        return true;
    }
}
