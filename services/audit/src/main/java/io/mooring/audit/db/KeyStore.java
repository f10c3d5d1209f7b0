package io.mooring.audit.db;

import io.mooring.audit.core.TrailPublicKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The signing keys, those of before too: their public halves are served for ever. */
public final class KeyStore {
    /** A key; {@code sealed} is its encrypted private half, null if this database does not have it. */
    public record Row(TrailPublicKey open, byte @Nullable [] sealed) {}

    private KeyStore() {}

    /** All keys, the oldest first. */
    public static List<Row> all(Connection connection) throws SQLException {
        List<Row> keys = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
                        "SELECT public_key, fingerprint, since, until, private_key FROM audit.signing_key ORDER BY since");
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                keys.add(new Row(
                        new TrailPublicKey(
                                rows.getString(1),
                                rows.getString(2),
                                rows.getTimestamp(3).toInstant(),
                                Sql.time(rows, "until")),
                        rows.getBytes(5)));
            }
        }
        return keys;
    }

    /** Adds a key. */
    public static void add(Connection connection, Row key) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("""
            INSERT INTO audit.signing_key (fingerprint, public_key, private_key, since, until) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (fingerprint) DO NOTHING
            """)) {
            insert.setString(1, key.open().fingerprint());
            insert.setString(2, key.open().value());
            insert.setBytes(3, key.sealed());
            Sql.time(insert, 4, key.open().from());
            Sql.time(insert, 5, key.open().until());
            insert.executeUpdate();
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
