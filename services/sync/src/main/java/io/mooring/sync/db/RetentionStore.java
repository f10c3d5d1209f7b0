package io.mooring.sync.db;

import io.mooring.contracts.sync.StreamPosition;
import io.mooring.sync.core.CloudSchema;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What is kept for devices that are away, and for how long. */
public final class RetentionStore {
    /**
     * Where the stream was at a time: all before that place was indexed.
     *
     * @param at when
     * @param place where
     */
    public record Mark(Instant at, StreamPosition place) {}

    /**
     * A place among graves, in the order of their keys.
     *
     * @param pruned how many graves up to here were given up
     */
    public record Grave(String owner, String model, String sk, int pruned) {
        /** Before the first. */
        public static final Grave NONE = new Grave("", "", "", 0);
    }

    /**
     * A place in the index.
     *
     * @param pruned how many entries up to here were given up
     */
    public record Entry(String receiver, long place, int pruned) {
        /** Before the first. */
        public static final Entry NONE = new Entry("", -1, 0);
    }

    private RetentionStore() {}

    /** Notes where the stream is, if that was last done a while ago. */
    public static void mark(Connection connection, Duration interval) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO sync.stream_mark (at, epoch, next)
                SELECT clock_timestamp(), epoch, next FROM sync.stream
                WHERE NOT EXISTS (SELECT FROM sync.stream_mark WHERE at > clock_timestamp() - make_interval(secs => ?))
                ON CONFLICT DO NOTHING""")) {
            statement.setDouble(1, interval.toSeconds());
            statement.executeUpdate();
        }
    }

    /** The last mark of before the time that is kept; empty if there is none, or it was seen to already. */
    public static Optional<Mark> due(Connection connection, Duration kept) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT at, epoch, next, pruned FROM sync.stream_mark
                WHERE at <= clock_timestamp() - make_interval(secs => ?) ORDER BY at DESC LIMIT 1""")) {
            statement.setDouble(1, kept.toSeconds());
            try (ResultSet result = statement.executeQuery()) {
                return result.next() && !result.getBoolean(4)
                        ? Optional.of(new Mark(
                                result.getTimestamp(1).toInstant(),
                                new StreamPosition(result.getInt(2), result.getLong(3))))
                        : Optional.empty();
            }
        }
    }

    /** All before a mark is forgotten: it need not be looked at again, nor any before it. */
    public static void seenTo(Connection connection, Mark mark) throws SQLException {
        for (String sql : List.of(
                "DELETE FROM sync.stream_mark WHERE at < ?",
                "UPDATE sync.stream_mark SET pruned = true WHERE at = ?")) {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setTimestamp(1, Timestamp.from(mark.at()));
                statement.executeUpdate();
            }
        }
    }

    /**
     * Gives up graves that were dug before a time, of the next {@code most} after a place.
     *
     * @return how far it got; empty if there are no more
     */
    public static Optional<Grave> pruneGraves(
            Connection connection, CloudSchema cloud, Instant before, Grave after, int most) throws SQLException {
        String table = Sql.table(cloud.databaseSchema(), "_tombstone");
        String sql = """
                WITH page AS (SELECT ctid, owner, model, sk FROM %1$s
                  WHERE (owner, model, sk) > (?, ?, ?) ORDER BY owner, model, sk LIMIT ?),
                gone AS (DELETE FROM %1$s t USING page WHERE t.ctid = page.ctid AND t.buried < ? RETURNING 1)
                SELECT owner, model, sk, (SELECT count(*) FROM gone) FROM page
                ORDER BY owner DESC, model DESC, sk DESC LIMIT 1""".formatted(table);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, after.owner());
            statement.setString(2, after.model());
            statement.setString(3, after.sk());
            statement.setInt(4, most);
            statement.setTimestamp(5, Timestamp.from(before));
            try (ResultSet result = statement.executeQuery()) {
                return result.next()
                        ? Optional.of(new Grave(
                                result.getString(1), result.getString(2), result.getString(3), result.getInt(4)))
                        : Optional.empty();
            }
        }
    }

    /** Whether places of a mark still mean what they did: its epoch is the stream's. */
    public static boolean isCurrent(Connection connection, Mark mark) throws SQLException {
        return StreamStore.read(connection).epoch() == mark.place().epoch();
    }

    /**
     * Gives up the index before a mark, of the next {@code most} entries after a place.
     *
     * @return how far it got; empty if there are no more
     */
    public static Optional<Entry> pruneIndex(Connection connection, String cloud, Mark mark, Entry after, int most)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                        WITH page AS (SELECT ctid, receiver, place FROM sync.change_index
                          WHERE cloud = ? AND (receiver, place) > (?, ?) ORDER BY receiver, place LIMIT ?),
                        gone AS (DELETE FROM sync.change_index i USING page
                          WHERE i.ctid = page.ctid AND i.place < ? RETURNING 1)
                        SELECT receiver, place, (SELECT count(*) FROM gone) FROM page
                        ORDER BY receiver DESC, place DESC LIMIT 1""")) {
            statement.setString(1, cloud);
            statement.setString(2, after.receiver());
            statement.setLong(3, after.place());
            statement.setInt(4, most);
            statement.setLong(5, mark.place().offset());
            try (ResultSet result = statement.executeQuery()) {
                return result.next()
                        ? Optional.of(new Entry(result.getString(1), result.getLong(2), result.getInt(3)))
                        : Optional.empty();
            }
        }
    }
}
