package io.mooring.audit.db;

import io.mooring.audit.core.Digest;
import io.mooring.audit.core.DigestHead;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Log files and digests: planned here, then stored, so that whatever is killed between is done again as it was planned. */
public final class ArchiveStore {
    /** A log file that is planned and not known to be stored. */
    public record PlannedFile(long id, String object, long first, long last) {}

    /** A log file that is stored and in no digest yet. */
    public record StoredFile(long id, Digest.NamedLog log) {}

    /**
     * A digest.
     *
     * @param document uncompressed
     */
    public record DigestRow(
            long id, Instant start, DigestHead head, byte[] document, boolean stored, boolean announced) {}

    private ArchiveStore() {}

    /** The last place that is in a log file, be it only planned. */
    public static long archived(Connection connection) throws SQLException {
        return number(connection, "SELECT coalesce(max(last), 0) FROM audit.log_file");
    }

    /** How many records are in no log file. */
    public static long waiting(Connection connection) throws SQLException {
        return number(
                connection, "SELECT t.last - (SELECT coalesce(max(last), 0) FROM audit.log_file) FROM audit.tail t");
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(sql);
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Plans a log file. */
    public static void plan(Connection connection, String object, long first, long last) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO audit.log_file (object, first, last) VALUES (?, ?, ?)")) {
            insert.setString(1, object);
            insert.setLong(2, first);
            insert.setLong(3, last);
            insert.executeUpdate();
        }
    }

    /** The log file that is still to be stored, if there is one. */
    public static Optional<PlannedFile> plannedFile(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT id, object, first, last FROM audit.log_file WHERE digest IS NULL AND sha256 IS NULL"
                                + " ORDER BY id LIMIT 1");
                ResultSet row = select.executeQuery()) {
            return row.next()
                    ? Optional.of(new PlannedFile(row.getLong(1), row.getString(2), row.getLong(3), row.getLong(4)))
                    : Optional.empty();
        }
    }

    /** Notes that a log file is stored. */
    public static void stored(Connection connection, long file, String sha256, Instant oldest, Instant newest)
            throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE audit.log_file SET sha256 = ?, oldest = ?, newest = ? WHERE id = ?")) {
            update.setString(1, sha256);
            Sql.time(update, 2, oldest);
            Sql.time(update, 3, newest);
            update.setLong(4, file);
            update.executeUpdate();
        }
    }

    /** Stored log files that no digest names yet, in their order. */
    public static List<StoredFile> unnamed(Connection connection, String bucket) throws SQLException {
        List<StoredFile> files = new ArrayList<>();
        try (PreparedStatement select =
                        connection.prepareStatement("SELECT id, object, sha256, newest, oldest FROM audit.log_file"
                                + " WHERE digest IS NULL AND sha256 IS NOT NULL ORDER BY id");
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                files.add(new StoredFile(
                        rows.getLong(1),
                        new Digest.NamedLog(
                                bucket,
                                rows.getString(2),
                                rows.getString(3),
                                rows.getTimestamp(4).toInstant(),
                                rows.getTimestamp(5).toInstant())));
            }
        }
        return files;
    }

    /** The last digest; empty if there is none. */
    public static Optional<DigestRow> lastDigest(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT id, start_time, object, end_time, sha256, signature, fingerprint, document, stored, announced
                FROM audit.digest ORDER BY end_time DESC LIMIT 1
                """);
                ResultSet row = select.executeQuery()) {
            return row.next()
                    ? Optional.of(new DigestRow(
                            row.getLong("id"),
                            row.getTimestamp("start_time").toInstant(),
                            head(row),
                            row.getBytes("document"),
                            row.getBoolean("stored"),
                            row.getBoolean("announced")))
                    : Optional.empty();
        }
    }

    private static DigestHead head(ResultSet row) throws SQLException {
        return new DigestHead(
                row.getString("object"),
                row.getTimestamp("end_time").toInstant(),
                row.getString("sha256"),
                row.getString("signature"),
                row.getString("fingerprint"));
    }

    /** Heads of stored digests, the oldest first. */
    public static List<DigestHead> heads(Connection connection, @Nullable Instant after, int most) throws SQLException {
        List<DigestHead> heads = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("""
            SELECT object, end_time, sha256, signature, fingerprint FROM audit.digest
            WHERE stored AND end_time > ? ORDER BY end_time LIMIT ?
            """)) {
            Sql.time(select, 1, after == null ? Instant.EPOCH : after);
            select.setInt(2, most);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    heads.add(head(rows));
                }
            }
        }
        return heads;
    }

    /** Adds a digest, which names these log files. */
    public static void add(
            Connection connection, Digest digest, DigestHead head, byte[] document, List<Long> files, boolean done)
            throws SQLException {
        long id;
        try (PreparedStatement insert = connection.prepareStatement("""
            INSERT INTO audit.digest
              (object, start_time, end_time, document, sha256, signature, fingerprint, stored, announced)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
            """)) {
            insert.setString(1, digest.object());
            Sql.time(insert, 2, digest.start());
            Sql.time(insert, 3, digest.end());
            insert.setBytes(4, document);
            insert.setString(5, head.sha256());
            insert.setString(6, head.signature());
            insert.setString(7, head.fingerprint());
            insert.setBoolean(8, done);
            insert.setBoolean(9, done);
            try (ResultSet row = insert.executeQuery()) {
                row.next();
                id = row.getLong(1);
            }
        }
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE audit.log_file SET digest = ? WHERE id = ANY (?)")) {
            update.setLong(1, id);
            update.setArray(2, connection.createArrayOf("bigint", files.toArray()));
            update.executeUpdate();
        }
    }

    /** Notes that a digest is stored. */
    public static void stored(Connection connection, long digest) throws SQLException {
        set(connection, "UPDATE audit.digest SET stored = true WHERE id = ?", digest);
    }

    /** Notes that Kafka knows of a digest. */
    public static void announced(Connection connection, long digest) throws SQLException {
        set(connection, "UPDATE audit.digest SET announced = true WHERE id = ?", digest);
    }

    /** Notes that a digest bears a time stamp. */
    public static void stamped(Connection connection, String object, Instant at) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE audit.digest SET stamped = ? WHERE object = ?")) {
            Sql.time(update, 1, at);
            update.setString(2, object);
            update.executeUpdate();
        }
    }

    /** The oldest digest since then that bears no time stamp. */
    public static Optional<DigestHead> unstamped(Connection connection, Instant since) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("""
            SELECT object, end_time, sha256, signature, fingerprint FROM audit.digest
            WHERE announced AND stamped IS NULL AND end_time > ? ORDER BY end_time LIMIT 1
            """)) {
            Sql.time(select, 1, since);
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? Optional.of(head(row)) : Optional.empty();
            }
        }
    }

    /** Forgets what was planned under a name that is another's: it is planned anew. */
    public static void unplan(Connection connection, String object) throws SQLException {
        for (String sql : new String[] {
            "UPDATE audit.log_file SET digest = NULL WHERE digest = (SELECT id FROM audit.digest WHERE object = ? AND NOT stored)",
            "DELETE FROM audit.digest WHERE object = ? AND NOT stored",
            "DELETE FROM audit.log_file WHERE object = ? AND sha256 IS NULL"
        }) {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setString(1, object);
                statement.executeUpdate();
            }
        }
    }

    private static void set(Connection connection, String sql, long id) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(sql)) {
            update.setLong(1, id);
            update.executeUpdate();
        }
    }
}
