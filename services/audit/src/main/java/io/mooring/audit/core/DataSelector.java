package io.mooring.audit.core;

import io.mooring.contracts.kafka.RowTopic;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.TopicFilter;
import java.util.List;
import java.util.regex.Pattern;

/** Which data events the trail tells of: CloudTrail's event selectors, for what Mooring holds. */
public sealed interface DataSelector {
    /**
     * Writes and removals of rows.
     *
     * @param cloud the device cloud, or {@code *}
     * @param table the model's table, or {@code *}
     */
    record Rows(String cloud, String table) implements DataSelector {
        @Override
        public List<String> topics(String prefix) {
            return List.of("\\Q" + new RowTopic(pattern(cloud), pattern(table)).name(prefix) + "\\E");
        }

        /** Whether it is of the rows of a table. */
        public boolean matches(String aCloud, String aTable) {
            return (cloud.equals(ANY) || cloud.equals(aCloud)) && (table.equals(ANY) || table.equals(aTable));
        }

        private static String pattern(String name) {
            return name.equals(ANY) ? "\\E[^.]+\\Q" : name;
        }
    }

    /**
     * Messages of devices and applications on application topics.
     *
     * @param filter an MQTT topic filter (MQTT 5, section 4.7), such as {@code app/+/door/#}
     */
    record Messages(String filter) implements DataSelector {
        @Override
        public List<String> topics(String prefix) {
            return List.of(
                    Pattern.quote(Topic.APPLICATION_UPLINK.name(prefix)),
                    Pattern.quote(Topic.APPLICATION_DOWNLINK.name(prefix)));
        }

        /** Whether it is of a message on a topic. */
        public boolean matches(String topic) {
            return TopicFilter.matches(filter, topic);
        }
    }

    /** Every cloud, every table. */
    String ANY = "*";

    /** The Kafka topics that have such events, as regular expressions. */
    List<String> topics(String prefix);

    /**
     * Reads {@code row:CLOUD/TABLE} or {@code message:FILTER}.
     *
     * @throws IllegalArgumentException if it is none; the message says what to write
     */
    static DataSelector of(String text) {
        int colon = text.indexOf(':');
        String rest = text.substring(colon + 1);
        switch (colon < 0 ? "" : text.substring(0, colon)) {
            case "row" -> {
                String[] names = rest.split("/", -1);
                if (names.length == 2 && isName(names[0]) && isName(names[1])) {
                    return new Rows(names[0], names[1]);
                }
            }
            case "message" -> {
                if (rest.startsWith("app/") && TopicFilter.isValid(rest)) {
                    return new Messages(rest);
                }
            }
            default -> {
                // Said below.
            }
        }
        throw new IllegalArgumentException(
                "'" + text + "' selects no data events: say row:CLOUD/TABLE (either may be *), or message:app/FILTER");
    }

    private static boolean isName(String text) {
        return text.equals(ANY) || text.matches("[A-Za-z0-9_-]{1,64}");
    }
}
