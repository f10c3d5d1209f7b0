package io.mooring.sync.core;

import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Values of a schema, which are plain maps, lists, texts, numbers and booleans, as values of rows. */
public final class PlainValues {
    private PlainValues() {}

    /** A value in its canonical form; null for null. */
    public static @Nullable Value value(@Nullable Object plain) {
        return switch (plain) {
            case null -> null;
            case String text -> Value.text(text);
            case Boolean flag -> new Value(Value.Kind.BOOLEAN, flag.toString());
            case Number number -> new Value(Value.Kind.NUMBER, number(number));
            case Map<?, ?> map -> new Value(Value.Kind.OBJECT, json(map));
            case Iterable<?> list -> new Value(Value.Kind.ARRAY, json(list));
            default -> Value.text(plain.toString());
        };
    }

    private static String json(Object plain) {
        StringBuilder json = new StringBuilder();
        append(json, plain);
        return json.toString();
    }

    private static void append(StringBuilder json, @Nullable Object plain) {
        switch (plain) {
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> sorted = new TreeMap<>();
                map.forEach((name, member) -> sorted.put(String.valueOf(name), member));
                json.append('{');
                sorted.forEach((name, member) -> append(JsonText.name(json, name), member));
                json.append('}');
            }
            case Iterable<?> list -> {
                json.append('[');
                for (Object member : list) {
                    if (json.charAt(json.length() - 1) != '[') {
                        json.append(',');
                    }
                    append(json, member);
                }
                json.append(']');
            }
            case null -> json.append("null");
            default -> {
                Value value = value(plain);
                json.append(value == null ? "null" : value.json());
            }
        }
    }

    private static String number(Number number) {
        return FieldValues.canonicalNumber(new BigDecimal(number.toString()));
    }
}
