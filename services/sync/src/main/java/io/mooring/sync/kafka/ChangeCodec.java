package io.mooring.sync.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.FieldType;
import io.mooring.contracts.sync.RowState;
import io.mooring.contracts.trace.TraceContext;
import io.mooring.sync.JsonCodec;
import io.mooring.sync.StoredValues;
import io.mooring.sync.core.ChangedRow;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.Row;
import io.mooring.sync.core.RowKey;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.core.TraceMessage;
import io.mooring.sync.core.TransactionTraces;
import io.mooring.sync.core.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads Debezium's change events, as the connector of this service makes them. */
public final class ChangeCodec {
    /** What stands for a large value that a change left as it was, and that the log therefore does not hold. */
    public static final String UNAVAILABLE = "__mooring_unavailable";

    private static final String UNAVAILABLE_BYTES =
            Base64.getEncoder().encodeToString(UNAVAILABLE.getBytes(StandardCharsets.UTF_8));
    private static final String SCHEMA_PREFIX = "cloud_";

    /**
     * An event.
     *
     * @param cloud whose table it is of
     * @param table the table
     * @param op {@code c}, {@code u}, {@code d} or {@code r}, as Debezium has it
     * @param lsn its place in the write-ahead log; 0 if it has none
     * @param transaction its transaction's number
     * @param after the row afterwards, or null
     */
    public record Event(
            String cloud,
            String table,
            String op,
            long lsn,
            long transaction,
            @Nullable JsonNode after) {}

    private ChangeCodec() {}

    /** Reads an event; empty if it is not of a cloud's table. */
    public static Optional<Event> event(byte @Nullable [] value) throws IOException {
        if (value == null) {
            return Optional.empty();
        }
        JsonNode root = JsonCodec.read(value);
        JsonNode source = root.path("source");
        String schema = source.path("schema").asText("");
        if (!schema.startsWith(SCHEMA_PREFIX)) {
            return Optional.empty();
        }
        JsonNode after = root.path("after");
        return Optional.of(new Event(
                schema.substring(SCHEMA_PREFIX.length()),
                source.path("table").asText(""),
                root.path("op").asText(""),
                source.path("lsn").asLong(),
                source.path("txId").asLong(),
                after.isObject() ? after : null));
    }

    /**
     * Reads an event that says of a trace, and has it noted; passes over all others.
     *
     * @param value an event that is of no cloud's table
     */
    static void noteTrace(byte @Nullable [] value, TransactionTraces traces) throws IOException {
        if (value == null) {
            return;
        }
        JsonNode root = JsonCodec.read(value);
        JsonNode message = root.path("message");
        byte[] content = message.path("content").binaryValue();
        if (content == null
                || !root.path("op").asText("").equals("m")
                || !message.path("prefix").asText("").equals(TraceContext.TRACE_PARENT)) {
            return;
        }
        JsonNode source = root.path("source");
        TraceMessage.parse(new String(content, StandardCharsets.UTF_8))
                .filter(said -> said.context().sampled())
                .ifPresent(said -> traces.note(
                        source.path("txId").asLong(),
                        said,
                        source.path("ts_us").asLong(),
                        root.path("ts_us").asLong()));
    }

    /**
     * The change an event tells of; empty if none. Deletions tell of none: graves, which are rows, speak for
     * them.
     *
     * @param offset the event's place in the stream
     */
    public static Optional<ChangedRow> changedRow(Event event, CloudSchema cloud, long offset) {
        JsonNode after = event.after();
        if (after == null) {
            return Optional.empty();
        }
        if (event.table().equals("_tombstone")) {
            return grave(event, after, cloud, offset);
        }
        TableLayout layout = cloud.layoutOfTable(event.table());
        if (layout == null) {
            return Optional.empty();
        }
        String owner = layout.ownerColumn() == null
                ? ""
                : after.path(layout.ownerColumn()).asText("");
        String account = layout.ownerColumn() == null ? null : text(after.path(TableLayout.ACCOUNT_COLUMN));
        SortedMap<String, Value> values = new TreeMap<>(StoredValues.extra(text(after.path("_extra"))));
        boolean complete = true;
        for (TableLayout.Column column : layout.columns()) {
            JsonNode cell = after.path(column.name());
            if (isUnavailable(cell)) {
                complete = false;
                continue;
            }
            Value value = value(column.type(), cell);
            if (value != null) {
                values.put(column.field().name(), value);
            }
        }
        complete &= !isUnavailable(after.path("_extra")) && !isUnavailable(after.path("_clock"));
        RowKey key = new RowKey(layout.model().name(), owner, after.path("sk").asText(""));
        Row row = new Row(key, account, new RowState<>(StoredValues.clock(text(after.path("_clock"))), values));
        ChangedRow.Kind kind = switch (event.op()) {
            case "c" -> ChangedRow.Kind.INSERT;
            case "u" -> ChangedRow.Kind.MODIFY;
            default -> ChangedRow.Kind.UPSERT;
        };
        return Optional.of(new ChangedRow(cloud, layout, row, kind, offset, event.lsn(), complete));
    }

    private static Optional<ChangedRow> grave(Event event, JsonNode after, CloudSchema cloud, long offset) {
        TableLayout layout = cloud.layout(after.path("model").asText(""));
        if (layout == null) {
            return Optional.empty();
        }
        RowKey key = new RowKey(
                layout.model().name(),
                after.path("owner").asText(""),
                after.path("sk").asText(""));
        Row row = new Row(
                key,
                text(after.path("account_id")),
                RowState.removed(HybridTimestamp.parse(after.path("clock").asText(""))));
        return Optional.of(new ChangedRow(cloud, layout, row, ChangedRow.Kind.REMOVE, offset, event.lsn(), true));
    }

    private static boolean isUnavailable(JsonNode cell) {
        return cell.isTextual()
                && (cell.textValue().equals(UNAVAILABLE) || cell.textValue().equals(UNAVAILABLE_BYTES));
    }

    private static @Nullable Value value(FieldType type, JsonNode cell) {
        return cell.isNull() || cell.isMissingNode() ? null : StoredValues.of(type, cell.asText());
    }

    private static @Nullable String text(JsonNode cell) {
        return cell.isNull() || cell.isMissingNode() ? null : cell.asText();
    }

    /** Why an event could not be read, for people. */
    static String reason(Exception e) {
        return e instanceof JsonProcessingException json
                ? String.valueOf(json.getOriginalMessage())
                : String.valueOf(e.getMessage());
    }
}
