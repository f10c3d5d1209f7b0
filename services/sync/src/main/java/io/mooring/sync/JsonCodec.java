package io.mooring.sync;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.sync.core.FieldValues;
import io.mooring.sync.core.JsonText;
import io.mooring.sync.core.Value;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads JSON and turns it into the values that sync merges. */
public final class JsonCodec {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_NUMBER_LENGTH = 400;
    private static final int MAX_EXPONENT = 400;

    private static final StreamReadConstraints LIMITS = StreamReadConstraints.builder()
            .maxNestingDepth(MAX_DEPTH)
            .maxNumberLength(MAX_NUMBER_LENGTH)
            .build();

    private static final JsonMapper STRICT = JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
                    .streamReadConstraints(LIMITS)
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final JsonMapper JSON5 = JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
                    .streamReadConstraints(LIMITS)
                    .build())
            .enable(
                    JsonReadFeature.ALLOW_JAVA_COMMENTS,
                    JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES,
                    JsonReadFeature.ALLOW_SINGLE_QUOTES,
                    JsonReadFeature.ALLOW_TRAILING_COMMA,
                    JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS,
                    JsonReadFeature.ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS,
                    JsonReadFeature.ALLOW_TRAILING_DECIMAL_POINT_FOR_NUMBERS,
                    JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    /** A value that cannot be kept; the message says why. */
    public static final class UnusableValueException extends Exception {
        UnusableValueException(String message) {
            super(message);
        }
    }

    private JsonCodec() {}

    /** Reads JSON; floating-point numbers keep all their digits. */
    public static JsonNode read(byte[] json) throws IOException {
        return STRICT.readTree(json);
    }

    /** Reads JSON; floating-point numbers keep all their digits. */
    public static JsonNode read(String json) throws JsonProcessingException {
        return STRICT.readTree(json);
    }

    /** Reads an object of JSON5 (json5.org), as people write schemas. */
    @SuppressWarnings("unchecked") // a JSON object is a map of texts to values
    public static Map<String, ?> readJson5(String json5) throws IOException {
        JsonNode root = JSON5.readTree(json5);
        if (root == null || !root.isObject()) {
            throw new IOException("must be an object");
        }
        return JSON5.convertValue(root, Map.class);
    }

    /**
     * A value, or null for JSON's null.
     *
     * @throws UnusableValueException if neither PostgreSQL nor another replica could hold it
     */
    public static @Nullable Value value(JsonNode node) throws UnusableValueException {
        return switch (node.getNodeType()) {
            case NULL, MISSING -> null;
            case BOOLEAN -> new Value(Value.Kind.BOOLEAN, node.asText());
            case NUMBER -> new Value(Value.Kind.NUMBER, number(node));
            case STRING -> Value.text(checked(node.textValue()));
            case ARRAY -> new Value(Value.Kind.ARRAY, canonical(node));
            case OBJECT -> new Value(Value.Kind.OBJECT, canonical(node));
            default -> throw new UnusableValueException("is no JSON value");
        };
    }

    /** A value as texts, numbers, booleans, maps and lists. */
    public static Object plain(Value value) {
        try {
            return STRICT.readValue(value.json(), Object.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a value is JSON", e);
        }
    }

    private static String canonical(JsonNode node) throws UnusableValueException {
        StringBuilder json = new StringBuilder();
        append(json, node);
        return json.toString();
    }

    private static void append(StringBuilder json, JsonNode node) throws UnusableValueException {
        switch (node.getNodeType()) {
            case ARRAY -> {
                json.append('[');
                for (int i = 0; i < node.size(); i++) {
                    if (i > 0) {
                        json.append(',');
                    }
                    append(json, node.get(i));
                }
                json.append(']');
            }
            case OBJECT -> {
                Map<String, JsonNode> sorted = new TreeMap<>();
                node.properties().forEach(member -> sorted.put(member.getKey(), member.getValue()));
                json.append('{');
                for (Map.Entry<String, JsonNode> member : sorted.entrySet()) {
                    append(JsonText.name(json, checked(member.getKey())), member.getValue());
                }
                json.append('}');
            }
            case NUMBER -> json.append(number(node));
            case STRING -> JsonText.quote(json, checked(node.textValue()));
            case BOOLEAN -> json.append(node.asText());
            default -> json.append("null");
        }
    }

    private static String number(JsonNode node) throws UnusableValueException {
        if (node.isInt() || node.isLong()) {
            return Long.toString(node.longValue());
        }
        if (node.isDouble() || node.isFloat()) {
            double number = node.doubleValue();
            if (!Double.isFinite(number)) {
                throw new UnusableValueException("holds a number that is not finite");
            }
            return FieldValues.number(number).text();
        }
        java.math.BigDecimal number = node.decimalValue();
        if (Math.abs((long) number.precision() - number.scale()) > MAX_EXPONENT || number.scale() > MAX_NUMBER_LENGTH) {
            throw new UnusableValueException("holds a number with an exponent beyond " + MAX_EXPONENT);
        }
        return FieldValues.canonicalNumber(number);
    }

    /** Neither text nor jsonb of PostgreSQL holds NUL, and half a surrogate pair is no character. */
    private static String checked(String text) throws UnusableValueException {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new UnusableValueException("holds the character U+0000");
            }
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw new UnusableValueException("holds half a character (a lone surrogate)");
                }
                i++;
            }
        }
        return text;
    }
}
