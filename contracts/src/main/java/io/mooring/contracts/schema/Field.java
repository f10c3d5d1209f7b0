package io.mooring.contracts.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A field of a model.
 *
 * @param name as rows bear it
 * @param type what it holds
 * @param value the template it is computed from, or null; {@code pk} and {@code sk} have one
 * @param required whether a row must have it
 * @param defaultValue what a row gets that comes without it, or null
 * @param allowed the values it may have; empty if any
 * @param generate how a value is made for a row that comes without one
 * @param ttl whether it is the time at which the row expires
 * @param hidden whether applications do not see it unless they ask
 * @param readonly whether it keeps its first value
 * @param unique whether no two rows may share a value
 * @param items the type of an array's or set's items, or null if any
 * @param schema the fields of an object, empty if any
 */
public record Field(
        String name,
        FieldType type,
        @Nullable KeyTemplate value,
        boolean required,
        @Nullable Object defaultValue,
        List<String> allowed,
        Generate generate,
        boolean ttl,
        boolean hidden,
        boolean readonly,
        boolean unique,
        @Nullable FieldType items,
        List<Field> schema) {
    /** How a value is made. */
    public enum Generate {
        NONE,
        ULID,
        UUID
    }

    public Field {
        allowed = List.copyOf(allowed);
        schema = List.copyOf(schema);
    }
}
