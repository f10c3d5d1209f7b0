package io.mooring.sync.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** The replication slot, by which PostgreSQL keeps the log until Debezium has read it. */
public final class SlotStore {
    /** The slot's name. */
    public static final String NAME = "mooring";

    /**
     * A slot.
     *
     * @param walStatus {@code reserved}, {@code extended}, {@code unreserved} or {@code lost}
     * @param active whether anybody reads it
     * @param lagBytes how much of the log it keeps unread
     */
    public record Slot(String walStatus, boolean active, long lagBytes) {
        /** Whether what it should have kept is gone. */
        public boolean isLost() {
            return walStatus.equals("lost");
        }
    }

    private SlotStore() {}

    /** The slot, if there is one. */
    public static Optional<Slot> read(Connection connection, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT coalesce(wal_status, ''), active,
                  coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0)::bigint
                FROM pg_replication_slots WHERE slot_name = ? AND database = current_database()""")) {
            statement.setString(1, name);
            try (ResultSet result = statement.executeQuery()) {
                return result.next()
                        ? Optional.of(new Slot(result.getString(1), result.getBoolean(2), result.getLong(3)))
                        : Optional.empty();
            }
        }
    }

    /** Makes the slot if it is not there. Not in a transaction that writes. */
    public static void ensure(Connection connection) throws SQLException {
        call(connection, "SELECT public.mooring_ensure_slot()");
    }

    /** Does away with the slot, and all it has kept. */
    public static void drop(Connection connection) throws SQLException {
        call(connection, "SELECT public.mooring_drop_slot()");
    }

    private static void call(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        }
    }
}
