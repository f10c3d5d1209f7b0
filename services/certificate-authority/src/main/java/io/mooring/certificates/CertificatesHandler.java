package io.mooring.certificates;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.Event;
import io.mooring.certificates.core.IssuanceDecider;
import io.mooring.certificates.core.IssuedCertificate;
import io.mooring.certificates.core.KeyAlgorithm;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.core.Purpose;
import io.mooring.certificates.core.RevocationReason;
import io.mooring.certificates.core.RevokedCertificate;
import io.mooring.certificates.db.CertificateStore;
import io.mooring.certificates.db.Transactions;
import io.mooring.certificates.x509.Authority;
import io.mooring.certificates.x509.Der;
import io.mooring.certificates.x509.KeyPairs;
import io.mooring.certificates.x509.Pem;
import io.mooring.certificates.x509.RequestReader;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** Issues and revokes certificates of devices and servers: loads, decides, saves. */
@ApplicationScoped
public class CertificatesHandler {
    private static final String PEM_LABEL = "CERTIFICATE";

    private final CertificatesConfig config;
    private final Transactions transactions;
    private final CertificateStore certificates;
    private final AuthorityKeeper authorities;
    private final Issuance issuance;
    private final IssuanceDecider decider;
    private final Journal journal;
    private final Housekeeping housekeeping;
    private final SecureRandom random;
    private final Clock clock;

    CertificatesHandler(
            CertificatesConfig config,
            Transactions transactions,
            CertificateStore certificates,
            AuthorityKeeper authorities,
            Issuance issuance,
            IssuanceDecider decider,
            Journal journal,
            Housekeeping housekeeping,
            SecureRandom random,
            Clock clock) {
        this.config = config;
        this.transactions = transactions;
        this.certificates = certificates;
        this.authorities = authorities;
        this.issuance = issuance;
        this.decider = decider;
        this.journal = journal;
        this.housekeeping = housekeeping;
        this.random = random;
        this.clock = clock;
    }

    /**
     * A certificate with what its holder needs.
     *
     * @param certificate PEM
     * @param authority the issuing authority and those above it, PEM
     * @param key the private key, PEM (PKCS#8), only where it was made here
     */
    public record Issued(IssuedCertificate facts, String certificate, String authority, Optional<String> key) {
        /** Says which certificate it is and nothing of the key. */
        @Override
        public String toString() {
            return "Issued[" + facts + "]";
        }
    }

    /** Issues a device's certificate, for the key in the request or, without one, for a key made here. */
    public Outcome<Issued> issueDevice(Caller caller, String cloud, String device, Optional<String> csr) {
        Outcome<Issued> outcome = !config.deviceIssuers().contains(caller.client())
                ? Outcome.refused("forbidden", "this client may not issue devices' certificates")
                : IssuanceDecider.device(cloud, device)
                        .then(purpose -> csr.isPresent()
                                ? issueForRequest(caller, purpose, csr.get())
                                : issueWithKey(caller, purpose));
        Map<String, String> asked = Map.of(
                "cloud", Journal.clip(cloud),
                "device", Journal.clip(device),
                "csr", Boolean.toString(csr.isPresent()));
        return journal.counted("IssueDeviceCertificate", caller, asked, outcome);
    }

    /** Issues a server's certificate. */
    public Outcome<Issued> issueServer(Caller caller, List<String> names, String csr) {
        Outcome<Issued> outcome = !config.serverIssuers().contains(caller.client())
                ? Outcome.refused("forbidden", "this client may not issue servers' certificates")
                : IssuanceDecider.server(names).then(purpose -> issueForRequest(caller, purpose, csr));
        Map<String, String> asked = Map.of("names", Journal.clip(String.join(" ", names)));
        return journal.counted("IssueServerCertificate", caller, asked, outcome);
    }

    private Outcome<Issued> issueForRequest(Caller caller, Purpose purpose, String csr) {
        return RequestReader.read(csr)
                .then(request -> authorities
                        .active(issuerOf(purpose))
                        .then(issuer -> decider.onRequest(purpose, request.facts(), issuer.validity(), clock.instant())
                                .then(plan -> issuance.issue(caller, plan, request.publicKey(), issuer))
                                .then(leaf -> Outcome.done(issued(leaf, issuer, Optional.empty())))));
    }

    private Outcome<Issued> issueWithKey(Caller caller, Purpose purpose) {
        return authorities.active(issuerOf(purpose)).then(issuer -> {
            KeyPair pair = KeyPairs.make(KeyAlgorithm.P256, random);
            SubjectPublicKeyInfo publicKey = KeyPairs.publicKey(pair);
            String key = Pem.write("PRIVATE KEY", pair.getPrivate().getEncoded());
            return decider.onKeyMadeHere(purpose, issuer.validity(), clock.instant())
                    .then(plan -> issuance.issue(caller, plan, publicKey, issuer))
                    .then(leaf -> Outcome.done(issued(leaf, issuer, Optional.of(key))));
        });
    }

    private static AuthorityName issuerOf(Purpose purpose) {
        return purpose instanceof Purpose.Device(String cloud, String id)
                ? new AuthorityName.Cloud(cloud)
                : new AuthorityName.Servers();
    }

    private Issued issued(Issuance.Leaf leaf, Authority issuer, Optional<String> key) {
        return new Issued(
                leaf.facts(),
                Pem.write(PEM_LABEL, leaf.encoded()),
                authorities.known().chain(issuer),
                key);
    }

    /** Revokes a certificate; one revoked before stays as it was. Refused with {@code unknown_certificate}. */
    public Outcome<RevokedCertificate> revoke(Caller caller, String serial, RevocationReason reason) {
        Instant now = clock.instant();
        Outcome<RevokedCertificate> outcome = transactions.call(connection -> {
            Optional<RevokedCertificate> revoked = certificates.revoke(connection, serial, reason, now);
            if (revoked.isPresent()) {
                journal.write(
                        connection,
                        List.of(
                                new Event.Revoked(revoked.get()),
                                journal.done(
                                        "RevokeCertificate",
                                        caller,
                                        Map.of("serial", serial, "reason", reason.text()),
                                        Map.of("subject", revoked.get().subject()))));
                return Outcome.done(revoked.get());
            }
            return certificates
                    .findRevoked(connection, serial)
                    .map(Outcome::done)
                    .orElseGet(() -> Outcome.refused("unknown_certificate", "no certificate has this serial number"));
        });
        housekeeping.revoked();
        return journal.counted("RevokeCertificate", caller, Map.of("serial", Journal.clip(serial)), outcome);
    }

    static String pem(Certificate certificate) {
        return Pem.write(PEM_LABEL, Der.encode(certificate));
    }

    static String pem(List<Certificate> certificates) {
        StringBuilder text = new StringBuilder();
        certificates.forEach(one -> text.append(pem(one)));
        return text.toString();
    }
}
