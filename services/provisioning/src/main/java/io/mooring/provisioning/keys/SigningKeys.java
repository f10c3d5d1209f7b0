package io.mooring.provisioning.keys;

import io.mooring.provisioning.db.Transactions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;

/** The keys that sign now and that are published now. Made, and rotated, when somebody asks and it is time. */
final class SigningKeys {
    private static final int RSA_BITS = 2048;
    private static final int ID_BYTES = 12;

    /** Another node may have made a key; it is published long before it signs. */
    private static final Duration REMEMBERED = Duration.ofMinutes(1);

    private final Transactions transactions;
    private final SigningKeyStore store;
    private final KeySchedule schedule;
    private final KeysConfig.Algorithm algorithm;
    private final SecureRandom random = new SecureRandom();
    private List<SigningKey> known = List.of();
    private Instant readAt = Instant.EPOCH;

    SigningKeys(
            Transactions transactions, SigningKeyStore store, KeySchedule schedule, KeysConfig.Algorithm algorithm) {
        this.transactions = transactions;
        this.store = store;
        this.schedule = schedule;
        this.algorithm = algorithm;
    }

    /** Those that are published. */
    List<SigningKey> published(Instant now) {
        return keys(now).stream()
                .filter(key -> schedule.isPublished(key.term(), now))
                .toList();
    }

    /** The one that signs. */
    SigningKey signing(Instant now) {
        return keys(now).stream()
                .filter(key -> key.term().holds(now))
                .reduce((first, second) -> second)
                .orElseThrow(() -> new IllegalStateException("no key signs now, though one was made"));
    }

    private synchronized List<SigningKey> keys(Instant now) {
        boolean good = now.isBefore(readAt.plus(REMEMBERED)) && !now.isBefore(readAt);
        boolean due = schedule.next(terms(known), now).isPresent();
        if (!good || due) {
            known = transactions.call(connection -> read(connection, now));
            readAt = now;
        }
        return known;
    }

    private List<SigningKey> read(Connection connection, Instant now) throws SQLException {
        List<SigningKey> keys = store.list(connection);
        if (schedule.next(terms(keys), now).isEmpty()) {
            return keys;
        }
        store.lock(connection);
        // Another node may have been faster.
        var next = schedule.next(terms(store.list(connection)), now);
        if (next.isPresent()) {
            store.add(connection, new SigningKey(generate(), next.get()));
            store.removeEndedBefore(connection, schedule.forgottenUntil(now));
        }
        return store.list(connection);
    }

    private static List<KeySchedule.Term> terms(List<SigningKey> keys) {
        return keys.stream().map(SigningKey::term).toList();
    }

    private PublicJsonWebKey generate() {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        try {
            PublicJsonWebKey key = switch (algorithm) {
                case RS256 -> RsaJwkGenerator.generateJwk(RSA_BITS);
                case ES256 -> EcJwkGenerator.generateJwk(EllipticCurves.P256);
            };
            key.setKeyId(Base64.getUrlEncoder().withoutPadding().encodeToString(id));
            key.setAlgorithm(algorithm.name());
            key.setUse("sig");
            return key;
        } catch (JoseException e) {
            throw new IllegalStateException("every JDK makes RSA and P-256 keys", e);
        }
    }
}
