package io.mooring.bridge.message;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads small JSON documents into maps, lists and texts. */
public final class Json {
    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_DEPTH = 8;
    private static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    /** Reads an object. Numbers and booleans come as their text, null is left out. */
    public static Map<?, ?> object(byte[] value) throws InvalidRecordException {
        if (value.length > MAX_BYTES) {
            throw new InvalidRecordException("too-large", "more than " + MAX_BYTES + " bytes");
        }
        try (JsonParser parser = FACTORY.createParser(value)) {
            parser.nextToken();
            if (read(parser, 0) instanceof Map<?, ?> map) {
                return map;
            }
        } catch (IOException malformed) {
            throw new InvalidRecordException("not-json", String.valueOf(malformed.getMessage()));
        }
        throw new InvalidRecordException("not-json", "not a JSON object");
    }

    private static @Nullable Object read(JsonParser parser, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new IOException("nested deeper than " + MAX_DEPTH);
        }
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            Map<String, Object> map = new HashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                Object value = read(parser, depth + 1);
                if (value != null) {
                    map.put(name, value);
                }
            }
            return map;
        }
        if (token == JsonToken.START_ARRAY) {
            List<Object> list = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                Object value = read(parser, depth + 1);
                if (value != null) {
                    list.add(value);
                }
            }
            return list;
        }
        return token == JsonToken.VALUE_NULL ? null : parser.getText();
    }

    /** A field that is text; null if there is none. */
    public static @Nullable String text(Map<?, ?> object, String field) {
        return object.get(field) instanceof String text ? text : null;
    }

    /** A field that is a list of texts; empty if there is none. */
    public static List<String> texts(Map<?, ?> object, String field) {
        return list(object, field).stream()
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .toList();
    }

    /** A field that is a list; empty if there is none. */
    public static List<?> list(Map<?, ?> object, String field) {
        return object.get(field) instanceof List<?> list ? list : List.of();
    }
}
