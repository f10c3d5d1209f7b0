package io.mooring.certificates;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.AuthorityRules;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.core.Validity;
import io.mooring.certificates.db.AuthorityRow;
import io.mooring.certificates.db.AuthorityStore;
import io.mooring.certificates.x509.Authority;
import io.mooring.certificates.x509.CertificateLint;
import io.mooring.certificates.x509.CertificateProfile;
import io.mooring.certificates.x509.Der;
import io.mooring.certificates.x509.KeyPairs;
import io.mooring.certificates.x509.KeyVault;
import io.mooring.certificates.x509.Pointers;
import io.mooring.certificates.x509.Signer;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.jboss.logging.Logger;

/** Makes authorities, or takes over those made elsewhere, writes them down, and opens them again. */
@ApplicationScoped
class AuthorityMaker {
    private static final Logger LOG = Logger.getLogger(AuthorityMaker.class);

    private final AuthorityStore store;
    private final ForeignAuthorities foreign;
    private final CertificateProfile profile;
    private final Pointers pointers;
    private final KeyVault vault;
    private final AuthorityRules rules;
    private final Journal journal;
    private final SecureRandom random;
    /** Keys once opened; whose they are never changes. */
    private final Map<UUID, Signer> signers = new ConcurrentHashMap<>();

    AuthorityMaker(
            AuthorityStore store,
            ForeignAuthorities foreign,
            CertificateProfile profile,
            Pointers pointers,
            KeyVault vault,
            AuthorityRules rules,
            Journal journal,
            SecureRandom random) {
        this.store = store;
        this.foreign = foreign;
        this.profile = profile;
        this.pointers = pointers;
        this.vault = vault;
        this.rules = rules;
        this.journal = journal;
        this.random = random;
    }

    /**
     * Makes the authority of a name, and the root if there is none.
     *
     * <p>Refused with {@code root_away}, {@code authority_expired}, {@code foreign_authority_away}, or
     * what {@link ForeignAuthorities#find} refuses with.
     */
    Outcome<Authority> make(
            Connection connection, AuthorityName name, KnownAuthorities known, Instant activeFrom, Instant now)
            throws SQLException {
        if (foreign.isConfigured(name)) {
            return takeOver(connection, name, activeFrom, now);
        }
        KeyPair pair = KeyPairs.make(
                name instanceof AuthorityName.Root ? rules.rootAlgorithm() : rules.issuingAlgorithm(), random);
        Signer signer = Signer.inMemory(pair.getPrivate(), KeyPairs.publicKey(pair), random);
        if (name instanceof AuthorityName.Root) {
            Certificate certificate = signer.sign(profile.prepareRoot(signer, validity(now, rules.rootLifetime())));
            Authority root = authority(name, Optional.empty(), certificate, List.of(), signer, activeFrom);
            return Outcome.done(write(connection, root, sealed(root, signer), "CreateAuthority", now));
        }
        Optional<Authority> present = known.active(new AuthorityName.Root(), now);
        Outcome<Authority> root = present.isPresent()
                ? Outcome.done(present.get())
                : make(connection, new AuthorityName.Root(), known, now, now);
        return switch (root.then(one -> withKey(one, now))
                .then(one -> signIssuing(name, signer, one, activeFrom, now))) {
            case Outcome.Done<Authority>(Authority issuing) ->
                Outcome.done(write(connection, issuing, sealed(issuing, signer), "CreateAuthority", now));
            case Outcome.Refused<Authority> refused -> refused;
        };
    }

    private Outcome<Authority> signIssuing(
            AuthorityName name, Signer signer, Authority root, Instant activeFrom, Instant now) {
        Optional<Validity> validity = validity(now, rules.issuingLifetime()).within(root.validity(), now);
        if (validity.isEmpty()) {
            return Outcome.refused("authority_expired", "the root is not valid now");
        }
        SubjectPublicKeyInfo key = signer.publicKey();
        TBSCertificate prepared = profile.prepareIssuing(name, key, validity.get(), root);
        List<String> findings =
                CertificateLint.issuing(Der.encode(prepared), name, key, validity.get(), root, pointers);
        if (!findings.isEmpty()) {
            LOG.errorf("a fault of this service: an authority's certificate was not signed: %s", findings);
            return Outcome.refused("lint_failed", String.join("; ", findings));
        }
        Certificate certificate = root.requireSigner().sign(prepared);
        return Outcome.done(authority(name, Optional.of(root.id()), certificate, List.of(), signer, activeFrom));
    }

    /** Takes over an authority made elsewhere, whose files or token must be there now. */
    Outcome<Authority> takeOver(Connection connection, AuthorityName name, Instant activeFrom, Instant now)
            throws SQLException {
        Outcome<ForeignAuthorities.Found> at = foreign.find(name, now)
                .then(found -> found.isPresent()
                                && (name instanceof AuthorityName.Root
                                        || found.get().signer().isPresent())
                        ? Outcome.done(found.get())
                        : Outcome.refused(
                                "foreign_authority_away",
                                "the authority made elsewhere (" + name.kind() + " " + name.cloudOrEmpty()
                                        + ") is neither in the database nor " + foreign.place(name)));
        return switch (at) {
            case Outcome.Done<ForeignAuthorities.Found>(var found) ->
                Outcome.done(take(connection, name, found, activeFrom, now));
            case Outcome.Refused<ForeignAuthorities.Found>(var refusal) -> new Outcome.Refused<>(refusal);
        };
    }

    private Authority take(
            Connection connection, AuthorityName name, ForeignAuthorities.Found found, Instant activeFrom, Instant now)
            throws SQLException {
        // Signs once, so that a key that belongs to something else is noticed now.
        found.signer().ifPresent(signer -> signer.sign(new byte[] {0}));
        Authority authority = new Authority(
                UUID.randomUUID(),
                name,
                Optional.empty(),
                found.certificate(),
                Authority.validity(found.certificate()),
                found.chain().subList(1, found.chain().size()),
                found.signer(),
                activeFrom,
                Optional.empty());
        AuthorityRow.Key key;
        if (found.tokenLabel().isPresent()) {
            key = new AuthorityRow.Key.OnToken(found.tokenLabel().get());
        } else if (name instanceof AuthorityName.Root || found.signer().isEmpty()) {
            // A root's key stays in its file, to be taken away.
            key = new AuthorityRow.Key.Away();
        } else {
            key = sealed(authority, found.signer().get());
        }
        return write(connection, authority, key, "ImportAuthority", now);
    }

    /**
     * The same authority with its key at hand, if it can be had.
     *
     * <p>Refused with {@code root_away}.
     */
    Outcome<Authority> withKey(Authority authority, Instant now) {
        if (authority.signer().isPresent()) {
            return Outcome.done(authority);
        }
        return foreign.find(authority.name(), now)
                .then(found -> found.filter(one -> one.certificate().equals(authority.certificate()))
                        .flatMap(ForeignAuthorities.Found::signer)
                        .map(signer -> Outcome.done(authority.with(signer)))
                        .orElseGet(() -> Outcome.refused(
                                "root_away",
                                "the root's private key is needed: put it " + foreign.place(authority.name())
                                        + ", with its certificate, until this is done")));
    }

    /** Opens an authority as it was written down. */
    Authority open(AuthorityRow row) {
        Certificate certificate = Certificate.getInstance(row.certificate());
        Optional<Signer> signer = Optional.ofNullable(signers.get(row.id()));
        if (signer.isEmpty()) {
            signer = signer(row, certificate);
            signer.ifPresent(one -> signers.put(row.id(), one));
        }
        return new Authority(
                row.id(),
                row.name(),
                row.issuer(),
                certificate,
                Authority.validity(certificate),
                row.above().stream().map(Certificate::getInstance).toList(),
                signer,
                row.activeFrom(),
                row.revoked().flatMap(at -> row.reason().map(reason -> new Authority.Revocation(reason, at))));
    }

    private Optional<Signer> signer(AuthorityRow row, Certificate certificate) {
        return switch (row.key()) {
            case AuthorityRow.Key.Away away -> Optional.empty();
            case AuthorityRow.Key.OnToken(String label) -> onToken(label, certificate);
            case AuthorityRow.Key.Sealed(byte[] bytes, String masterKeyId) -> {
                if (!masterKeyId.equals(vault.masterKeyId())) {
                    throw new IllegalStateException("authority " + row.id() + " is sealed under master key "
                            + masterKeyId + ", but mooring.certificates.master-key is " + vault.masterKeyId());
                }
                try {
                    yield Optional.of(Signer.inMemory(
                            vault.unseal(owner(row.id()), bytes), certificate.getSubjectPublicKeyInfo(), random));
                } catch (GeneralSecurityException e) {
                    throw new IllegalStateException("the private key of authority " + row.id() + " does not open", e);
                }
            }
        };
    }

    private Optional<Signer> onToken(String label, Certificate certificate) {
        try {
            if (foreign.token().signer(label, certificate) instanceof Outcome.Done<Signer>(Signer signer)) {
                return Optional.of(signer);
            }
            LOG.errorf("the token has no key labelled %s", label);
        } catch (IOException | IllegalStateException away) {
            LOG.errorf("the token with the key %s is away: %s", label, away.getMessage());
        }
        return Optional.empty();
    }

    private AuthorityRow.Key sealed(Authority authority, Signer signer) {
        return new AuthorityRow.Key.Sealed(vault.seal(owner(authority.id()), signer.key()), vault.masterKeyId());
    }

    private Authority write(
            Connection connection, Authority authority, AuthorityRow.Key key, String action, Instant now)
            throws SQLException {
        AuthorityRow row = new AuthorityRow(
                authority.id(),
                authority.name(),
                authority.issuer(),
                Der.encode(authority.certificate()),
                authority.above().stream().map(Der::encode).toList(),
                key,
                authority.activeFrom(),
                Optional.empty(),
                Optional.empty());
        store.add(connection, row, authority.serial(), authority.validity().notAfter(), now);
        journal.write(
                connection,
                List.of(journal.done(
                        action,
                        Caller.OURSELVES,
                        Map.of(
                                "kind", authority.name().kind(),
                                "cloud", authority.name().cloudOrEmpty()),
                        Map.of(
                                "authority", authority.id().toString(),
                                "serial", authority.serial(),
                                "active", authority.activeFrom().toString()))));
        LOG.infof(
                "%s: authority %s %s",
                action, authority.name().kind(), authority.name().cloudOrEmpty());
        return authority;
    }

    private static Authority authority(
            AuthorityName name,
            Optional<UUID> issuer,
            Certificate certificate,
            List<Certificate> above,
            Signer signer,
            Instant activeFrom) {
        return new Authority(
                UUID.randomUUID(),
                name,
                issuer,
                certificate,
                Authority.validity(certificate),
                above,
                Optional.of(signer),
                activeFrom,
                Optional.empty());
    }

    private Validity validity(Instant now, Duration lifetime) {
        return Validity.from(now, rules.backdate(), lifetime);
    }

    private static String owner(UUID id) {
        return "authority " + id;
    }
}
