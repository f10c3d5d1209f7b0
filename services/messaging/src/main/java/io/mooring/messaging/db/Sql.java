package io.mooring.messaging.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Columns in and out of SQL. */
public final class Sql {
    private Sql() {}

    /** Sets a parameter to an array of texts, one of each item. */
    public static <T> void texts(
            Connection connection,
            PreparedStatement statement,
            int at,
            List<T> items,
            Function<T, @Nullable String> text)
            throws SQLException {
        statement.setArray(
                at, connection.createArrayOf("text", items.stream().map(text).toArray()));
    }

    /** Sets a parameter to a time, or to null. */
    public static void time(PreparedStatement statement, int at, @Nullable Instant time) throws SQLException {
        statement.setObject(at, time == null ? null : time.atOffset(ZoneOffset.UTC));
    }

    /** A column's time, or null. */
    public static @Nullable Instant time(ResultSet result, String column) throws SQLException {
        OffsetDateTime time = result.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }

    /** A column's array of texts. */
    public static Set<String> set(ResultSet result, String column) throws SQLException {
        return Set.of((String[]) result.getArray(column).getArray());
    }

    /** The quoted name of a cloud's table. */
    public static String table(String cloud, String table) {
        return "\"cloud_" + cloud.replace("\"", "\"\"") + "\".\"" + table + '"';
    }
}
