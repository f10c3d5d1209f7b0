package io.mooring.agent.cloud;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.db.LocalDatabase;
import io.mooring.agent.db.PendingRow;
import io.mooring.agent.db.RemoteRow;
import io.mooring.agent.db.TableLayout;
import io.mooring.agent.db.Values;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The messages of sync (device protocol, section 3): rows going up, rows coming down, and what is said of them. */
public final class SyncCodec {
    /** The longest message taken from the cloud, bytes. */
    static final int MAX_MESSAGE_BYTES = 1 << 20;

    private static final Set<String> ENVELOPE =
            Set.of("_type", "pk", TableLayout.SORT_KEY, TableLayout.UPDATED, "clock", "fields");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String deviceId;
    private final boolean base;

    /**
     * An acknowledgement.
     *
     * @param seq of the message whose changes are acknowledged
     * @param keys the keys of those that are
     * @param refused the keys of those that the cloud will never take, each with the reason
     * @param bounded the keys of those of whose times the cloud did not believe all, each with the time it took instead
     * @param updated how far the device has followed the cloud, or null
     * @param receivedMillis when the cloud got the message, ms since 1970, or {@link #UNSAID}
     */
    record Acknowledgement(
            long seq,
            List<String> keys,
            Map<String, String> refused,
            Map<String, HybridTimestamp> bounded,
            @Nullable String updated,
            long receivedMillis) {}

    /** For a time that the cloud did not say. */
    static final long UNSAID = Long.MIN_VALUE;

    /** Something the cloud sent that this device does not understand. */
    public static final class BadMessageException extends Exception {
        public BadMessageException(String message) {
            super(message);
        }
    }

    /**
     * @param deviceId this device
     * @param base whether to speak the base protocol only, without clocks of fields
     */
    public SyncCodec(String deviceId, boolean base) {
        this.deviceId = deviceId;
        this.base = base;
    }

    /**
     * One entry of {@code changes}; null if, since it was queued, others have written all that it would tell.
     *
     * @param state the row as it stands here
     */
    @Nullable
    ObjectNode change(TableLayout layout, PendingRow row, RowState<JsonNode> state) {
        RowClock clock = state.clock();
        HybridTimestamp latest = clock.latest();
        if (latest == null) {
            return null;
        }
        ObjectNode change = JSON.createObjectNode();
        ObjectNode item = JSON.createObjectNode();
        item.put("_type", layout.model().name());
        item.put(TableLayout.SORT_KEY, row.key());
        if (!clock.isLive()) {
            item.put(TableLayout.UPDATED, latest.isoMillis());
            return base || isMine(latest) ? finish(change, "remove", row, item, base ? null : latest, null) : null;
        }
        if (base) {
            item.setAll(state.values());
            // Without clocks, a field is cleared by saying so; of a row that only goes up, others' fields are not here.
            boolean all = layout.model().sync().goesDown();
            layout.columns().keySet().stream()
                    .filter(field -> !item.has(field) && (all || row.dirty().contains(field)))
                    .forEach(item::putNull);
            item.put(TableLayout.UPDATED, latest.isoMillis());
            return finish(change, "update", row, item, null, null);
        }
        HybridTimestamp whole = clock.base();
        if (row.dirty().contains(PendingRow.WHOLE)
                && isMine(whole)
                && clock.fields().isEmpty()) {
            item.setAll(state.values());
            item.put(TableLayout.UPDATED, latest.isoMillis());
            return finish(change, "create", row, item, whole, null);
        }
        return partial(change, row, state, item);
    }

    /** What others wrote they have told themselves; the cloud takes no device's word for another. */
    private boolean isMine(@Nullable HybridTimestamp at) {
        return at != null && at.writer().equals(deviceId);
    }

    private @Nullable ObjectNode partial(ObjectNode change, PendingRow row, RowState<JsonNode> state, ObjectNode item) {
        RowClock clock = state.clock();
        boolean whole = row.dirty().contains(PendingRow.WHOLE);
        SortedMap<String, HybridTimestamp> told = new TreeMap<>();
        if (whole && isMine(clock.base())) {
            told.put(PendingRow.WHOLE, clock.base());
            state.values().forEach((field, value) -> {
                HybridTimestamp at = clock.of(field);
                if (isMine(at)) {
                    item.set(field, value);
                }
            });
        }
        clock.fields().forEach((field, at) -> {
            if (isMine(at) && (whole || row.dirty().contains(field))) {
                told.put(field, at);
                item.set(field, state.values().get(field));
            }
        });
        // A write of the whole row says all that an earlier removal does.
        boolean removes = whole || row.dirty().contains(PendingRow.REMOVAL);
        if (isMine(clock.removed()) && removes && !told.containsKey(PendingRow.WHOLE)) {
            told.put(PendingRow.REMOVAL, clock.removed());
        }
        if (told.isEmpty()) {
            return null;
        }
        HybridTimestamp latest = Collections.max(told.values());
        SortedMap<String, String> texts = new TreeMap<>();
        told.forEach((field, at) -> texts.put(field, at.toString()));
        item.put(TableLayout.UPDATED, latest.isoMillis());
        return finish(change, whole ? "upsert" : "update", row, item, latest, texts);
    }

    private static ObjectNode finish(
            ObjectNode change,
            String command,
            PendingRow row,
            ObjectNode item,
            @Nullable HybridTimestamp clock,
            @Nullable Map<String, String> fields) {
        change.put("cmd", command);
        change.put("key", row.key());
        change.set("item", item);
        if (clock != null) {
            change.put("clock", clock.toString());
        }
        if (fields != null) {
            change.set("fields", JSON.valueToTree(fields));
        }
        return change;
    }

    /** The message of some changes. */
    byte[] changes(long seq, List<ObjectNode> changes) {
        ObjectNode message = JSON.createObjectNode();
        message.put("seq", seq);
        message.set("changes", JSON.createArrayNode().addAll(changes));
        return bytes(message);
    }

    /**
     * Asks for all that changed in the cloud since a place.
     *
     * @param request by which the answer is known
     */
    byte[] catchUp(String lastSync, long request) {
        ObjectNode message = JSON.createObjectNode().put("timestamp", lastSync);
        if (!base) {
            message.put("request", request).putArray("accepts").add(DeviceTopics.ROWS_FORM);
        }
        return bytes(message);
    }

    private static byte[] bytes(JsonNode message) {
        try {
            return JSON.writeValueAsBytes(message);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON can be written", e);
        }
    }

    /** Reads a JSON object. */
    static ObjectNode object(byte[] payload) throws BadMessageException {
        if (json(payload) instanceof ObjectNode object) {
            return object;
        }
        throw new BadMessageException("is not a JSON object");
    }

    private static JsonNode json(byte[] payload) throws BadMessageException {
        if (payload.length > MAX_MESSAGE_BYTES) {
            throw new BadMessageException("is longer than " + MAX_MESSAGE_BYTES + " bytes");
        }
        try {
            return JSON.readTree(payload);
        } catch (IOException e) {
            throw new BadMessageException("is not JSON");
        }
    }

    /** Reads the entries of a message of several rows; {@link #entry} reads each. */
    static ArrayNode entries(byte[] payload) throws BadMessageException {
        if (json(payload) instanceof ArrayNode entries) {
            return entries;
        }
        throw new BadMessageException("is not a JSON array");
    }

    /** Reads one row of several, as {@link #row} does. */
    Optional<RemoteRow> entry(LocalDatabase database, JsonNode entry, long nowMillis) throws BadMessageException {
        boolean removal = switch (entry.path("operation").asText("")) {
            case "INSERT", "MODIFY", "UPSERT" -> false;
            case "REMOVE" -> true;
            default -> throw new BadMessageException("has an entry without a known operation");
        };
        if (entry.path("row") instanceof ObjectNode row) {
            return row(database, row, removal, nowMillis);
        }
        throw new BadMessageException("has an entry without a row");
    }

    /** Reads a SYNC message. */
    static Acknowledgement acknowledgement(byte[] payload) throws BadMessageException {
        ObjectNode message = object(payload);
        JsonNode seq = message.path("seq");
        if (!seq.isIntegralNumber() || !(message.path("keys") instanceof ArrayNode keys)) {
            throw new BadMessageException("has no seq or no keys");
        }
        List<String> acknowledged = new ArrayList<>();
        keys.forEach(key -> acknowledged.add(key.asText()));
        Map<String, String> refused = new HashMap<>();
        message.path("refused")
                .forEach(refusal -> refused.put(
                        refusal.path("key").asText(),
                        refusal.path("code").asText("refused") + " "
                                + refusal.path("detail").asText("")));
        return new Acknowledgement(
                seq.longValue(), acknowledged, refused, bounded(message), place(message), received(message));
    }

    private static long received(ObjectNode message) throws BadMessageException {
        try {
            JsonNode received = message.path("received");
            return received.isTextual() ? Instant.parse(received.asText()).toEpochMilli() : UNSAID;
        } catch (DateTimeParseException e) {
            throw new BadMessageException("was received at no time");
        }
    }

    private static Map<String, HybridTimestamp> bounded(ObjectNode message) throws BadMessageException {
        Map<String, HybridTimestamp> bounded = new HashMap<>();
        for (var entry : message.path("bounded").properties()) {
            try {
                bounded.put(
                        entry.getKey(), HybridTimestamp.parse(entry.getValue().asText()));
            } catch (IllegalArgumentException e) {
                throw new BadMessageException("has a clock that is none: " + e.getMessage());
            }
        }
        return bounded;
    }

    /** The place a SYNC or SYNCDOWN message names, or null. */
    static @Nullable String place(ObjectNode message) {
        String place = message.path(TableLayout.UPDATED).asText("");
        try {
            Instant.parse(place);
            return place;
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /**
     * Reads a row the cloud sent; {@code removal} says whether it is one that is gone. Empty if it is of a model that
     * the schema of this device does not have: the cloud's may be a later one.
     */
    Optional<RemoteRow> row(LocalDatabase database, byte[] payload, boolean removal, long nowMillis)
            throws BadMessageException {
        return row(database, object(payload), removal, nowMillis);
    }

    private Optional<RemoteRow> row(LocalDatabase database, ObjectNode message, boolean removal, long nowMillis)
            throws BadMessageException {
        String model = message.path("_type").asText("");
        if (model.isEmpty()) {
            throw new BadMessageException("is a row without a _type");
        }
        Optional<TableLayout> known = database.layout(model);
        if (known.isEmpty()) {
            return Optional.empty();
        }
        TableLayout layout = known.get();
        SortedMap<String, JsonNode> values = values(layout, message);
        String key = message.path(TableLayout.SORT_KEY).asText("");
        if (key.isEmpty()) {
            String made = layout.key(values);
            if (made == null) {
                throw new BadMessageException("is a row without a key");
            }
            key = made;
        }
        RowClock clock = clock(message, removal, nowMillis);
        return Optional.of(new RemoteRow(
                layout, key, new RowState<>(clock, clock.isLive() ? values : Collections.emptySortedMap())));
    }

    private static SortedMap<String, JsonNode> values(TableLayout layout, ObjectNode message) {
        SortedMap<String, JsonNode> values = new TreeMap<>();
        message.properties().forEach(field -> {
            String name = field.getKey();
            TableLayout.Column column = layout.columns().get(name);
            boolean owner = TableLayout.isOwner(layout.model(), name);
            if (column == null
                    && (ENVELOPE.contains(name) || owner || layout.computed().containsKey(name))) {
                return;
            }
            JsonNode value = column == null ? field.getValue() : Values.normal(column.type(), field.getValue());
            if (value != null && !value.isNull()) {
                values.put(name, value);
            }
        });
        return values;
    }

    /**
     * The row's clock as the cloud says; a row without one merges whole by its time, and is taken if it
     * is not older than the one here.
     */
    private RowClock clock(ObjectNode message, boolean removal, long nowMillis) throws BadMessageException {
        try {
            if (!base && message.path("fields") instanceof ObjectNode fields) {
                Map<String, String> texts = new HashMap<>();
                fields.properties()
                        .forEach(field ->
                                texts.put(field.getKey(), field.getValue().asText()));
                return RowClock.parse(texts);
            }
            String own = base ? "" : message.path("clock").asText("");
            HybridTimestamp at = own.isEmpty()
                    ? new HybridTimestamp(
                            millis(message, nowMillis), HybridTimestamp.MAX_COUNTER, HybridTimestamp.CLOUD)
                    : HybridTimestamp.parse(own);
            return removal ? RowClock.removal(at) : RowClock.whole(at);
        } catch (IllegalArgumentException e) {
            throw new BadMessageException("has a clock that is none: " + e.getMessage());
        }
    }

    private static long millis(ObjectNode message, long nowMillis) {
        try {
            return Instant.parse(message.path(TableLayout.UPDATED).asText("")).toEpochMilli();
        } catch (DateTimeParseException e) {
            return nowMillis;
        }
    }
}
