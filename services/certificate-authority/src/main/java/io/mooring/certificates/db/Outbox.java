package io.mooring.certificates.db;

import io.mooring.contracts.audit.AuditPosition;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.LongStream;

/**
 * What this service tells the world, written in the transaction of the change itself. Debezium reads
 * the insert from the write-ahead log, so the row is deleted at once and the table stays empty.
 */
@ApplicationScoped
public class Outbox {
    /** The {@code ce_source} of everything this service says. */
    public static final String SOURCE = "/services/certificate-authority";

    /** Something to be sent. */
    public sealed interface Outgoing {}

    /** A record of the audit trail, which is numbered when it is sent. */
    public record Numbered(Function<AuditPosition, Message> message) implements Outgoing {}

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
            UUID id, String topic, byte[] key, byte[] payload, String type, String subject, String cloud, String time)
            implements Outgoing {}

    /** Sends records, in order, if and when the transaction commits. */
    public void send(Connection connection, List<? extends Outgoing> outgoing) throws SQLException {
        if (!outgoing.isEmpty()) {
            insert(connection, numbered(connection, outgoing));
        }
    }

    private static List<Message> numbered(Connection connection, List<? extends Outgoing> outgoing)
            throws SQLException {
        long count = outgoing.stream().filter(Numbered.class::isInstance).count();
        Iterator<AuditPosition> positions = count == 0
                ? Collections.emptyIterator()
                : nextPositions(connection, count).iterator();
        List<Message> messages = new ArrayList<>();
        for (Outgoing one : outgoing) {
            messages.add(
                    switch (one) {
                        case Message message -> message;
                        case Numbered numbered -> numbered.message().apply(positions.next());
                    });
        }
        return messages;
    }

    /** The row stays locked until the transaction ends: numbers are committed in their order, none is left out. */
    private static List<AuditPosition> nextPositions(Connection connection, long count) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "update certificates.audit_sequence set last = last + ? returning epoch, last")) {
            update.setLong(1, count);
            try (ResultSet row = update.executeQuery()) {
                row.next();
                String epoch = row.getString(1);
                long last = row.getLong(2);
                return LongStream.rangeClosed(last - count + 1, last)
                        .mapToObj(number -> new AuditPosition(SOURCE, epoch, number))
                        .toList();
            }
        }
    }

    private static void insert(Connection connection, List<Message> messages) throws SQLException {
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
            columns.set("text", message -> SOURCE);
            columns.set("text", Message::subject);
            columns.set("text", Message::cloud);
            columns.set("text", Message::time);
            insert.executeUpdate();
            new Columns<>(connection, delete, messages).set("uuid", Message::id);
            delete.executeUpdate();
        }
    }
}
