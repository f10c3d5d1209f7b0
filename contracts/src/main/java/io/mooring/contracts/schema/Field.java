package io.mooring.contracts.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A field of a model.
 *
 * @param name as rows bear it
 * @param type what it holds
 * @param value the template it is computed from, or null; {@code pk} and {@code sk} have one
 * @param encode the part of another attribute that it stands for, or null
 * @param required whether a row must have it
 * @param defaultValue what a row gets that comes without it, or null
 * @param allowed the values it may have; empty if any
 * @param generate how a value is made for a row that comes without one
 * @param ttl whether it is the time at which the row expires
 * @param hidden whether applications do not see it unless they ask
 * @param readonly whether it keeps its first value
 * @param unique among which rows no two may share a value
 * @param items what each item of an array or set is, or null if anything
 * @param schema the fields of an object, empty if any
 */
public record Field(
        String name,
        FieldType type,
        @Nullable KeyTemplate value,
        @Nullable Part encode,
        boolean required,
        @Nullable Object defaultValue,
        List<String> allowed,
        Generate generate,
        boolean ttl,
        boolean hidden,
        boolean readonly,
        Unique unique,
        @Nullable Field items,
        List<Field> schema) {
    /** How a value is made. */
    public enum Generate {
        NONE,
        ULID,
        UUID
    }

    /** Among which rows of a model a value may occur only once. */
    public enum Unique {
        NO,
        /** Among those of one owner: {@code unique: true}. Each device can see to it by itself. */
        OWNER,
        /** Among all there are: {@code unique: 'cloud'}. Only the cloud can tell. */
        CLOUD
    }

    /**
     * A part of an attribute, in OneTable's form {@code encode: ['sk', '#', 1]}.
     *
     * @param attribute the field, or {@code sk} or {@code pk}, that holds it
     * @param separator what stands between its parts
     * @param index which part, from 0
     */
    public record Part(String attribute, String separator, int index) {}

    public Field {
        allowed = List.copyOf(allowed);
        schema = List.copyOf(schema);
    }

    /**
     * Whether its value is made of other fields, by {@code value} or {@code encode}: then nobody writes it, and it
     * does not merge.
     */
    public boolean computed() {
        return value != null || encode != null;
    }
}
