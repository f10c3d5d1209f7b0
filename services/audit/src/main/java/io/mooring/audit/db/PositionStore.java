package io.mooring.audit.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.OptionalLong;

/** Up to where the topic was read: what this database holds, and so, where it was set back, what it holds no more. */
public final class PositionStore {
    private PositionStore() {}

    /** Notes the next offsets to be read, by partition. */
    public static void set(Connection connection, String topicId, Map<Integer, Long> next) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("""
                INSERT INTO audit.position (topic_id, partition, next) VALUES (?, ?, ?)
                ON CONFLICT (topic_id, partition) DO UPDATE SET next = excluded.next
                """)) {
            for (Map.Entry<Integer, Long> partition : next.entrySet()) {
                insert.setString(1, topicId);
                insert.setInt(2, partition.getKey());
                insert.setLong(3, partition.getValue());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** The next offset to be read; empty if nothing was read yet. */
    public static OptionalLong next(Connection connection, String topicId, int partition) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT next FROM audit.position WHERE topic_id = ? AND partition = ?")) {
            select.setString(1, topicId);
            select.setInt(2, partition);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
            }
        }
    }
}
