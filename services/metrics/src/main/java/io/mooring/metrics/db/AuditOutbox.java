package io.mooring.metrics.db;

import io.mooring.contracts.audit.AuditPosition;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.UUID;

/**
 * What the audit trail is told of changes, in the transaction of each: a row that is inserted and deleted at once is read by
 * Debezium from the write-ahead log, if and only if the transaction commits; the table stays empty.
 */
public final class AuditOutbox {
    private AuditOutbox() {}

    /**
     * The number of the record that this transaction is about to send. The row stays locked until the transaction ends:
     * numbers are committed in their order, and none is left out.
     */
    public static AuditPosition next(Connection connection, String source) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                        "UPDATE metrics.audit_sequence SET last = last + 1 RETURNING epoch, last");
                ResultSet row = update.executeQuery()) {
            row.next();
            return new AuditPosition(source, row.getString(1), row.getLong(2));
        }
    }

    /**
     * Sends a record, if the transaction commits.
     *
     * @param topic the audit topic's full name
     * @param record in CloudTrail's form
     */
    public static void send(
            Connection connection, String topic, String source, String action, String cloud, String record)
            throws SQLException {
        UUID id = UUID.randomUUID();
        try (PreparedStatement insert = connection.prepareStatement("""
                INSERT INTO outbox.metrics (id, topic, key, payload, specversion, type, source, subject, cloud, time)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)) {
            insert.setObject(1, id);
            insert.setString(2, topic);
            insert.setBytes(3, source.getBytes(StandardCharsets.UTF_8));
            insert.setBytes(4, record.getBytes(StandardCharsets.UTF_8));
            insert.setString(5, EventHeaders.SPEC_VERSION_1_0);
            insert.setString(6, EventTypes.AUDIT);
            insert.setString(7, source);
            insert.setString(8, action);
            insert.setString(9, cloud);
            insert.setString(10, Instant.now().toString());
            insert.executeUpdate();
        }
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM outbox.metrics WHERE id = ?")) {
            delete.setObject(1, id);
            delete.executeUpdate();
        }
    }
}
