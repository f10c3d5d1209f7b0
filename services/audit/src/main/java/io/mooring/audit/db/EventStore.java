package io.mooring.audit.db;

import io.mooring.audit.core.TrailRecord;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** The records that were taken, in the order in which they were. */
public final class EventStore {
    /** A record, and its bytes as its log file will hold them. */
    public record Taken(TrailRecord record, byte[] bytes) {}

    /** From the first place to the last, both included. */
    public record Places(long first, long last) {}

    /** Some records that follow each other. */
    public record Stretch(List<byte[]> records, Instant oldest, Instant newest) {}

    private static final String INSERT = """
        INSERT INTO audit.event
          (place, id, at, taken, name, source, who, who_type, device, address, cloud, error_code, read_only, record)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """;

    private EventStore() {}

    /** Holds everybody else off until the end of the transaction; the last place that is taken. */
    public static long hold(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT last FROM audit.tail FOR UPDATE");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /** The bytes of those of these records that were taken before. */
    public static Map<UUID, byte[]> known(Connection connection, List<UUID> ids) throws SQLException {
        Map<UUID, byte[]> known = new HashMap<>();
        try (PreparedStatement select =
                connection.prepareStatement("SELECT id, record FROM audit.event WHERE id = ANY (?)")) {
            select.setArray(1, uuids(connection, ids));
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    known.put(rows.getObject(1, UUID.class), rows.getBytes(2));
                }
            }
        }
        return known;
    }

    static Array uuids(Connection connection, List<UUID> ids) throws SQLException {
        return connection.createArrayOf("uuid", ids.toArray());
    }

    /**
     * Adds records that are not there yet.
     *
     * @param last what {@link #hold} said
     */
    public static void add(Connection connection, long last, List<Taken> taken, Instant now) throws SQLException {
        long place = last;
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (Taken each : taken) {
                TrailRecord record = each.record();
                insert.setLong(1, ++place);
                insert.setObject(2, record.id());
                Sql.time(insert, 3, record.at());
                Sql.time(insert, 4, now);
                insert.setString(5, Sql.text(record.name()));
                insert.setString(6, Sql.text(record.source()));
                insert.setString(7, Sql.text(record.who()));
                insert.setString(8, Sql.text(record.whoType()));
                insert.setString(9, Sql.text(record.device()));
                insert.setString(10, Sql.text(record.address()));
                insert.setString(11, Sql.text(record.cloud()));
                insert.setString(12, Sql.text(record.errorCode()));
                insert.setBoolean(13, record.readOnly());
                insert.setBytes(14, each.bytes());
                insert.addBatch();
            }
            insert.executeBatch();
        }
        setLast(connection, place);
    }

    static void setLast(Connection connection, long last) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE audit.tail SET last = ?")) {
            update.setLong(1, last);
            update.executeUpdate();
        }
    }

    /** When the record was taken that has waited longest for its log file; empty if none waits. */
    public static Optional<Instant> waitingSince(Connection connection, long archived) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT taken FROM audit.event WHERE place > ? ORDER BY place LIMIT 1")) {
            select.setLong(1, archived);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(row.getTimestamp(1).toInstant()) : Optional.empty();
            }
        }
    }

    /**
     * The places of the next records that fit into one file; of one at least, however long it is.
     *
     * @param takenBefore the file ends before the first record that was taken then or later
     */
    public static Places next(
            Connection connection, long archived, Instant takenBefore, int mostRecords, long mostBytes)
            throws SQLException {
        long first = 0;
        long last = 0;
        long bytes = 0;
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT place, octet_length(record), taken FROM audit.event WHERE place > ? ORDER BY place LIMIT ?")) {
            select.setLong(1, archived);
            select.setInt(2, mostRecords);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()
                        && (first == 0 || rows.getTimestamp(3).toInstant().isBefore(takenBefore))) {
                    bytes += rows.getLong(2);
                    first = first == 0 ? rows.getLong(1) : first;
                    last = last == 0 || bytes <= mostBytes ? rows.getLong(1) : last;
                }
            }
        }
        if (first == 0) {
            throw new SQLException("records that waited for a log file are gone");
        }
        return new Places(first, last);
    }

    /** The records from the first place to the last, both included. */
    public static Stretch read(Connection connection, long first, long last) throws SQLException {
        List<byte[]> records = new ArrayList<>();
        Instant oldest = Instant.MAX;
        Instant newest = Instant.MIN;
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT at, record FROM audit.event WHERE place BETWEEN ? AND ? ORDER BY place")) {
            select.setLong(1, first);
            select.setLong(2, last);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    Instant at = rows.getTimestamp(1).toInstant();
                    oldest = at.isBefore(oldest) ? at : oldest;
                    newest = at.isAfter(newest) ? at : newest;
                    records.add(rows.getBytes(2));
                }
            }
        }
        return new Stretch(records, oldest, newest);
    }

    /** Forgets records that lie in log files and were taken before; how many. */
    public static int expire(Connection connection, Instant before, int most) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("""
            DELETE FROM audit.event WHERE place IN (
              SELECT place FROM audit.event
              WHERE place <= (SELECT coalesce(max(last), 0) FROM audit.log_file WHERE digest IS NOT NULL) AND taken < ?
              ORDER BY place LIMIT ?)
            """)) {
            Sql.time(delete, 1, before);
            delete.setInt(2, most);
            return delete.executeUpdate();
        }
    }
}
