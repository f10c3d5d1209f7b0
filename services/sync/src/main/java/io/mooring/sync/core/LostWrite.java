package io.mooring.sync.core;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a device wrote and what does not stand: kept for a while, so that people can look at it.
 *
 * @param key the row, as the device's own change names it
 * @param clock when the device wrote it, as far as it was believed; empty text if it was not even read
 * @param reason {@link #LATER_WRITE}, {@link #DIRECTION}, or the code of the refusal
 * @param fields what was lost, by field; {@code "-"} is a removal
 */
public record LostWrite(RowKey key, String clock, String reason, SortedMap<String, Field> fields) {
    /** Somebody else wrote it later. */
    public static final String LATER_WRITE = "later-write";

    /** Only the cloud writes the table. */
    public static final String DIRECTION = "direction";

    /** Nothing was lost: the row only got what it came without. */
    public static final String COMPLETED = "completed";

    /** Values longer than this, in characters of JSON, are not kept. */
    public static final int MAX_VALUE = 4096;

    private static final String REMOVAL = "-";

    /**
     * A field.
     *
     * @param lost what the device wrote; null is nothing
     * @param at when it did; null if that was not even read
     * @param standing what stands instead; null is nothing
     * @param standingAt when that was written, or removed; null if nobody ever did
     */
    public record Field(
            @Nullable Value lost,
            @Nullable HybridTimestamp at,
            @Nullable Value standing,
            @Nullable HybridTimestamp standingAt) {}

    public LostWrite {
        fields = Collections.unmodifiableSortedMap(new TreeMap<>(fields));
    }

    /**
     * What a change lost to what stands. Nothing, if all that overrules it is the device's own later write (it sends again
     * what it was not told to be settled), or says the same.
     *
     * @param reason why
     */
    public static Optional<LostWrite> of(IncomingChange change, RowState<Value> standing, String reason) {
        RowState<Value> written = change.state();
        String device = change.bound().writer();
        SortedMap<String, Field> lost = new TreeMap<>();
        SortedSet<String> names = new TreeSet<>(written.values().keySet());
        names.addAll(written.clock().fields().keySet());
        for (String name : names) {
            Field field = new Field(
                    written.values().get(name),
                    written.clock().of(name),
                    standing.values().get(name),
                    writtenAt(standing.clock(), name));
            if (isLost(field, device)) {
                lost.put(name, field);
            }
        }
        RowClock clock = written.clock();
        HybridTimestamp latest = standing.clock().latest();
        if (clock.removed() != null && !clock.isLive() && standing.clock().isLive()) {
            Field removal = new Field(null, clock.removed(), null, latest);
            if (latest != null && !latest.writer().equals(device)) {
                lost.put(REMOVAL, removal);
            }
        }
        return lost.isEmpty()
                ? Optional.empty()
                : Optional.of(new LostWrite(change.key(), change.bound().toString(), reason, lost));
    }

    /**
     * What a device sent and what was refused.
     *
     * @param device who sent it: its rows are named by it
     */
    public static LostWrite refused(String device, SentChange sent, String code) {
        SortedMap<String, Field> fields = new TreeMap<>();
        sent.item().forEach((name, value) -> {
            if (!name.equals("_type") && !name.equals("sk") && !name.equals("pk")) {
                fields.put(name, new Field(value, null, null, null));
            }
        });
        Value type = sent.item().get("_type");
        String clock = Objects.requireNonNullElse(
                sent.clock(),
                Optional.ofNullable(sent.item().get("updated")).map(Value::text).orElse(""));
        return new LostWrite(new RowKey(type == null ? "" : type.text(), device, sent.key()), clock, code, fields);
    }

    private static @Nullable HybridTimestamp writtenAt(RowClock clock, String field) {
        HybridTimestamp at = clock.of(field);
        return at == null ? clock.removed() : at;
    }

    private static boolean isLost(Field field, String device) {
        if (Objects.equals(field.lost(), field.standing())) {
            return false;
        }
        return field.standingAt() == null || !field.standingAt().writer().equals(device);
    }

    /** As JSON: {@code {field: {"lost", "at", "standing", "standingAt"}}}; values too long to keep are left out and counted. */
    public String fieldsJson() {
        StringBuilder json = new StringBuilder("{");
        for (Map.Entry<String, Field> entry : fields.entrySet()) {
            Field field = entry.getValue();
            JsonText.name(json, entry.getKey()).append('{');
            value(json, "lost", field.lost());
            time(json, "at", field.at());
            value(json, "standing", field.standing());
            time(json, "standingAt", field.standingAt());
            json.append('}');
        }
        return json.append('}').toString();
    }

    private static void value(StringBuilder json, String name, @Nullable Value value) {
        if (value == null) {
            JsonText.name(json, name).append("null");
        } else if (value.size() <= MAX_VALUE) {
            JsonText.name(json, name).append(value.json());
        } else {
            JsonText.name(json, name + "Size").append(value.size());
        }
    }

    private static void time(StringBuilder json, String name, @Nullable HybridTimestamp at) {
        if (at != null) {
            JsonText.quote(JsonText.name(json, name), at.toString());
        }
    }
}
