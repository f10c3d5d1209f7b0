package io.mooring.contracts.schema;

import java.util.Locale;
import java.util.Optional;

/** The types a field can have (device protocol, section 3.1). */
public enum FieldType {
    STRING,
    NUMBER,
    BOOLEAN,
    DATE,
    OBJECT,
    ARRAY,
    SET,
    BUFFER;

    /** The type a schema names, such as {@code string}; empty if there is none of that name. */
    public static Optional<FieldType> named(String name) {
        for (FieldType type : values()) {
            if (type.schemaName().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** As a schema writes it. */
    public String schemaName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
