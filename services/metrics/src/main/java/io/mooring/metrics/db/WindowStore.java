package io.mooring.metrics.db;

import io.mooring.metrics.core.Sketch;
import io.mooring.metrics.core.Window;
import io.mooring.metrics.core.WindowSum;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * Windows. To add to one is one statement for thousands, without reading any: numbers are added by the database, and sketches
 * appended. A run of sketches that grew long is merged to one at once, in the same transaction.
 */
public final class WindowStore {
    /** From how many bytes of sketches on they are merged. */
    private static final int LONG_SKETCH = 768;

    private static final int FETCHED = 2_000;

    private static final String COLUMNS = "count, sum, min, max, last, last_millis, sketch";

    /** In the order of the key: two who add to the same windows wait for each other, and never both. */
    private static final String ADD = """
        WITH added AS (
          INSERT INTO metrics.window_%d AS w (series, start, count, sum, min, max, last, last_millis, sketch)
          SELECT * FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::float8[], ?::float8[], ?::float8[], ?::float8[],
            ?::bigint[], ?::bytea[]) AS u(series, start) ORDER BY u.series, u.start
          ON CONFLICT (series, start) DO UPDATE SET
            count = w.count + excluded.count,
            sum = w.sum + excluded.sum,
            min = least(w.min, excluded.min),
            max = greatest(w.max, excluded.max),
            last = CASE WHEN excluded.last_millis >= w.last_millis THEN excluded.last ELSE w.last END,
            last_millis = greatest(w.last_millis, excluded.last_millis),
            sketch = w.sketch || excluded.sketch
          RETURNING series, start, octet_length(sketch) AS bytes)
        SELECT series, start FROM added WHERE bytes > ?""";

    /** A window of a series, which begins at some time (seconds since 1970). */
    public record Entry(long series, long start, Window window) {}

    private WindowStore() {}

    /** Adds to the windows of a span; each is there at most once. */
    public static void add(Connection connection, int span, List<Entry> entries) throws SQLException {
        List<Entry> grown = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(ADD.formatted(span))) {
            statement.setObject(1, longs(entries, Entry::series));
            statement.setObject(2, longs(entries, Entry::start));
            statement.setObject(3, longs(entries, entry -> entry.window().count()));
            statement.setObject(4, doubles(entries, entry -> entry.window().sum()));
            statement.setObject(5, doubles(entries, entry -> entry.window().min()));
            statement.setObject(6, doubles(entries, entry -> entry.window().max()));
            statement.setObject(7, doubles(entries, entry -> entry.window().last()));
            statement.setObject(8, longs(entries, entry -> entry.window().lastMillis()));
            statement.setObject(
                    9, entries.stream().map(entry -> entry.window().sketch()).toArray(byte[][]::new));
            statement.setInt(10, LONG_SKETCH);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    grown.add(new Entry(result.getLong(1), result.getLong(2), Window.EMPTY));
                }
            }
        }
        if (!grown.isEmpty()) {
            shorten(connection, span, grown);
        }
    }

    private static void shorten(Connection connection, int span, List<Entry> grown) throws SQLException {
        String table = "metrics.window_" + span;
        long[] series = longs(grown, Entry::series);
        long[] starts = longs(grown, Entry::start);
        List<Entry> found = new ArrayList<>();
        List<byte[]> sketches = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT w.series, w.start, w.sketch FROM "
                + table + " w JOIN unnest(?::bigint[], ?::bigint[]) AS u(series, start) USING (series, start)")) {
            statement.setObject(1, series);
            statement.setObject(2, starts);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    byte[] whole = result.getBytes(3);
                    byte[] merged = Sketch.of(whole).bytes();
                    // A wide one stays long; to write it again would gain nothing.
                    if (merged.length < whole.length * 3 / 4) {
                        found.add(new Entry(result.getLong(1), result.getLong(2), Window.EMPTY));
                        sketches.add(merged);
                    }
                }
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("UPDATE " + table + " w SET sketch = u.sketch"
                + " FROM unnest(?::bigint[], ?::bigint[], ?::bytea[]) AS u(series, start, sketch)"
                + " WHERE w.series = u.series AND w.start = u.start")) {
            statement.setObject(1, longs(found, Entry::series));
            statement.setObject(2, longs(found, Entry::start));
            statement.setObject(3, sketches.toArray(byte[][]::new));
            statement.executeUpdate();
        }
    }

    /**
     * The windows of series in some time, of the spans up to one, as of one instant.
     *
     * @param from of their begins, in seconds; {@code to} is the first that is not wanted
     */
    public static List<Entry> find(Connection connection, int coarsest, Collection<Long> series, long from, long to)
            throws SQLException {
        StringBuilder sql = new StringBuilder();
        for (int span = 0; span <= coarsest; span++) {
            sql.append(span == 0 ? "" : " UNION ALL ")
                    .append("SELECT series, start, " + COLUMNS + " FROM metrics.window_" + span)
                    .append(" WHERE series = ANY (?) AND start >= ? AND start < ?")
                    .append(" AND start >= (SELECT folded FROM metrics.fold WHERE span = " + span + ")");
        }
        try (PreparedStatement statement = connection.prepareStatement(sql.toString())) {
            int at = 1;
            for (int span = 0; span <= coarsest; span++) {
                statement.setArray(at++, connection.createArrayOf("int8", series.toArray()));
                statement.setLong(at++, from);
                statement.setLong(at++, to);
            }
            return entries(statement);
        }
    }

    /** Of each span the newest window of each series that began by some time; of these the newest holds its last value. */
    public static List<Entry> newest(Connection connection, int spans, Collection<Long> series, long now)
            throws SQLException {
        StringBuilder sql = new StringBuilder();
        for (int span = 0; span < spans; span++) {
            sql.append(span == 0 ? "" : " UNION ALL ")
                    .append("SELECT w.* FROM unnest(?::bigint[]) AS s(id) CROSS JOIN LATERAL (SELECT series, start, "
                            + COLUMNS + " FROM metrics.window_" + span)
                    .append(" WHERE series = s.id AND start <= ?")
                    .append(" AND start >= (SELECT folded FROM metrics.fold WHERE span = " + span + ")")
                    .append(" ORDER BY start DESC LIMIT 1) AS w");
        }
        try (PreparedStatement statement = connection.prepareStatement(sql.toString())) {
            int at = 1;
            for (int span = 0; span < spans; span++) {
                statement.setArray(at++, connection.createArrayOf("int8", series.toArray()));
                statement.setLong(at++, now);
            }
            return entries(statement);
        }
    }

    /** When the oldest window of a span begins, within some time. */
    public static OptionalLong oldest(Connection connection, int span, long from, long to) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT min(start) FROM metrics.window_" + span + " WHERE start >= ? AND start < ?")) {
            statement.setLong(1, from);
            statement.setLong(2, to);
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                long oldest = result.getLong(1);
                return result.wasNull() ? OptionalLong.empty() : OptionalLong.of(oldest);
            }
        }
    }

    /**
     * Merges windows of a span that begin within some time into one of the next for each series; a series after the
     * other, so that no more is in memory than that.
     *
     * @param into when that window begins
     * @return how many were merged
     */
    public static int fold(Connection connection, int span, long from, long to, long into) throws SQLException {
        int merged = 0;
        List<Entry> done = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT series, start, " + COLUMNS
                + " FROM metrics.window_" + span + " WHERE start >= ? AND start < ? ORDER BY series, start")) {
            statement.setLong(1, from);
            statement.setLong(2, to);
            statement.setFetchSize(FETCHED);
            try (ResultSet result = statement.executeQuery()) {
                long series = -1;
                WindowSum sum = new WindowSum();
                while (result.next()) {
                    Entry entry = entry(result);
                    if (entry.series() != series && sum.count() > 0) {
                        done.add(new Entry(series, into, sum.window()));
                        sum = new WindowSum();
                        if (done.size() == FETCHED) {
                            add(connection, span + 1, done);
                            done.clear();
                        }
                    }
                    series = entry.series();
                    sum.add(entry.window());
                    merged++;
                }
                if (sum.count() > 0) {
                    done.add(new Entry(series, into, sum.window()));
                }
            }
        }
        if (!done.isEmpty()) {
            add(connection, span + 1, done);
        }
        return merged;
    }

    private static List<Entry> entries(PreparedStatement statement) throws SQLException {
        List<Entry> entries = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                entries.add(entry(result));
            }
        }
        return entries;
    }

    private static Entry entry(ResultSet result) throws SQLException {
        return new Entry(
                result.getLong(1),
                result.getLong(2),
                new Window(
                        result.getLong(3),
                        result.getDouble(4),
                        result.getDouble(5),
                        result.getDouble(6),
                        result.getDouble(7),
                        result.getLong(8),
                        result.getBytes(9)));
    }

    private static long[] longs(List<Entry> entries, ToLongFunction<Entry> field) {
        return entries.stream().mapToLong(field).toArray();
    }

    private static double[] doubles(List<Entry> entries, ToDoubleFunction<Entry> field) {
        return entries.stream().mapToDouble(field).toArray();
    }
}
