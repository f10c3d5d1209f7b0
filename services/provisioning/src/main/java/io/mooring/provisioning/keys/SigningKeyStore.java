package io.mooring.provisioning.keys;

import java.security.PrivateKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;

/** The table {@code signing_key}. */
final class SigningKeyStore {
    private static final Logger LOG = Logger.getLogger(SigningKeyStore.class);

    /** Any number, the same on every node. */
    private static final long LOCK = 0x6d6f6f72;

    private final SigningKeyVault vault;

    SigningKeyStore(SigningKeyVault vault) {
        this.vault = vault;
    }

    /** Keeps other nodes from making keys until the transaction ends. */
    void lock(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select pg_advisory_xact_lock(?)")) {
            statement.setLong(1, LOCK);
            statement.execute();
        }
    }

    /** All keys that can be opened, the oldest first. */
    List<SigningKey> list(Connection connection) throws SQLException {
        List<SigningKey> keys = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select id, public_key, private_key, master_key, signs_from, signs_until from provisioning.signing_key order by signs_from")) {
            while (rows.next()) {
                read(rows).ifPresent(keys::add);
            }
        }
        return keys;
    }

    private Optional<SigningKey> read(ResultSet row) throws SQLException {
        String id = row.getString("id");
        try {
            PublicJsonWebKey key = PublicJsonWebKey.Factory.newPublicJwk(row.getString("public_key"));
            Optional<PrivateKey> opened =
                    vault.open(id, row.getString("master_key"), key.getKeyType(), row.getBytes("private_key"));
            if (opened.isEmpty()) {
                LOG.warnf("the signing key %s cannot be opened: its master key is not known here", id);
                return Optional.empty();
            }
            key.setPrivateKey(opened.get());
            return Optional.of(
                    new SigningKey(key, new KeySchedule.Term(instant(row, "signs_from"), instant(row, "signs_until"))));
        } catch (JoseException e) {
            throw new IllegalStateException("a signing key is no JSON Web Key", e);
        }
    }

    void add(Connection connection, SigningKey key) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("""
                insert into provisioning.signing_key (id, algorithm, public_key, private_key, master_key, signs_from, signs_until)
                values (?, ?, ?, ?, ?, ?, ?)
                """)) {
            String id = key.key().getKeyId();
            insert.setString(1, id);
            insert.setString(2, key.key().getAlgorithm());
            insert.setString(3, key.key().toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
            insert.setBytes(4, vault.seal(id, key.key().getPrivateKey()));
            insert.setString(5, vault.masterKey());
            insert.setObject(6, key.term().from().atOffset(ZoneOffset.UTC));
            insert.setObject(7, key.term().until().atOffset(ZoneOffset.UTC));
            insert.executeUpdate();
        }
    }

    /** Forgets keys that nobody needs any more. */
    void removeEndedBefore(Connection connection, Instant time) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("delete from provisioning.signing_key where signs_until < ?")) {
            delete.setObject(1, time.atOffset(ZoneOffset.UTC));
            delete.executeUpdate();
        }
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
