package io.mooring.provisioning.db;

import io.mooring.contracts.audit.AuditPosition;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What this service tells the world, written in the transaction of the change itself. Debezium reads
 * the insert from the write-ahead log, so the row is deleted at once and the table stays empty.
 */
@ApplicationScoped
public class Outbox {
    /** The {@code ce_source} of everything this service says. */
    public static final String SOURCE = "/services/provisioning";

    /**
     * One record to be sent.
     *
     * @param topic full name of the topic
     * @param payload null for a tombstone
     * @param subject what it is about
     * @param cloud the device cloud, empty if none
     * @param account the owner account, empty if none
     * @param time RFC 3339
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    public record Message(
            UUID id,
            String topic,
            byte[] key,
            byte @Nullable [] payload,
            String type,
            String subject,
            String cloud,
            String account,
            String time) {}

    /**
     * The number of the audit record that this transaction is about to send. The row stays locked until the transaction
     * ends: numbers are committed in their order, and none is left out.
     */
    public AuditPosition nextAuditPosition(Connection connection) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                        "update provisioning.audit_sequence set last = last + 1 returning epoch, last");
                ResultSet row = update.executeQuery()) {
            row.next();
            return new AuditPosition(SOURCE, row.getString(1), row.getLong(2));
        }
    }

    /** Sends records, in order, if and when the transaction commits. */
    public void send(Connection connection, List<Message> messages) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("""
                        insert into outbox.provisioning (id, topic, key, payload, type, source, subject, cloud, account, time)
                        values (?, ?, ?, ?, ?, ?, ?, nullif(?, ''), nullif(?, ''), ?)
                        """);
                PreparedStatement delete =
                        connection.prepareStatement("delete from outbox.provisioning where id = any(?)")) {
            for (Message message : messages) {
                insert.setObject(1, message.id());
                insert.setString(2, message.topic());
                insert.setBytes(3, message.key());
                insert.setBytes(4, message.payload());
                insert.setString(5, message.type());
                insert.setString(6, SOURCE);
                insert.setString(7, message.subject());
                insert.setString(8, message.cloud());
                insert.setString(9, message.account());
                insert.setString(10, message.time());
                insert.addBatch();
            }
            insert.executeBatch();
            delete.setArray(
                    1,
                    connection.createArrayOf(
                            "uuid", messages.stream().map(Message::id).toArray()));
            delete.executeUpdate();
        }
    }
}
