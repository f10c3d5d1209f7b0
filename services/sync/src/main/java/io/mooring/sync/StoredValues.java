package io.mooring.sync;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.FieldType;
import io.mooring.contracts.sync.RowClock;
import io.mooring.sync.JsonCodec.UnusableValueException;
import io.mooring.sync.core.FieldValues;
import io.mooring.sync.core.Value;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads back what columns hold, whether PostgreSQL says it or Debezium. */
public final class StoredValues {
    private StoredValues() {}

    /**
     * A column's value from its text form: dates ISO 8601, buffers base64, jsonb as JSON. Null for what
     * a SQL writer may store and JSON cannot say, such as NaN.
     */
    public static @Nullable Value of(FieldType type, @Nullable String text) {
        if (text == null) {
            return null;
        }
        return switch (type) {
            case STRING, BUFFER -> Value.text(text);
            case BOOLEAN -> new Value(Value.Kind.BOOLEAN, text);
            case NUMBER -> number(text);
            case DATE -> FieldValues.fit(FieldType.DATE, Value.text(text)).orElse(null);
            case OBJECT, ARRAY, SET -> json(text);
        };
    }

    private static @Nullable Value number(String text) {
        if (FieldValues.isPlain(text)) {
            return new Value(Value.Kind.NUMBER, text);
        }
        double number = Double.parseDouble(text);
        return Double.isFinite(number) ? FieldValues.number(number) : null;
    }

    private static @Nullable Value json(String text) {
        try {
            return JsonCodec.value(JsonCodec.read(text));
        } catch (JsonProcessingException | UnusableValueException e) {
            return null; // a SQL writer's number of a thousand digits: nothing a device could hold
        }
    }

    /** The values kept beside the columns, by field. */
    public static Map<String, Value> extra(@Nullable String json) {
        Map<String, Value> values = new HashMap<>();
        if (json == null || json.equals("{}")) {
            return values;
        }
        try {
            for (Map.Entry<String, JsonNode> member : JsonCodec.read(json).properties()) {
                Value value = JsonCodec.value(member.getValue());
                if (value != null) {
                    values.put(member.getKey(), value);
                }
            }
        } catch (JsonProcessingException | UnusableValueException e) {
            return Map.of();
        }
        return values;
    }

    /**
     * A row's clock from the JSON kept beside it. What is no clock, as a SQL writer may leave there, counts
     * as written long ago, so that the row still takes part.
     */
    public static RowClock clock(@Nullable String json) {
        Map<String, String> texts = new HashMap<>();
        try {
            if (json != null) {
                JsonCodec.read(json)
                        .properties()
                        .forEach(entry ->
                                texts.put(entry.getKey(), entry.getValue().asText()));
            }
            RowClock clock = RowClock.parse(texts);
            if (clock.latest() != null) {
                return clock;
            }
        } catch (JsonProcessingException | IllegalArgumentException e) {
            // falls through to the oldest clock there is
        }
        return RowClock.whole(new HybridTimestamp(0, 0, HybridTimestamp.CLOUD));
    }
}
