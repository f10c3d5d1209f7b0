package io.mooring.sync.db;

import io.mooring.contracts.schema.FieldType;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.TableLayout;

/** The spelling of generated SQL. */
final class Sql {
    private Sql() {}

    /** A quoted identifier. */
    static String name(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /** A quoted text. */
    static String text(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    static String table(CloudSchema cloud, TableLayout layout) {
        return table(cloud.databaseSchema(), layout.table());
    }

    static String table(String schema, String table) {
        return name(schema) + "." + name(table);
    }

    /** The type of a field's column. Dates have milliseconds, as they have on the wire. */
    static String type(FieldType type) {
        return switch (type) {
            case STRING -> "text";
            case NUMBER -> "double precision";
            case BOOLEAN -> "boolean";
            case DATE -> "timestamptz(3)";
            case OBJECT, ARRAY, SET -> "jsonb";
            case BUFFER -> "bytea";
        };
    }

    /** Makes a column's value of its text form, as {@link RowTexts} writes it. */
    static String fromText(FieldType type, String expression) {
        return type == FieldType.BUFFER ? "decode(" + expression + ", 'base64')" : expression + "::" + type(type);
    }
}
