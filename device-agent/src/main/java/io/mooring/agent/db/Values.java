package io.mooring.agent.db;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.BigIntegerNode;
import com.fasterxml.jackson.databind.node.BinaryNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.FieldType;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.Date;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Values in their three forms: in a column, in a message, in an application's hand. Each has one
 * normal form as JSON, so that equal values are equal wherever they come from.
 */
public final class Values {
    /**
     * A total order of values, for writes with the very same clock; it must be the cloud's: booleans,
     * numbers, texts, arrays, objects, and each of them by its text.
     */
    public static final Comparator<JsonNode> ORDER =
            Comparator.comparingInt(Values::rank).thenComparing(Values::orderText);

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final double MAX_EXACT = 9_007_199_254_740_992.0;

    private Values() {}

    /** A column's value as JSON; null if it has none. */
    static @Nullable JsonNode fromColumn(FieldType type, @Nullable Object stored) {
        if (stored == null) {
            return null;
        }
        return switch (type) {
            case STRING -> new TextNode(keyText(stored));
            case NUMBER -> stored instanceof Number number ? number(number) : new TextNode(keyText(stored));
            case BOOLEAN -> bool(stored);
            case DATE -> new TextNode(isoDate(stored));
            case OBJECT, ARRAY, SET -> structure(stored);
            case BUFFER ->
                stored instanceof byte[] bytes
                        ? new TextNode(Base64.getEncoder().encodeToString(bytes))
                        : new TextNode(keyText(stored));
        };
    }

    /** The normal form of a value that came in a message; null for none. */
    public static @Nullable JsonNode normal(FieldType type, @Nullable JsonNode value) {
        if (value == null || value.isNull() || value.isMissingNode()) {
            return null;
        }
        return fromColumn(type, toColumn(type, value));
    }

    /** What a column holds for a value. */
    static @Nullable Object toColumn(FieldType type, @Nullable JsonNode value) {
        if (value == null || value.isNull()) {
            return null;
        }
        return switch (type) {
            case STRING, DATE -> value.isTextual() ? value.textValue() : plainText(value);
            case NUMBER -> numeric(value);
            case BOOLEAN -> truth(value);
            case OBJECT, ARRAY, SET -> value.toString();
            case BUFFER -> bytes(value);
        };
    }

    /** What a column holds for a value of which its text in a key is known. */
    static @Nullable Object keyColumn(FieldType type, String text) {
        return type == FieldType.BOOLEAN
                ? toColumn(type, BooleanNode.valueOf(text.equals("true")))
                : toColumn(type, new TextNode(text));
    }

    /** A value from an application as JSON; null for none. */
    public static @Nullable JsonNode fromApplication(FieldType type, @Nullable Object value) {
        JsonNode json = switch (value) {
            case null -> null;
            case JsonNode node -> node;
            case Instant instant -> new TextNode(HybridTimestamp.formatMillis(instant.toEpochMilli()));
            case Date date -> new TextNode(HybridTimestamp.formatMillis(date.getTime()));
            case byte[] bytes -> new TextNode(Base64.getEncoder().encodeToString(bytes));
            default -> JSON.valueToTree(value);
        };
        return normal(type, json);
    }

    /** A value as an application gets it: text, number, boolean, map or list; null for none. */
    public static @Nullable Object toApplication(@Nullable JsonNode value) {
        return value == null ? null : JSON.convertValue(value, Object.class);
    }

    /** A scalar as it stands in a key. */
    static String keyText(Object value) {
        return switch (value) {
            case JsonNode node -> plainText(node);
            case Number number -> number(number).asText();
            case byte[] bytes -> Base64.getEncoder().encodeToString(bytes);
            case Instant instant -> HybridTimestamp.formatMillis(instant.toEpochMilli());
            case Collection<?> items -> JSON.valueToTree(items).toString();
            case Map<?, ?> map -> JSON.valueToTree(map).toString();
            default -> value.toString();
        };
    }

    private static int rank(JsonNode value) {
        return switch (value.getNodeType()) {
            case BOOLEAN -> 0;
            case NUMBER -> 1;
            case ARRAY -> 3;
            case OBJECT -> 4;
            default -> 2;
        };
    }

    /** A value's text as the cloud compares it: members by their names, numbers without superfluous digits. */
    private static String orderText(JsonNode value) {
        if (value.isTextual()) {
            return value.textValue();
        }
        StringBuilder text = new StringBuilder();
        appendOrdered(text, value);
        return text.toString();
    }

    private static void appendOrdered(StringBuilder text, JsonNode value) {
        switch (value.getNodeType()) {
            case ARRAY -> {
                text.append('[');
                for (int i = 0; i < value.size(); i++) {
                    appendOrdered(i == 0 ? text : text.append(','), value.get(i));
                }
                text.append(']');
            }
            case OBJECT -> {
                SortedMap<String, JsonNode> members = new TreeMap<>();
                value.properties().forEach(member -> members.put(member.getKey(), member.getValue()));
                text.append('{');
                members.forEach((name, member) -> {
                    if (text.charAt(text.length() - 1) != '{') {
                        text.append(',');
                    }
                    text.append(new TextNode(name)).append(':');
                    appendOrdered(text, member);
                });
                text.append('}');
            }
            case NUMBER ->
                text.append(Double.isFinite(value.doubleValue()) ? orderText(value.decimalValue()) : value.asText());
            case STRING -> text.append(value);
            default -> text.append(value.asText());
        }
    }

    private static String orderText(BigDecimal number) {
        BigDecimal stripped = number.signum() == 0 ? BigDecimal.ZERO : number.stripTrailingZeros();
        int magnitude = stripped.precision() - stripped.scale();
        return magnitude > -7 && magnitude <= 21 ? stripped.toPlainString() : stripped.toString();
    }

    private static String plainText(JsonNode node) {
        return node.isValueNode() ? node.asText() : node.toString();
    }

    private static JsonNode number(Number number) {
        double value = number.doubleValue();
        if (number instanceof Long || number instanceof Integer) {
            return new LongNode(number.longValue());
        }
        if (value == Math.rint(value) && Math.abs(value) < MAX_EXACT) {
            return new LongNode((long) value);
        }
        return new DoubleNode(value);
    }

    private static JsonNode bool(Object stored) {
        if (stored instanceof Number number) {
            return BooleanNode.valueOf(number.doubleValue() != 0);
        }
        String text = stored.toString();
        return text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")
                ? BooleanNode.valueOf(text.equalsIgnoreCase("true"))
                : new TextNode(text);
    }

    private static Object truth(JsonNode value) {
        if (value.isBoolean()) {
            return value.booleanValue() ? 1 : 0;
        }
        if (value.isNumber()) {
            return value.doubleValue() != 0 ? 1 : 0;
        }
        return plainText(value);
    }

    private static Object numeric(JsonNode value) {
        if (value.isIntegralNumber() && value.canConvertToLong()) {
            return value.longValue();
        }
        if (value.isNumber()) {
            return value instanceof BigIntegerNode ? value.doubleValue() : asStored(value.doubleValue());
        }
        String text = plainText(value);
        try {
            return asStored(Double.parseDouble(text));
        } catch (NumberFormatException e) {
            return text;
        }
    }

    private static Object asStored(double value) {
        return value == Math.rint(value) && Math.abs(value) < MAX_EXACT ? (Object) (long) value : (Object) value;
    }

    private static Object bytes(JsonNode value) {
        if (value instanceof BinaryNode binary) {
            return binary.binaryValue();
        }
        try {
            return Base64.getDecoder().decode(plainText(value));
        } catch (IllegalArgumentException e) {
            return plainText(value);
        }
    }

    /** What SQL writers put there: JSON, or a plain number, or text that is no JSON and means itself. */
    private static @Nullable JsonNode structure(Object stored) {
        if (stored instanceof Number number) {
            return number(number);
        }
        String text = keyText(stored);
        try {
            JsonNode parsed = JSON.readTree(text);
            if (parsed == null || parsed.isMissingNode()) {
                return new TextNode(text);
            }
            return parsed.isNull() ? null : parsed.isNumber() ? number(parsed.numberValue()) : parsed;
        } catch (JsonProcessingException e) {
            return new TextNode(text);
        }
    }

    /** ISO 8601 as it came, or one of SQLite's own forms (2026-11-23 10:00:00, taken as UTC) made so. */
    private static String isoDate(Object stored) {
        if (stored instanceof Number number) {
            return HybridTimestamp.formatMillis(number.longValue());
        }
        String text = stored.toString();
        if (text.length() < 10 || text.indexOf('T') > 0) {
            return text;
        }
        try {
            Instant instant = text.length() == 10
                    ? LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC)
                    : LocalDateTime.parse(text.replace(' ', 'T'), DateTimeFormatter.ISO_LOCAL_DATE_TIME)
                            .toInstant(ZoneOffset.UTC);
            return HybridTimestamp.formatMillis(instant.toEpochMilli());
        } catch (DateTimeParseException e) {
            return text;
        }
    }
}
