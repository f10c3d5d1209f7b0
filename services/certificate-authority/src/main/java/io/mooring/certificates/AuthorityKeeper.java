package io.mooring.certificates;

import io.mooring.certificates.core.AuthorityLifetimes;
import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.Validity;
import io.mooring.certificates.db.AuthorityRow;
import io.mooring.certificates.db.AuthorityStore;
import io.mooring.certificates.x509.Authority;
import io.mooring.certificates.x509.CertificateMaker;
import io.mooring.certificates.x509.KeyVault;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.jboss.logging.Logger;

/**
 * Keeps the authorities: makes each when it is first needed, and holds those in use with their keys
 * open. What is held never changes, since an authority that is replaced has another id.
 */
final class AuthorityKeeper {
    private static final Logger LOG = Logger.getLogger(AuthorityKeeper.class);

    private final AuthorityStore store;
    private final CertificateMaker maker;
    private final KeyVault vault;
    private final AuthorityLifetimes lifetimes;
    private final Map<UUID, Authority> open = new ConcurrentHashMap<>();

    AuthorityKeeper(AuthorityStore store, CertificateMaker maker, KeyVault vault, AuthorityLifetimes lifetimes) {
        this.store = store;
        this.maker = maker;
        this.vault = vault;
        this.lifetimes = lifetimes;
    }

    /**
     * The authority that signs under a name, made if there is none. Of several processes that need it
     * at once, one makes it and the others wait and find it.
     */
    Authority active(Connection connection, AuthorityName name, Instant now) throws SQLException {
        Optional<Authority> known = findActive(connection, name);
        if (known.isPresent()) {
            return known.get();
        }
        store.lockForCreation(connection);
        Optional<Authority> madeMeanwhile = findActive(connection, name);
        return madeMeanwhile.isPresent() ? madeMeanwhile.get() : create(connection, name, now);
    }

    /** The authority that signs under a name, if there is one. */
    Optional<Authority> findActive(Connection connection, AuthorityName name) throws SQLException {
        Optional<UUID> id = store.findActiveId(connection, name);
        if (id.isEmpty()) {
            return Optional.empty();
        }
        Authority held = open.get(id.get());
        return held != null
                ? Optional.of(held)
                : store.findActive(connection, name).map(this::open);
    }

    private Authority create(Connection connection, AuthorityName name, Instant now) throws SQLException {
        KeyPair pair = maker.newKey();
        SubjectPublicKeyInfo key = CertificateMaker.publicKey(pair);
        UUID id = UUID.randomUUID();
        if (name instanceof AuthorityName.Root) {
            TBSCertificate prepared = maker.prepareRoot(key, validity(now, lifetimes.root()));
            Authority root = new Authority(id, name, maker.sign(prepared, pair.getPrivate(), key), pair.getPrivate());
            return add(connection, root, Optional.empty(), now);
        }
        Authority root = active(connection, new AuthorityName.Root(), now);
        Validity validity = validity(now, lifetimes.issuing())
                .within(root.validity(), now)
                .orElseThrow(() -> new IllegalStateException("the root authority has expired"));
        TBSCertificate prepared = maker.prepareIssuing(name, key, validity, root);
        Certificate certificate =
                maker.sign(prepared, root.key(), root.certificate().getSubjectPublicKeyInfo());
        return add(connection, new Authority(id, name, certificate, pair.getPrivate()), Optional.of(root), now);
    }

    private Validity validity(Instant now, Duration lifetime) {
        return Validity.from(now, lifetimes.backdate(), lifetime);
    }

    private Authority add(Connection connection, Authority authority, Optional<Authority> issuer, Instant now)
            throws SQLException {
        AuthorityRow row = new AuthorityRow(
                authority.id(),
                authority.name(),
                encoded(authority.certificate()),
                vault.seal(owner(authority.id()), authority.key()),
                vault.masterKeyId());
        store.add(
                connection,
                row,
                issuer.map(Authority::id).orElse(null),
                CertificateMaker.serial(authority.certificate().getTBSCertificate()),
                authority.validity().notAfter(),
                now);
        // Not held yet: the transaction may still be rolled back.
        LOG.infof(
                "made authority %s %s",
                authority.name().kind(), authority.name().cloudOrEmpty());
        return authority;
    }

    private Authority open(AuthorityRow row) {
        if (!row.masterKeyId().equals(vault.masterKeyId())) {
            throw new IllegalStateException("authority " + row.id() + " is sealed under master key " + row.masterKeyId()
                    + ", but mooring.certificates.master-key is " + vault.masterKeyId());
        }
        try {
            Authority authority = new Authority(
                    row.id(),
                    row.name(),
                    Certificate.getInstance(row.certificate()),
                    vault.unseal(owner(row.id()), row.sealedKey()));
            open.put(row.id(), authority);
            return authority;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the private key of authority " + row.id() + " does not open", e);
        }
    }

    private static String owner(UUID id) {
        return "authority " + id;
    }

    private static byte[] encoded(Certificate certificate) {
        try {
            return certificate.getEncoded("DER");
        } catch (IOException e) {
            throw new IllegalStateException("a certificate just made has no DER form", e);
        }
    }
}
