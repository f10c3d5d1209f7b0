package io.mooring.audit.core;

import io.mooring.contracts.audit.AuditCaller;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.audit.AuditRecord.Category;
import io.mooring.contracts.audit.AuditRecord.Kind;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which records of the topics of rows and messages are data events, and what the trail says of them: never what is in them. */
public final class DataEvents {
    /** Rows that were there before their topic: nobody did anything. */
    private static final String AS_FOUND = "as-found-";

    private final List<DataSelector> selectors;

    public DataEvents(List<DataSelector> selectors) {
        this.selectors = List.copyOf(selectors);
    }

    /**
     * A record of Kafka.
     *
     * @param time its own
     * @param place {@code topic/partition/offset}
     */
    public record Seen(
            String topic,
            String key,
            Map<String, String> headers,
            byte @Nullable [] value,
            Instant time,
            String place) {
        private String header(String name) {
            return headers.getOrDefault(name, "");
        }

        private int bytes() {
            return value == null ? 0 : value.length;
        }
    }

    /** What is to be told of a record; empty if nobody asked for it. */
    public Optional<AuditRecord> of(Seen seen) {
        return switch (seen.header(EventHeaders.TYPE)) {
            case EventTypes.ROW_CHANGED, EventTypes.ROW_REMOVED -> row(seen);
            case EventTypes.APPLICATION_UPLINK ->
                message(
                        seen,
                        "app/" + seen.key() + "/" + seen.header(EventHeaders.SUBJECT),
                        AuditCaller.device(seen.key(), seen.header(EventHeaders.ACCOUNT)));
            case EventTypes.APPLICATION_DOWNLINK ->
                message(
                        seen,
                        "app/" + seen.key() + "/" + seen.header(EventHeaders.TOPIC),
                        caller("Application", seen.header(EventHeaders.APPLICATION)));
            default -> Optional.empty();
        };
    }

    private Optional<AuditRecord> row(Seen seen) {
        String cloud = seen.header(EventHeaders.CLOUD);
        String table = table(seen.topic());
        boolean asked = selectors.stream()
                .anyMatch(selector -> selector instanceof DataSelector.Rows rows && rows.matches(cloud, table));
        if (!asked || seen.header(EventHeaders.ID).startsWith(AS_FOUND)) {
            return Optional.empty();
        }
        Map<String, Object> parameters = new TreeMap<>();
        parameters.put("cloud", cloud);
        parameters.put("table", table);
        parameters.put("row", seen.key());
        String[] owner = seen.header(EventHeaders.SUBJECT).split("/", 2);
        if (owner.length == 2) {
            parameters.put(owner[0], owner[1]);
        }
        byte[] row = seen.value();
        return Optional.of(
                row == null
                        ? event("RemoveRow", caller("Unknown", ""), parameters, seen, at(seen))
                        : event("WriteRow", writer(row), parameters, seen, at(seen)));
    }

    private Optional<AuditRecord> message(Seen seen, String topic, AuditCaller caller) {
        boolean asked = selectors.stream()
                .anyMatch(selector -> selector instanceof DataSelector.Messages messages && messages.matches(topic));
        if (!asked) {
            return Optional.empty();
        }
        Map<String, Object> parameters = Map.of(
                "cloud", seen.header(EventHeaders.CLOUD), "device", seen.key(), "topic", topic, "bytes", seen.bytes());
        return Optional.of(event("PublishMessage", caller, parameters, seen, seen.time()));
    }

    private static AuditRecord event(
            String action, AuditCaller caller, Map<String, ?> parameters, Seen seen, Instant at) {
        return AuditRecord.done(action, caller, parameters, Map.of(), at)
                .as(Kind.SERVICE_EVENT, Category.DATA)
                .with(Map.of("cloud", seen.header(EventHeaders.CLOUD), "record", seen.place()));
    }

    /** {@code prefix.row.CLOUD.TABLE.v1}. */
    private static String table(String topic) {
        String[] parts = topic.split("\\.", -1);
        return parts.length < 2 ? "" : parts[parts.length - 2];
    }

    /** Whose write was the last; SQL's says nothing of who sent it. */
    private static AuditCaller writer(byte[] row) {
        try {
            String writer =
                    HybridTimestamp.parse(Json.read(row).path("clock").asText()).writer();
            return writer.equals(HybridTimestamp.CLOUD) ? caller("Service", "sql") : AuditCaller.device(writer, "");
        } catch (IOException | IllegalArgumentException none) {
            // Told all the same: it was written.
        }
        return caller("Unknown", "");
    }

    private static Instant at(Seen seen) {
        try {
            return Instant.parse(seen.header(EventHeaders.TIME));
        } catch (DateTimeException none) {
            return seen.time();
        }
    }

    private static AuditCaller caller(String type, String name) {
        return new AuditCaller(type, name, "", "", "");
    }
}
