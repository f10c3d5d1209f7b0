package io.mooring.sync.db;

import io.mooring.contracts.sync.StreamPosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The stream of changes: its epoch, how far it is indexed, and the last change of each row in it. */
public final class StreamStore {
    /**
     * Where the stream is.
     *
     * @param epoch rises when the stream was lost
     * @param topicId which Kafka topic it is; a topic deleted and made anew has another; null before any was seen
     * @param next the offset of the first change that is not indexed
     */
    public record Stream(int epoch, @Nullable String topicId, long next) {
        /** The place a device has reached that knows everything indexed. */
        public StreamPosition position() {
            return new StreamPosition(epoch, next);
        }

        /** The first place that no device has reached yet. */
        public StreamPosition resyncPlace() {
            return new StreamPosition(epoch, next + 1);
        }
    }

    /**
     * The last change of a row.
     *
     * @param receiver whom it concerns, as in {@code ce_subject}
     * @param owner whose the row is, where the receiver does not say so; else null
     * @param place its offset
     */
    public record Change(
            String cloud,
            String receiver,
            String model,
            String sk,
            @Nullable String owner,
            long place) {}

    private StreamStore() {}

    /** Where the stream is. */
    public static Stream read(Connection connection) throws SQLException {
        return read(connection, "");
    }

    /** Where the stream is; nobody moves it until the transaction ends. */
    public static Stream lock(Connection connection) throws SQLException {
        return read(connection, " FOR UPDATE");
    }

    private static Stream read(Connection connection, String end) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT epoch, topic_id, next FROM sync.stream" + end)) {
            if (!result.next()) {
                throw new SQLException("sync.stream has lost its row");
            }
            return new Stream(result.getInt(1), result.getString(2), result.getLong(3));
        }
    }

    /** Notes that all before {@code next} is indexed. */
    public static void advance(Connection connection, long next) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE sync.stream SET next = greatest(next, ?)")) {
            statement.setLong(1, next);
            statement.executeUpdate();
        }
    }

    /** Notes which topic the stream is, where none was known. */
    public static void adopt(Connection connection, String topicId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("UPDATE sync.stream SET topic_id = ?")) {
            statement.setString(1, topicId);
            statement.executeUpdate();
        }
    }

    /** Whether the replication slot was ever made, and whether it is just being made anew. */
    public enum SlotState {
        NONE,
        MADE,
        RENEWING
    }

    /** What became of the replication slot. */
    public static SlotState slotState(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT slot_state FROM sync.stream")) {
            return result.next() ? SlotState.valueOf(result.getString(1)) : SlotState.NONE;
        }
    }

    /** Notes what becomes of the replication slot. */
    public static void slotState(Connection connection, SlotState state) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("UPDATE sync.stream SET slot_state = ?")) {
            statement.setString(1, state.name());
            statement.executeUpdate();
        }
    }

    /** Begins anew: whatever devices know of places no longer holds, and all of them get everything anew. */
    public static void beginEpoch(Connection connection, @Nullable String topicId, long next) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE sync.stream SET epoch = epoch + 1, topic_id = ?, next = ?")) {
            statement.setString(1, topicId);
            statement.setLong(2, next);
            statement.executeUpdate();
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("TRUNCATE sync.change_index");
            statement.execute("DELETE FROM sync.row_topic");
            statement.execute("""
                    INSERT INTO sync.catch_up (device, cloud, account, since)
                    SELECT id, cloud, account, '' FROM sync.device WHERE state = 'active'
                    ON CONFLICT (device) DO UPDATE SET since = '', origin = '', request = NULL, asked_for = true,
                    """ + CatchUpStore.ANEW);
        }
    }

    /** Notes the last change of rows; each row at most once. */
    public static void index(Connection connection, List<Change> changes) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO sync.change_index AS i (cloud, receiver, model, sk, place, owner)
                SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[])
                ON CONFLICT (cloud, receiver, model, sk) DO UPDATE SET place = excluded.place, owner = excluded.owner
                WHERE i.place < excluded.place""")) {
            statement.setArray(1, Sql.texts(connection, changes, Change::cloud));
            statement.setArray(2, Sql.texts(connection, changes, Change::receiver));
            statement.setArray(3, Sql.texts(connection, changes, Change::model));
            statement.setArray(4, Sql.texts(connection, changes, Change::sk));
            statement.setArray(
                    5,
                    connection.createArrayOf(
                            "bigint", changes.stream().map(Change::place).toArray(Long[]::new)));
            statement.setArray(6, Sql.texts(connection, changes, Change::owner));
            statement.executeUpdate();
        }
    }

    /** A receiver's changes from a place on, in order, at most {@code limit}. */
    public static List<Change> page(Connection connection, String cloud, String receiver, long from, int limit)
            throws SQLException {
        List<Change> changes = new java.util.ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT model, sk, owner, place FROM sync.change_index
                WHERE cloud = ? AND receiver = ? AND place >= ? ORDER BY place LIMIT ?""")) {
            statement.setString(1, cloud);
            statement.setString(2, receiver);
            statement.setLong(3, from);
            statement.setInt(4, limit);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    changes.add(new Change(
                            cloud,
                            receiver,
                            result.getString(1),
                            result.getString(2),
                            result.getString(3),
                            result.getLong(4)));
                }
            }
        }
        return changes;
    }

    /** How many changes a receiver has from a place on. */
    public static long count(Connection connection, String cloud, String receiver, long from) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT count(*) FROM sync.change_index WHERE cloud = ? AND receiver = ? AND place >= ?")) {
            statement.setString(1, cloud);
            statement.setString(2, receiver);
            statement.setLong(3, from);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? result.getLong(1) : 0;
            }
        }
    }
}
