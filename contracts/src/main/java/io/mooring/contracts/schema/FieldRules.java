package io.mooring.contracts.schema;

import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a field asks of its value: one of {@code enum}, the nested {@code schema} of an object, the {@code items} of
 * a list. Values are plain: texts, numbers, booleans, maps, lists.
 *
 * <p>The type of a model's own field is not among it: a value of another type is kept as it came (device protocol,
 * section 3.2). Within a nested schema, types are asked for.
 */
public final class FieldRules {
    /**
     * What a value breaks.
     *
     * @param path the field, such as {@code config.limits.high}
     * @param code for programs
     * @param detail for people
     */
    public record Broken(String path, String code, String detail) {}

    private FieldRules() {}

    /** The first rule that a value of a model's field breaks; empty if it keeps all. */
    public static Optional<Broken> broken(Field field, Object value) {
        return inside(field.name(), field, value);
    }

    /** As {@link #broken}, for a value that must also be of the field's type. */
    public static Optional<Broken> fits(Field field, Object value) {
        return typed(field.name(), field, value);
    }

    private static Optional<Broken> typed(String path, Field field, Object value) {
        return isOf(field.type(), value)
                ? inside(path, field, value)
                : Optional.of(new Broken(
                        path,
                        "wrong-type",
                        path + " must be " + article(field.type())
                                + field.type().schemaName()));
    }

    private static Optional<Broken> inside(String path, Field field, Object value) {
        if (field.type() == FieldType.STRING && !field.allowed().isEmpty()) {
            return value instanceof String text && field.allowed().contains(text)
                    ? Optional.empty()
                    : Optional.of(new Broken(
                            path, "not-allowed", path + " must be one of " + String.join(", ", field.allowed())));
        }
        if (!field.schema().isEmpty()) {
            return members(path, field, value);
        }
        Field items = field.items();
        return items == null ? Optional.empty() : items(path, items, value);
    }

    private static Optional<Broken> members(String path, Field field, Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return Optional.of(new Broken(path, "wrong-type", path + " must be an object"));
        }
        for (Field member : field.schema()) {
            String at = path + "." + member.name();
            Object given = map.get(member.name());
            if (given == null && member.required()) {
                return Optional.of(new Broken(at, "required", at + " is required"));
            }
            Optional<Broken> broken = given == null ? Optional.empty() : typed(at, member, given);
            if (broken.isPresent()) {
                return broken;
            }
        }
        return Optional.empty();
    }

    private static Optional<Broken> items(String path, Field items, Object value) {
        if (!(value instanceof List<?> list)) {
            return Optional.of(new Broken(path, "wrong-type", path + " must be a list"));
        }
        for (int i = 0; i < list.size(); i++) {
            Object item = list.get(i);
            String at = path + "[" + i + "]";
            Optional<Broken> broken = item == null
                    ? Optional.of(new Broken(at, "wrong-type", at + " must not be null"))
                    : typed(at, items, item);
            if (broken.isPresent()) {
                return broken;
            }
        }
        return Optional.empty();
    }

    private static boolean isOf(FieldType type, @Nullable Object value) {
        return switch (type) {
            case STRING, BUFFER -> value instanceof String;
            case NUMBER -> value instanceof Number;
            case BOOLEAN -> value instanceof Boolean;
            case DATE -> value instanceof String text && isDate(text);
            case OBJECT -> value instanceof Map<?, ?>;
            case ARRAY, SET -> value instanceof List<?>;
        };
    }

    private static boolean isDate(String text) {
        try {
            return OffsetDateTime.parse(text) != null;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static String article(FieldType type) {
        return switch (type) {
            case OBJECT, ARRAY -> "an ";
            default -> "a ";
        };
    }
}
