package io.mooring.metrics.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;

/** Which batches were taken: a device sends one again until it hears of it, and it counts once. */
public final class BatchStore {
    private BatchStore() {}

    /** Notes a batch; false if it was noted before. Two at once: the second waits for what becomes of the first. */
    public static boolean note(Connection connection, String device, String id, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO metrics.batch (device, id, taken) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")) {
            statement.setString(1, device);
            statement.setString(2, id);
            statement.setObject(3, now.atOffset(ZoneOffset.UTC));
            return statement.executeUpdate() == 1;
        }
    }

    /** Forgets those that nobody sends again. */
    public static void forget(Connection connection, Instant before) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM metrics.batch WHERE taken < ?")) {
            statement.setObject(1, before.atOffset(ZoneOffset.UTC));
            statement.executeUpdate();
        }
    }
}
