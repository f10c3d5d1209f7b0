package io.mooring.audit;

import io.mooring.audit.core.SigningKey;
import io.mooring.audit.core.TrailPublicKey;
import io.mooring.audit.db.KeyStore;
import io.mooring.chassis.db.Database;
import jakarta.inject.Singleton;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** The keys that digests are signed with: one at a time, a new one when its time is over or an operator asks for it. */
@Singleton
public class SigningKeys {
    private static final Logger LOG = Logger.getLogger(SigningKeys.class);

    /** NIST SP 800-57 part 1: for what is to hold beyond 2030. */
    private static final int BITS = 3072;

    private final Database database;
    private final KeyVault vault;
    private final Duration life;

    public SigningKeys(Database database, AuditConfig config) {
        this.database = database;
        this.vault = new KeyVault(config.masterKey());
        this.life = config.keyLife();
    }

    /** All public keys, the oldest first. */
    public List<TrailPublicKey> open() throws SQLException {
        return database.read(KeyStore::all).stream().map(KeyStore.Row::open).toList();
    }

    /** Asks for a new key from the next digest on; the fingerprint of the one that goes, empty if none signs yet. */
    public Optional<String> rotate() throws SQLException {
        return database.transact(KeyStore::dismiss);
    }

    /** Whether a new key was asked for, and has signed nothing yet. */
    boolean isRotating() throws SQLException {
        return current().filter(KeyStore.Row::outgoing).isPresent();
    }

    private Optional<KeyStore.Row> current() throws SQLException {
        return database.read(KeyStore::all).stream()
                .filter(row -> row.sealed() != null && row.open().until() == null)
                .reduce((former, later) -> later);
    }

    /** The key that signs the digest that ends then; made if it is not there, or the one before is too old or is to go. */
    SigningKey at(Instant end) throws SQLException {
        Optional<KeyStore.Row> current = current();
        if (current.isPresent()
                && !current.get().outgoing()
                && end.isBefore(current.get().open().from().plus(life))) {
            return unsealed(current.get());
        }
        KeyPair pair = generate();
        TrailPublicKey open = TrailPublicKey.of((RSAPublicKey) pair.getPublic(), end, null);
        byte[] sealed = vault.seal(open.fingerprint(), pair.getPrivate());
        database.run(connection -> {
            if (current.isPresent()) {
                KeyStore.retire(connection, current.get().open().fingerprint(), end);
            }
            KeyStore.add(connection, open, sealed);
        });
        LOG.infof("digests are signed with a new key from %s on: %s", end, open.fingerprint());
        return new SigningKey(open, pair.getPrivate());
    }

    private SigningKey unsealed(KeyStore.Row row) {
        try {
            return new SigningKey(
                    row.open(), vault.unseal(row.open().fingerprint(), java.util.Objects.requireNonNull(row.sealed())));
        } catch (GeneralSecurityException other) {
            throw new IllegalStateException(
                    "the signing key " + row.open().fingerprint()
                            + " does not open with mooring.audit.master-key: give the one that it was made under",
                    other);
        }
    }

    private static KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(BITS);
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has RSA", impossible);
        }
    }
}
