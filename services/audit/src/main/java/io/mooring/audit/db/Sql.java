package io.mooring.audit.db;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** Columns in and out of SQL. */
final class Sql {
    private static final int LONGEST = 512;

    private Sql() {}

    /** A text as columns take it, that anybody may have sent: not too long for an index, and without NUL. */
    static @Nullable String text(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String cut = text.length() <= LONGEST ? text : text.substring(0, LONGEST);
        return cut.indexOf('\0') < 0 ? cut : cut.replace('\0', ' ');
    }

    /** Sets a parameter to a time, or to null. */
    static void time(PreparedStatement statement, int at, @Nullable Instant time) throws SQLException {
        statement.setObject(at, time == null ? null : time.atOffset(ZoneOffset.UTC));
    }

    /** A column's time, or null. */
    static @Nullable Instant time(ResultSet result, String column) throws SQLException {
        OffsetDateTime time = result.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
