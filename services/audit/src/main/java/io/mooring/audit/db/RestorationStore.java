package io.mooring.audit.db;

import io.mooring.audit.core.Digest;
import io.mooring.audit.db.EventStore.Taken;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Puts records and log files of a newer state into a database that was set back. Records that are in no log file of before
 * make place meanwhile: they have negative places, which nobody archives.
 */
public final class RestorationStore {
    private RestorationStore() {}

    /** Makes place after the last log file that a digest names. */
    public static void park(Connection connection) throws SQLException {
        EventStore.hold(connection);
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM audit.digest WHERE NOT stored");
            statement.executeUpdate("DELETE FROM audit.log_file WHERE digest IS NULL"
                    + " OR NOT EXISTS (SELECT FROM audit.digest d WHERE d.id = log_file.digest)");
            statement.executeUpdate("UPDATE audit.event SET place = -place"
                    + " WHERE place > (SELECT coalesce(max(last), 0) FROM audit.log_file)");
            statement.executeUpdate("UPDATE audit.tail SET last = (SELECT coalesce(max(last), 0) FROM audit.log_file)");
        }
    }

    /** Takes over a log file, and its records, which are in the database once afterwards; its id. */
    public static long adopt(Connection connection, Digest.NamedLog log, List<Taken> records, Instant now)
            throws SQLException {
        long last = EventStore.hold(connection);
        List<UUID> ids = records.stream().map(taken -> taken.record().id()).toList();
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM audit.event WHERE id = ANY (?) AND place < 0 RETURNING id")) {
            delete.setArray(1, EventStore.uuids(connection, ids));
            List<UUID> counted = new ArrayList<>();
            try (ResultSet rows = delete.executeQuery()) {
                while (rows.next()) {
                    counted.add(rows.getObject(1, UUID.class));
                }
            }
            // The numbers of those were noted when they were taken.
            SourceStore.add(
                    connection,
                    records.stream()
                            .map(Taken::record)
                            .filter(record -> !counted.contains(record.id()))
                            .toList(),
                    now);
        }
        EventStore.add(connection, last, records, now);
        try (PreparedStatement insert = connection.prepareStatement("""
            INSERT INTO audit.log_file (object, first, last, oldest, newest, sha256) VALUES (?, ?, ?, ?, ?, ?) RETURNING id
            """)) {
            insert.setString(1, log.object());
            insert.setLong(2, last + 1);
            // A file that could not be read takes one place, so that places stay in order.
            insert.setLong(3, last + Math.max(1, records.size()));
            Sql.time(insert, 4, log.oldest());
            Sql.time(insert, 5, log.newest());
            insert.setString(6, log.sha256());
            if (records.isEmpty()) {
                EventStore.setLast(connection, last + 1);
            }
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** Gives the records that waited places again, in their order. */
    public static void unpark(Connection connection) throws SQLException {
        long last = EventStore.hold(connection);
        try (PreparedStatement update = connection.prepareStatement("""
            UPDATE audit.event SET place = ? + waiting.rank
            FROM (SELECT id, row_number() OVER (ORDER BY place DESC) AS rank FROM audit.event WHERE place < 0) waiting
            WHERE event.id = waiting.id
            """)) {
            update.setLong(1, last);
            int moved = update.executeUpdate();
            EventStore.setLast(connection, last + moved);
        }
    }
}
