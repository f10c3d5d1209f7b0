package io.mooring.metrics.db;

import io.mooring.metrics.core.Spans;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Partitions of the spans' tables by time. None of this keeps anybody waiting: one is made aside and then attached, and detached
 * before it is dropped (PostgreSQL, section 5.12.2.2).
 */
public final class PartitionStore {
    private PartitionStore() {}

    /**
     * Makes the partitions that are missing of a span, within a transaction.
     *
     * @param from seconds since 1970
     * @param to until which they are to reach, at least
     */
    public static void ensure(Connection connection, Spans spans, int span, long from, long to) throws SQLException {
        long length = SpanStore.partitionSeconds(spans.get(span));
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_xact_lock(hashtextextended('metrics.partitions', 0))");
            List<String> there = names(connection, span);
            for (long start = Math.floorDiv(from, length) * length; start < to; start += length) {
                String name = "window_" + span + "_" + start;
                if (there.contains(name)) {
                    continue;
                }
                // Windows are changed as points come, in place if the page has room.
                statement.execute("CREATE TABLE IF NOT EXISTS metrics." + name + " (LIKE metrics.window_" + span
                        + " INCLUDING ALL) WITH (fillfactor = 70)");
                statement.execute("ALTER TABLE metrics.window_" + span + " ATTACH PARTITION metrics." + name
                        + " FOR VALUES FROM (" + start + ") TO (" + (start + length) + ")");
            }
        }
    }

    /** Drops the partitions of a span that end before some time. Not within a transaction. */
    public static int dropBefore(Connection connection, Spans spans, int span, long before) throws SQLException {
        long length = SpanStore.partitionSeconds(spans.get(span));
        int dropped = 0;
        try (Statement statement = connection.createStatement()) {
            for (String name : names(connection, span)) {
                long start = Long.parseLong(name.substring(name.lastIndexOf('_') + 1));
                if (start + length > before) {
                    continue;
                }
                switch (attachment(connection, span, name)) {
                    case ATTACHED ->
                        statement.execute("ALTER TABLE metrics.window_" + span + " DETACH PARTITION metrics." + name
                                + " CONCURRENTLY");
                    // Whoever detached it was stopped in the middle.
                    case DETACHING ->
                        statement.execute("ALTER TABLE metrics.window_" + span + " DETACH PARTITION metrics." + name
                                + " FINALIZE");
                    case NONE -> {}
                }
                statement.execute("DROP TABLE IF EXISTS metrics." + name);
                dropped++;
            }
        }
        return dropped;
    }

    private enum Attachment {
        ATTACHED,
        DETACHING,
        NONE
    }

    private static Attachment attachment(Connection connection, int span, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT inhdetachpending FROM pg_catalog.pg_inherits
                 WHERE inhparent = ('metrics.window_' || ?)::regclass AND inhrelid = ('metrics.' || ?)::regclass""")) {
            statement.setInt(1, span);
            statement.setString(2, name);
            try (ResultSet result = statement.executeQuery()) {
                if (!result.next()) {
                    return Attachment.NONE;
                }
                return result.getBoolean(1) ? Attachment.DETACHING : Attachment.ATTACHED;
            }
        }
    }

    /** The tables of a span, attached or not, oldest first. */
    private static List<String> names(Connection connection, int span) throws SQLException {
        List<String> names = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = 'metrics' AND c.relkind = 'r' AND c.relname ~ ('^window_' || ? || '_[0-9]+$')
                 ORDER BY substring(c.relname FROM '[0-9]+$')::bigint""")) {
            statement.setInt(1, span);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    names.add(result.getString(1));
                }
            }
        }
        return names;
    }
}
