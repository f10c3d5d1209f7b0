package io.mooring.sync.db;

import io.mooring.sync.core.JsonText;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the default values of a schema, plain maps and lists, as JSON. */
final class DefaultJson {
    private DefaultJson() {}

    static String write(@Nullable Object value) {
        StringBuilder json = new StringBuilder();
        append(json, value);
        return json.toString();
    }

    private static void append(StringBuilder json, @Nullable Object value) {
        switch (value) {
            case null -> json.append("null");
            case String text -> JsonText.quote(json, text);
            case Map<?, ?> map -> {
                json.append('{');
                map.forEach((name, member) -> append(JsonText.name(json, String.valueOf(name)), member));
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
            default -> json.append(value);
        }
    }
}
