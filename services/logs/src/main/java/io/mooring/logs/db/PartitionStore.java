package io.mooring.logs.db;

import io.mooring.logs.core.Retention;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/**
 * Tables of lines by how long they are kept and by day. None of this keeps anybody waiting: one is made aside and then attached,
 * and detached before it is dropped (PostgreSQL, section 5.12.2.2).
 */
public final class PartitionStore {
    /** A table: lines of a day (since 1970) that are kept for so many days. */
    public record Part(int keep, long day) {
        private String parent() {
            return "line_" + keep;
        }

        private String name() {
            return parent() + "_" + LocalDate.ofEpochDay(day).toString().replace("-", "");
        }
    }

    private PartitionStore() {}

    /** Makes those that are missing, within a transaction. */
    public static void ensure(Connection connection, Collection<Part> parts) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_xact_lock(hashtextextended('logs.partitions', 0))");
            Set<String> there = Set.copyOf(names(connection));
            for (int keep : parts.stream().map(Part::keep).distinct().toList()) {
                String parent = "line_" + keep;
                if (!there.contains(parent)) {
                    statement.execute(
                            "CREATE TABLE logs." + parent + " (LIKE logs.line INCLUDING ALL) PARTITION BY RANGE (at)");
                    statement.execute(
                            "ALTER TABLE logs.line ATTACH PARTITION logs." + parent + " FOR VALUES IN (" + keep + ")");
                }
            }
            for (Part part : Set.copyOf(parts)) {
                if (!there.contains(part.name())) {
                    long start = part.day() * Retention.DAY;
                    statement.execute("CREATE TABLE logs." + part.name() + " (LIKE logs.line INCLUDING ALL)");
                    statement.execute("ALTER TABLE logs." + part.parent() + " ATTACH PARTITION logs." + part.name()
                            + " FOR VALUES FROM (" + start + ") TO (" + (start + Retention.DAY) + ")");
                }
            }
        }
    }

    /** Drops those whose lines are over. Not within a transaction. */
    public static int dropOver(Connection connection, long nowMillis) throws SQLException {
        int dropped = 0;
        try (Statement statement = connection.createStatement()) {
            for (Part part : parts(connection)) {
                if (!Retention.isOver(part.day(), part.keep(), nowMillis)) {
                    continue;
                }
                switch (attachment(connection, part)) {
                    case ATTACHED ->
                        statement.execute("ALTER TABLE logs." + part.parent() + " DETACH PARTITION logs." + part.name()
                                + " CONCURRENTLY");
                    // Whoever detached it was stopped in the middle.
                    case DETACHING ->
                        statement.execute("ALTER TABLE logs." + part.parent() + " DETACH PARTITION logs." + part.name()
                                + " FINALIZE");
                    case NONE -> {}
                }
                statement.execute("DROP TABLE IF EXISTS logs." + part.name());
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

    private static Attachment attachment(Connection connection, Part part) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT inhdetachpending FROM pg_catalog.pg_inherits
                 WHERE inhparent = ('logs.' || ?)::regclass AND inhrelid = ('logs.' || ?)::regclass""")) {
            statement.setString(1, part.parent());
            statement.setString(2, part.name());
            try (ResultSet result = statement.executeQuery()) {
                if (!result.next()) {
                    return Attachment.NONE;
                }
                return result.getBoolean(1) ? Attachment.DETACHING : Attachment.ATTACHED;
            }
        }
    }

    private static List<Part> parts(Connection connection) throws SQLException {
        List<Part> parts = new ArrayList<>();
        for (String name : names(connection)) {
            String[] words = name.split("_", -1);
            if (words.length == 3) {
                String day = words[2];
                parts.add(new Part(
                        Integer.parseInt(words[1]),
                        LocalDate.parse(day.substring(0, 4) + "-" + day.substring(4, 6) + "-" + day.substring(6))
                                .toEpochDay()));
            }
        }
        return parts;
    }

    /** The tables that there are, attached or not. */
    private static List<String> names(Connection connection) throws SQLException {
        List<String> names = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = 'logs' AND c.relkind IN ('r', 'p') AND c.relname ~ '^line_[0-9]+(_[0-9]{8})?$'
                 ORDER BY c.relname""")) {
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    names.add(result.getString(1));
                }
            }
        }
        return names;
    }
}
