package io.mooring.metrics.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedSet;

/** Which batches, calls and fields of rows were taken: they come again until somebody hears of it, and count once. */
public final class BatchStore {
    /** What a device calls a batch. */
    public record Batch(String device, String id) implements Comparable<Batch> {
        private static final Comparator<Batch> ORDER =
                Comparator.comparing(Batch::device).thenComparing(Batch::id);

        @Override
        public int compareTo(Batch other) {
            return ORDER.compare(this, other);
        }
    }

    private BatchStore() {}

    /**
     * Notes batches. Of two at once the second waits for what becomes of the first, and as all do so in one order, nobody waits
     * for ever.
     *
     * @return those that were not noted before
     */
    public static Set<Batch> note(Connection connection, SortedSet<Batch> batches, Instant now) throws SQLException {
        Set<Batch> fresh = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO metrics.batch (device, id, taken) SELECT device, id, ? FROM unnest(?::text[], ?::text[]) AS u(device, id)
                ON CONFLICT DO NOTHING RETURNING device, id""")) {
            statement.setObject(1, now.atOffset(ZoneOffset.UTC));
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "text", batches.stream().map(Batch::device).toArray()));
            statement.setArray(
                    3,
                    connection.createArrayOf(
                            "text", batches.stream().map(Batch::id).toArray()));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    fresh.add(new Batch(result.getString(1), result.getString(2)));
                }
            }
        }
        return fresh;
    }

    /** Forgets those that nobody sends again. */
    public static void forget(Connection connection, Instant before) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM metrics.batch WHERE taken < ?")) {
            statement.setObject(1, before.atOffset(ZoneOffset.UTC));
            statement.executeUpdate();
        }
    }
}
