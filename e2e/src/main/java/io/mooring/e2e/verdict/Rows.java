package io.mooring.e2e.verdict;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.agent.db.Values;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.Field;
import io.mooring.contracts.schema.FieldType;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.schema.Scope;
import io.mooring.contracts.schema.SyncSchema;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Rows in the form in which they are compared: values in one form, whichever way they came, and clocks. */
final class Rows {
    private final SyncSchema schema;

    Rows(SyncSchema schema) {
        this.schema = schema;
    }

    Model model(String name) {
        return schema.model(name)
                .orElseThrow(() -> new IllegalArgumentException("the schema has no model '" + name + "'"));
    }

    /** A row as it stands somewhere, with its clock; where nobody keeps one, all of it was written at once, long ago. */
    RowState<JsonNode> state(StandingRow row) {
        JsonNode texts = row.clock();
        RowClock clock = texts == null || texts.isNull() ? LONG_AGO : clock(texts);
        return state(row.model(), clock, row.values());
    }

    private static final RowClock LONG_AGO = RowClock.whole(new HybridTimestamp(0, 0, HybridTimestamp.CLOUD));

    /** What a write wrote. */
    RowState<JsonNode> state(String model, RowClock clock, @Nullable JsonNode values) {
        SortedMap<String, JsonNode> normal = new TreeMap<>();
        if (values != null) {
            Map<String, Field> fields = model(model).fields();
            values.properties().forEach(entry -> {
                JsonNode value = normal(fields.get(entry.getKey()), entry.getValue());
                if (value != null) {
                    normal.put(entry.getKey(), value);
                }
            });
        }
        return new RowState<>(clock, normal);
    }

    static RowClock clock(JsonNode texts) {
        Map<String, String> clock = new HashMap<>();
        texts.properties()
                .forEach(entry -> clock.put(entry.getKey(), entry.getValue().asText()));
        return RowClock.parse(clock);
    }

    private static @Nullable JsonNode normal(@Nullable Field field, JsonNode value) {
        if (value.isNull()) {
            return null;
        }
        if (field == null) {
            return value;
        }
        JsonNode normal = Values.normal(field.type(), value);
        if (normal != null && field.type() == FieldType.DATE && normal.isTextual()) {
            long millis = OffsetDateTime.parse(normal.textValue()).toInstant().toEpochMilli();
            return Values.normal(
                    FieldType.DATE,
                    com.fasterxml.jackson.databind.node.TextNode.valueOf(HybridTimestamp.formatMillis(millis)));
        }
        return normal;
    }

    static RowState<JsonNode> merged(RowState<JsonNode> one, RowState<JsonNode> other) {
        return one.mergedWith(other, Values.ORDER);
    }

    /** Whether a model's rows are of a device, and so on; whose a device's rows of it are. */
    String owner(String model, String device, String account) {
        return switch (model(model).scope()) {
            case DEVICE -> device;
            case ACCOUNT -> account;
            case CLOUD -> "";
        };
    }

    /** Whether a row concerns a device. */
    boolean concerns(StandingRow row, String device, String account) {
        Scope scope = model(row.model()).scope();
        return scope == Scope.CLOUD || row.owner().equals(scope == Scope.DEVICE ? device : account);
    }

    /** The fields a row is named by: the same in all its lives, whoever wrote them when. */
    boolean isKey(String model, String field) {
        return model(model).sk().variables().contains(field);
    }

    /** Says, in words, if a row that stands lacks a field it is named by; empty text if not. */
    String unnamed(StandingRow row) {
        JsonNode values = row.values();
        if (values != null) {
            Model model = model(row.model());
            for (String field : model.sk().variables()) {
                boolean owner = field.equals(Model.ACCOUNT_ID) || field.equals(model.deviceIdField());
                if (!owner && !values.hasNonNull(field)) {
                    return row.model() + " " + row.sk() + " has no " + field;
                }
            }
        }
        return "";
    }

    /**
     * In what two differ, in words; empty text if in nothing.
     *
     * @param clocks whether their clocks are compared too
     */
    String difference(String model, RowState<JsonNode> one, RowState<JsonNode> other, boolean clocks) {
        if (one.clock().isLive() != other.clock().isLive()) {
            return one.clock().isLive() ? "it is there, and not there" : "it is not there, and there";
        }
        if (!one.clock().isLive()) {
            boolean bothKnow = one.clock().removed() != null && other.clock().removed() != null;
            return !clocks
                            || !bothKnow
                            || Objects.equals(
                                    one.clock().removed(), other.clock().removed())
                    ? ""
                    : "it was removed at " + one.clock().removed() + ", and at "
                            + other.clock().removed();
        }
        SortedSet<String> fields = new TreeSet<>(one.values().keySet());
        fields.addAll(other.values().keySet());
        fields.addAll(one.clock().fields().keySet());
        fields.addAll(other.clock().fields().keySet());
        for (String field : fields) {
            JsonNode mine = one.values().get(field);
            JsonNode theirs = other.values().get(field);
            // Its key names a row whatever is left of it, and whether anybody ever wrote the fields of the key.
            boolean named = isKey(model, field) && (mine == null || theirs == null);
            if (!named && !Objects.equals(mine, theirs)) {
                return field + " is " + shown(mine) + " (" + one.clock().of(field) + "), and " + shown(theirs) + " ("
                        + other.clock().of(field) + ")";
            }
            boolean sameTime =
                    Objects.equals(one.clock().of(field), other.clock().of(field));
            if (clocks && !isKey(model, field) && !sameTime) {
                return field + " = " + shown(mine) + " was written at "
                        + one.clock().of(field) + ", and at " + other.clock().of(field);
            }
        }
        return "";
    }

    private static String shown(@Nullable JsonNode value) {
        String text = String.valueOf(value);
        return text.length() > 80 ? text.substring(0, 80) + "…" : text;
    }
}
