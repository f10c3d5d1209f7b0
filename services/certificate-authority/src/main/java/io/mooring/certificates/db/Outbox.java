package io.mooring.certificates.db;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/**
 * What this service tells the world, written in the transaction of the change itself. Debezium reads
 * the insert from the write-ahead log, so the row is deleted at once and the table stays empty.
 */
@ApplicationScoped
public class Outbox {
    /**
     * One record to be sent.
     *
     * @param topic full name of the topic
     * @param subject what it is about
     * @param cloud the device cloud, empty if none
     * @param time RFC 3339
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    public record Message(
            UUID id,
            String topic,
            byte[] key,
            byte[] payload,
            String type,
            String source,
            String subject,
            String cloud,
            String time) {}

    /** Sends records, in order, if and when the transaction commits. */
    public void send(Connection connection, List<Message> messages) throws SQLException {
        if (messages.isEmpty()) {
            return;
        }
        try (PreparedStatement insert = connection.prepareStatement("""
                        insert into outbox.certificates (id, topic, key, payload, type, source, subject, cloud, time)
                        select id, topic, key, payload, type, source, subject, nullif(cloud, ''), time
                        from unnest(?::uuid[], ?::text[], ?::bytea[], ?::bytea[], ?::text[], ?::text[], ?::text[],
                                    ?::text[], ?::text[]) with ordinality
                          as message (id, topic, key, payload, type, source, subject, cloud, time, place)
                        order by place
                        """);
                PreparedStatement delete =
                        connection.prepareStatement("delete from outbox.certificates where id = any(?)")) {
            Columns<Message> columns = new Columns<>(connection, insert, messages);
            columns.set("uuid", Message::id);
            columns.set("text", Message::topic);
            columns.setBytes(Message::key);
            columns.setBytes(Message::payload);
            columns.set("text", Message::type);
            columns.set("text", Message::source);
            columns.set("text", Message::subject);
            columns.set("text", Message::cloud);
            columns.set("text", Message::time);
            insert.executeUpdate();
            new Columns<>(connection, delete, messages).set("uuid", Message::id);
            delete.executeUpdate();
        }
    }
}
