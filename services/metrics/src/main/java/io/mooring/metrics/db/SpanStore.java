package io.mooring.metrics.db;

import io.mooring.metrics.core.Span;
import io.mooring.metrics.core.Spans;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The spans' tables, and up to where each is closed and merged into the next. */
public final class SpanStore {
    private static final String TABLE = """
        CREATE TABLE IF NOT EXISTS metrics.window_%d (
            series      bigint NOT NULL,
            start       bigint NOT NULL, -- seconds since 1970
            count       bigint NOT NULL,
            sum         double precision NOT NULL,
            min         double precision NOT NULL,
            max         double precision NOT NULL,
            last        double precision NOT NULL,
            last_millis bigint NOT NULL,
            -- Sketches, one after the other; all of them together are the window's.
            sketch      bytea NOT NULL,
            PRIMARY KEY (series, start)
        ) PARTITION BY RANGE (start)""";

    private SpanStore() {}

    /**
     * Makes what is missing, within a transaction.
     *
     * @throws IllegalStateException if there are windows of other lengths already
     */
    public static void prepare(Connection connection, Spans spans, long nowSeconds) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_xact_lock(hashtextextended('metrics.spans', 0))");
            for (int i = 0; i < spans.size(); i++) {
                statement.execute(TABLE.formatted(i));
            }
        }
        for (int i = 0; i < spans.size(); i++) {
            long closed = spans.closing(i, nowSeconds);
            insert(
                    connection,
                    "INSERT INTO metrics.span (span, closed, bucket) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                    i,
                    closed,
                    spans.get(i).bucket());
            insert(
                    connection,
                    "INSERT INTO metrics.fold (span, folded) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    i,
                    closed);
        }
        check(connection, spans);
    }

    private static void check(Connection connection, Spans spans) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT span, bucket FROM metrics.span");
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                int span = result.getInt(1);
                if (span >= spans.size() || spans.get(span).bucket() != result.getLong(2)) {
                    throw new IllegalStateException("span " + span + " has windows of " + result.getLong(2)
                            + " s already; periods may be changed, the lengths of windows may not");
                }
            }
        }
    }

    /** Of each span, where the windows begin that still take points; that stays so until the transaction ends. */
    public static long[] hold(Connection connection, Spans spans) throws SQLException {
        return marks(connection, spans, "SELECT span, closed FROM metrics.span ORDER BY span FOR SHARE");
    }

    /** The same, as it is now. */
    public static long[] closed(Connection connection, Spans spans) throws SQLException {
        return marks(connection, spans, "SELECT span, closed FROM metrics.span");
    }

    /** Of each span, where the windows begin that are not in the next yet. */
    public static long[] folded(Connection connection, Spans spans) throws SQLException {
        return marks(connection, spans, "SELECT span, folded FROM metrics.fold");
    }

    private static long[] marks(Connection connection, Spans spans, String sql) throws SQLException {
        long[] marks = new long[spans.size()];
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                marks[result.getInt(1)] = result.getLong(2);
            }
        }
        return marks;
    }

    /** Closes a span up to somewhere; waits for those who are putting points there. */
    public static void close(Connection connection, int span, long closed) throws SQLException {
        update(connection, "UPDATE metrics.span SET closed = ? WHERE span = ? AND closed < ?", closed, span, closed);
    }

    /** All of a span up to somewhere is in the next; false if somebody else was there. */
    public static boolean folded(Connection connection, int span, long from, long to) throws SQLException {
        return update(connection, "UPDATE metrics.fold SET folded = ? WHERE span = ? AND folded = ?", to, span, from)
                == 1;
    }

    private static int update(Connection connection, String sql, long value, int span, long guard) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setLong(1, value);
            statement.setInt(2, span);
            statement.setLong(3, guard);
            return statement.executeUpdate();
        }
    }

    private static void insert(Connection connection, String sql, int span, long... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, span);
            for (int i = 0; i < values.length; i++) {
                statement.setLong(i + 2, values[i]);
            }
            statement.executeUpdate();
        }
    }

    /** How much time a partition of a span holds, in seconds. */
    static long partitionSeconds(Span span) {
        long wanted = Math.min(Math.max(span.period(), 900), 90 * 86_400L);
        return Math.max(1, wanted / span.bucket()) * span.bucket();
    }
}
