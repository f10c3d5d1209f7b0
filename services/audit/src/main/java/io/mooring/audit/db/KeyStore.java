package io.mooring.audit.db;

import io.mooring.audit.core.TrailPublicKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The signing keys, those of before too: their public halves are served for ever. */
public final class KeyStore {
    /**
     * A key.
     *
     * @param sealed its encrypted private half; null if this database does not have it
     * @param outgoing an operator asked for another in its place
     */
    public record Row(TrailPublicKey open, byte @Nullable [] sealed, boolean outgoing) {}

    private KeyStore() {}

    /** All keys, the oldest first. */
    public static List<Row> all(Connection connection) throws SQLException {
        List<Row> keys = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT public_key, fingerprint, since, until, private_key, outgoing FROM audit.signing_key ORDER BY since");
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                keys.add(new Row(
                        new TrailPublicKey(
                                rows.getString(1),
                                rows.getString(2),
                                rows.getTimestamp(3).toInstant(),
                                Sql.time(rows, "until")),
                        rows.getBytes(5),
                        rows.getBoolean(6)));
            }
        }
        return keys;
    }

    /** Adds a key that signs from now on. */
    public static void add(Connection connection, TrailPublicKey open, byte[] sealed) throws SQLException {
        insert(connection, open, sealed, "");
    }

    /**
     * Notes a key that signed a digest of a newer state of this database. If it is not one of ours, it came after all of ours,
     * and the time of ours ended with it. Of those that came like this, each lasts as long as digests are found that it signed.
     *
     * @param key until the end of that digest
     */
    public static void adopt(Connection connection, TrailPublicKey key) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE audit.signing_key SET until = ?, private_key = NULL WHERE until IS NULL AND since < ?")) {
            Sql.time(update, 1, key.from());
            Sql.time(update, 2, key.from());
            update.executeUpdate();
        }
        insert(connection, key, null, """
            ON CONFLICT (fingerprint) DO UPDATE SET until = greatest(signing_key.until, excluded.until)
            WHERE signing_key.until IS NOT NULL
            """);
    }

    private static void insert(Connection connection, TrailPublicKey open, byte @Nullable [] sealed, String onConflict)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO audit.signing_key (fingerprint, public_key, private_key, since, until) VALUES (?, ?, ?, ?, ?) "
                        + onConflict)) {
            insert.setString(1, open.fingerprint());
            insert.setString(2, open.value());
            insert.setBytes(3, sealed);
            Sql.time(insert, 4, open.from());
            Sql.time(insert, 5, open.until());
            insert.executeUpdate();
        }
    }

    /** Asks for another key in the place of the one that signs; its fingerprint, empty if none signs yet. */
    public static Optional<String> dismiss(Connection connection) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement("UPDATE audit.signing_key SET outgoing = true"
                        + " WHERE until IS NULL AND private_key IS NOT NULL RETURNING fingerprint");
                ResultSet row = update.executeQuery()) {
            return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
        }
    }

    /** Ends the time of a key, and forgets its private half: nobody can sign with it any more. */
    public static void retire(Connection connection, String fingerprint, Instant until) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE audit.signing_key SET until = ?, private_key = NULL WHERE fingerprint = ?")) {
            Sql.time(update, 1, until);
            update.setString(2, fingerprint);
            update.executeUpdate();
        }
    }
}
