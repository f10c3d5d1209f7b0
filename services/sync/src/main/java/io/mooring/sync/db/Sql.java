package io.mooring.sync.db;

import io.mooring.contracts.schema.FieldType;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.TableLayout;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The spelling of generated SQL, and of its parameters. */
final class Sql {
    private static final int MAX_NAME = 63;

    private Sql() {}

    /** A quoted identifier. */
    static String name(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /** A quoted text, also within a function's body, which stands between {@code $f$}. */
    static String text(String text) {
        String quoted = "'" + text.replace("'", "''") + "'";
        return quoted.contains("$f$") ? "(" + quoted.replace("$f$", "$f' || '$") + ")" : quoted;
    }

    static String table(CloudSchema cloud, TableLayout layout) {
        return table(cloud.databaseSchema(), layout.table());
    }

    static String table(String schema, String table) {
        return name(schema) + "." + name(table);
    }

    /** The quoted name of something that belongs to a column; names of more than 63 bytes would be cut. */
    static String nameOf(TableLayout layout, TableLayout.Column column, String what) {
        String name = layout.table() + "_" + column.name() + "_" + what;
        return name.length() <= MAX_NAME
                ? name(name)
                : name(name.substring(0, MAX_NAME - 9) + "_" + String.format("%08x", name.hashCode()));
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

    /** A parameter that is a list of texts, one of each item. */
    static <T> Array texts(Connection connection, Collection<T> items, Function<T, @Nullable String> text)
            throws SQLException {
        return texts(connection, items.stream().map(text).toArray(String[]::new));
    }

    /** The same of texts. The driver sends them as they are; what is no array of texts it would write out and escape. */
    static Array texts(Connection connection, @Nullable String[] texts) throws SQLException {
        return connection.createArrayOf("text", texts);
    }
}
