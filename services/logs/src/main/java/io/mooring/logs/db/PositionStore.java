package io.mooring.logs.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * How far a topic has been taken, kept in the transaction that takes it: Kafka delivers at least once, and a point that was
 * taken twice would count twice.
 */
public final class PositionStore {
    private PositionStore() {}

    /** The next offset of each of these partitions; nobody else moves them until the transaction ends. */
    public static Map<Integer, Long> lock(Connection connection, String topicId, Collection<Integer> partitions)
            throws SQLException {
        Object[] wanted = partitions.stream().sorted().toArray();
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO logs.position (topic, partition, next) SELECT ?, p, 0 FROM unnest(?::int[]) AS p
                ON CONFLICT DO NOTHING""")) {
            statement.setString(1, topicId);
            statement.setArray(2, connection.createArrayOf("int4", wanted));
            statement.executeUpdate();
        }
        Map<Integer, Long> next = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT partition, next FROM logs.position
                 WHERE topic = ? AND partition = ANY (?) ORDER BY partition FOR UPDATE""")) {
            statement.setString(1, topicId);
            statement.setArray(2, connection.createArrayOf("int4", wanted));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    next.put(result.getInt(1), result.getLong(2));
                }
            }
        }
        return next;
    }

    /** Moves on. */
    public static void save(Connection connection, String topicId, Map<Integer, Long> next) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE logs.position SET next = ? WHERE topic = ? AND partition = ?")) {
            for (Map.Entry<Integer, Long> partition : next.entrySet()) {
                statement.setLong(1, partition.getValue());
                statement.setString(2, topicId);
                statement.setInt(3, partition.getKey());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }
}
