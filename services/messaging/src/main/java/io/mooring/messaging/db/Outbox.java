package io.mooring.messaging.db;

import io.mooring.contracts.audit.AuditPosition;
import io.mooring.contracts.kafka.EventHeaders;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the service says to the world. A row that is inserted and deleted in one transaction is read by
 * Debezium from the write-ahead log, if and only if the transaction commits; the table stays empty.
 */
public final class Outbox {
    /** The service as the source of events. */
    public static final String SOURCE = "/services/messaging";

    /**
     * A record for Kafka.
     *
     * @param topic the topic's full name
     * @param key the record's key
     * @param payload its value; null for a tombstone
     * @param type its {@code ce_type}
     * @param subject its {@code ce_subject}
     * @param cloud its {@code ce_cloud}
     * @param account its {@code ce_account}, or null
     * @param tail its {@code ce_topic}, or null if it is not for devices
     */
    public record Message(
            String topic,
            String key,
            @Nullable String payload,
            String type,
            String subject,
            String cloud,
            @Nullable String account,
            @Nullable String tail) {}

    private static final String INSERT = """
        INSERT INTO outbox.messaging
          (id, topic, key, payload, specversion, type, source, subject, cloud, account, tail, time)
        SELECT u.id::uuid, u.topic, convert_to(u.key, 'UTF8'), convert_to(u.payload, 'UTF8'), ?, u.type, ?,
          u.subject, u.cloud, u.account, u.tail, ?
        FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
          WITH ORDINALITY AS u(id, topic, key, payload, type, subject, cloud, account, tail, place)
        ORDER BY u.place
        """;

    private Outbox() {}

    /**
     * The number of the audit record that this transaction is about to send. The row stays locked until the transaction
     * ends: numbers are committed in their order, and none is left out.
     */
    public static AuditPosition nextAuditPosition(Connection connection) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                        "UPDATE messaging.audit_sequence SET last = last + 1 RETURNING epoch, last");
                ResultSet row = update.executeQuery()) {
            row.next();
            return new AuditPosition(SOURCE, row.getString(1), row.getLong(2));
        }
    }

    /** Says something, in order, if the transaction commits. */
    public static void add(Connection connection, List<Message> messages) throws SQLException {
        if (messages.isEmpty()) {
            return;
        }
        Object[] ids =
                messages.stream().map(message -> UUID.randomUUID().toString()).toArray();
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            insert.setString(1, EventHeaders.SPEC_VERSION_1_0);
            insert.setString(2, SOURCE);
            insert.setString(3, Instant.now().toString());
            insert.setArray(4, connection.createArrayOf("text", ids));
            set(connection, insert, 5, messages.stream().map(Message::topic).toArray());
            set(connection, insert, 6, messages.stream().map(Message::key).toArray());
            set(connection, insert, 7, messages.stream().map(Message::payload).toArray());
            set(connection, insert, 8, messages.stream().map(Message::type).toArray());
            set(connection, insert, 9, messages.stream().map(Message::subject).toArray());
            set(connection, insert, 10, messages.stream().map(Message::cloud).toArray());
            set(connection, insert, 11, messages.stream().map(Message::account).toArray());
            set(connection, insert, 12, messages.stream().map(Message::tail).toArray());
            insert.executeUpdate();
        }
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM outbox.messaging WHERE id = ANY (?::uuid[])")) {
            delete.setArray(1, connection.createArrayOf("text", ids));
            delete.executeUpdate();
        }
    }

    private static void set(Connection connection, PreparedStatement statement, int at, Object[] texts)
            throws SQLException {
        statement.setArray(at, connection.createArrayOf("text", texts));
    }

    /** The UTF-8 bytes of a text, as records carry it. */
    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
