package io.mooring.audit.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Finds records, the newest first. */
public final class SearchStore {
    /**
     * What is looked for; whatever is null does not matter.
     *
     * @param who did it, by name
     * @param name what was asked
     * @param source whose event
     * @param device which device did it, or had it done
     * @param from not before
     * @param to before
     */
    public record Filter(
            @Nullable UUID id,
            @Nullable String who,
            @Nullable String name,
            @Nullable String source,
            @Nullable String device,
            @Nullable String cloud,
            @Nullable String address,
            @Nullable String errorCode,
            @Nullable Boolean refused,
            @Nullable Boolean readOnly,
            @Nullable Instant from,
            @Nullable Instant to) {}

    /** Where a page ended: the next begins after it. */
    public record Cursor(Instant at, long place) {
        /** As callers hand it back. */
        public String text() {
            return ChronoUnit.MICROS.between(Instant.EPOCH, at) + "." + place;
        }

        /** Reads one; null if it is none. */
        public static @Nullable Cursor of(String text) {
            if (!text.matches("[0-9]{1,18}\\.[0-9]{1,18}")) {
                return null;
            }
            int dot = text.indexOf('.');
            return new Cursor(
                    Instant.EPOCH.plus(Long.parseLong(text, 0, dot, 10), ChronoUnit.MICROS),
                    Long.parseLong(text, dot + 1, text.length(), 10));
        }
    }

    /** A record that was found. */
    public record Found(Cursor cursor, byte[] record) {}

    private SearchStore() {}

    /** Finds records. */
    public static List<Found> find(Connection connection, Filter filter, @Nullable Cursor after, int most)
            throws SQLException {
        StringBuilder sql = new StringBuilder("SELECT at, place, record FROM audit.event WHERE place > 0");
        List<Object> values = new ArrayList<>();
        is(sql, values, "id", filter.id());
        is(sql, values, "who", filter.who());
        is(sql, values, "name", filter.name());
        is(sql, values, "source", filter.source());
        is(sql, values, "device", filter.device());
        is(sql, values, "cloud", filter.cloud());
        is(sql, values, "address", filter.address());
        is(sql, values, "error_code", filter.errorCode());
        is(sql, values, "read_only", filter.readOnly());
        if (filter.refused() != null) {
            sql.append(filter.refused() ? " AND error_code <> ''" : " AND error_code = ''");
        }
        compare(sql, values, "at >= ?", filter.from());
        compare(sql, values, "at < ?", filter.to());
        if (after != null) {
            sql.append(" AND (at, place) < (?, ?)");
            values.add(after.at());
            values.add(after.place());
        }
        sql.append(" ORDER BY at DESC, place DESC LIMIT ?");
        values.add(most);
        List<Found> found = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(sql.toString())) {
            for (int i = 0; i < values.size(); i++) {
                if (values.get(i) instanceof Instant time) {
                    Sql.time(select, i + 1, time);
                } else {
                    select.setObject(i + 1, values.get(i));
                }
            }
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    Cursor cursor = new Cursor(rows.getTimestamp(1).toInstant(), rows.getLong(2));
                    found.add(new Found(cursor, rows.getBytes(3)));
                }
            }
        }
        return found;
    }

    private static void is(StringBuilder sql, List<Object> values, String column, @Nullable Object value) {
        if (value != null) {
            sql.append(" AND ").append(column).append(" = ?");
            values.add(value instanceof String text ? String.valueOf(Sql.text(text)) : value);
        }
    }

    private static void compare(StringBuilder sql, List<Object> values, String condition, @Nullable Instant time) {
        if (time != null) {
            sql.append(" AND ").append(condition);
            values.add(time);
        }
    }
}
