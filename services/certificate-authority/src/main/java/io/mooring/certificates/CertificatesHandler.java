package io.mooring.certificates;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.mooring.certificates.core.AuthorityLifetimes;
import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.CertificatePlan;
import io.mooring.certificates.core.Event;
import io.mooring.certificates.core.IssuanceDecider;
import io.mooring.certificates.core.IssuanceRules;
import io.mooring.certificates.core.IssuedCertificate;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.core.Purpose;
import io.mooring.certificates.core.Refusal;
import io.mooring.certificates.core.RevocationReason;
import io.mooring.certificates.core.RevokedCertificate;
import io.mooring.certificates.db.AuthorityRow;
import io.mooring.certificates.db.AuthorityStore;
import io.mooring.certificates.db.CertificateStore;
import io.mooring.certificates.db.Outbox;
import io.mooring.certificates.db.Transactions;
import io.mooring.certificates.kafka.EventCodec;
import io.mooring.certificates.x509.Authority;
import io.mooring.certificates.x509.CertificateMaker;
import io.mooring.certificates.x509.Crypto;
import io.mooring.certificates.x509.KeyVault;
import io.mooring.certificates.x509.Pem;
import io.mooring.certificates.x509.RequestReader;
import io.mooring.contracts.kafka.Topic;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Loads, decides, saves; the only place where issuing and revoking are put together. */
@ApplicationScoped
public class CertificatesHandler {
    private static final Logger LOG = Logger.getLogger(CertificatesHandler.class);

    private final Clock clock = Clock.tickMillis(ZoneOffset.UTC);
    private final CertificatesConfig config;
    private final Transactions transactions;
    private final AuthorityStore authorityRows;
    private final CertificateStore certificates;
    private final Outbox outbox;
    private final MeterRegistry metrics;
    private final EventCodec events;
    private final CertificateMaker maker;
    private final AuthorityKeeper authorities;
    private final IssuanceDecider decider;

    CertificatesHandler(
            CertificatesConfig config,
            Transactions transactions,
            AuthorityStore authorityRows,
            CertificateStore certificates,
            Outbox outbox,
            ObjectMapper json,
            MeterRegistry metrics,
            @ConfigProperty(name = "mooring.topics.prefix", defaultValue = Topic.DEFAULT_PREFIX) String topicsPrefix) {
        SecureRandom random = new SecureRandom();
        this.config = config;
        this.transactions = transactions;
        this.authorityRows = authorityRows;
        this.certificates = certificates;
        this.outbox = outbox;
        this.metrics = metrics;
        this.events = new EventCodec(json, topicsPrefix, config.region());
        this.maker = new CertificateMaker(random);
        this.authorities = new AuthorityKeeper(
                authorityRows,
                maker,
                KeyVault.open(config.masterKey(), random),
                new AuthorityLifetimes(config.rootLifetime(), config.issuingLifetime(), config.backdate()));
        this.decider = new IssuanceDecider(
                new IssuanceRules(config.deviceLifetime(), config.serverLifetime(), config.backdate()));
    }

    /**
     * Who calls, and from where.
     *
     * @param client the client's name as authenticated, or {@code anonymous}
     * @param address its network address
     */
    public record Caller(String client, String address) {}

    /**
     * A certificate with what its holder needs.
     *
     * @param certificate PEM
     * @param authority the issuing authority and the root, PEM
     * @param key the private key, PEM (PKCS#8), only where it was made here
     */
    public record Issued(IssuedCertificate facts, String certificate, String authority, Optional<String> key) {
        /** Says which certificate it is and nothing of the key. */
        @Override
        public String toString() {
            return "Issued[" + facts + "]";
        }
    }

    void start(@Observes StartupEvent event) {
        Instant now = clock.instant();
        for (String cloud : config.clouds()) {
            if (!IssuanceDecider.isCloud(cloud)) {
                throw new IllegalStateException("mooring.certificates.clouds: not the name of a cloud: " + cloud);
            }
            transactions.call(connection -> authorities.active(connection, new AuthorityName.Cloud(cloud), now));
        }
        transactions.call(connection -> authorities.active(connection, new AuthorityName.Servers(), now));
        abandonIntents();
    }

    /** Gives up intents that nobody waits for any more, and tells of each as revoked. */
    public int abandonIntents() {
        Instant now = clock.instant();
        return transactions.call(connection -> {
            List<RevokedCertificate> abandoned =
                    certificates.abandonIntents(connection, now.minus(config.intentTimeout()), now);
            publish(
                    connection,
                    abandoned.stream().<Event>map(Event.Revoked::new).toList());
            if (!abandoned.isEmpty()) {
                LOG.warnf(
                        "%d certificates were about to be signed and never recorded as signed: revoked",
                        abandoned.size());
            }
            return abandoned.size();
        });
    }

    /** Issues a device's certificate, for the key in the request or, without one, for a key made here. */
    public Outcome<Issued> issueDevice(Caller caller, String cloud, String device, Optional<String> csr) {
        Map<String, String> asked = Map.of("cloud", cloud, "device", device, "csr", Boolean.toString(csr.isPresent()));
        Outcome<Issued> outcome = !config.deviceIssuers().contains(caller.client())
                ? Outcome.refused("forbidden", "this client may not issue devices' certificates")
                : IssuanceDecider.device(cloud, device)
                        .then(purpose -> csr.isPresent()
                                ? issueForRequest(caller, purpose, csr.get())
                                : issueWithKey(caller, purpose));
        return counted("IssueDeviceCertificate", caller, asked, outcome);
    }

    /** Issues a server's certificate. */
    public Outcome<Issued> issueServer(Caller caller, List<String> names, String csr) {
        Outcome<Issued> outcome = !config.serverIssuers().contains(caller.client())
                ? Outcome.refused("forbidden", "this client may not issue servers' certificates")
                : IssuanceDecider.server(names).then(purpose -> issueForRequest(caller, purpose, csr));
        return counted("IssueServerCertificate", caller, Map.of("names", clip(String.join(" ", names))), outcome);
    }

    private Outcome<Issued> issueForRequest(Caller caller, Purpose purpose, String csr) {
        return RequestReader.read(csr).then(request -> {
            Instant now = clock.instant();
            Authority issuer = issuer(purpose, now);
            return decider.onRequest(purpose, request.facts(), issuer.validity(), now)
                    .then(plan -> sign(caller, plan, request.publicKey(), issuer, Optional.empty()));
        });
    }

    private Outcome<Issued> issueWithKey(Caller caller, Purpose purpose) {
        Instant now = clock.instant();
        Authority issuer = issuer(purpose, now);
        return decider.onKeyMadeHere(purpose, issuer.validity(), now).then(plan -> {
            KeyPair pair = maker.newKey();
            String key = Pem.write("PRIVATE KEY", pair.getPrivate().getEncoded());
            return sign(caller, plan, CertificateMaker.publicKey(pair), issuer, Optional.of(key));
        });
    }

    private Authority issuer(Purpose purpose, Instant now) {
        AuthorityName name = switch (purpose) {
            case Purpose.Device device -> new AuthorityName.Cloud(device.cloud());
            case Purpose.Server server -> new AuthorityName.Servers();
        };
        return transactions.call(connection -> authorities.active(connection, name, now));
    }

    /** Prepare, record the intent, sign, record: a crash between leaves an intent, never an unknown certificate. */
    private Outcome<Issued> sign(
            Caller caller,
            CertificatePlan plan,
            SubjectPublicKeyInfo key,
            Authority issuer,
            Optional<String> privateKey) {
        TBSCertificate prepared = maker.prepareLeaf(plan, key, issuer);
        String serial = CertificateMaker.serial(prepared);
        CertificateStore.Intent intent = new CertificateStore.Intent(
                serial, issuer.id(), plan.purpose(), plan.validity(), der(prepared), caller.client());
        transactions.call(connection -> {
            certificates.intend(connection, intent, clock.instant());
            return serial;
        });
        Certificate certificate =
                maker.sign(prepared, issuer.key(), issuer.certificate().getSubjectPublicKeyInfo());
        byte[] encoded = der(certificate);
        IssuedCertificate issued =
                new IssuedCertificate(serial, plan.purpose(), plan.validity(), Crypto.sha256Hex(encoded));
        String chain = transactions.call(connection -> complete(connection, caller, issued, encoded, issuer));
        return chain.isEmpty()
                ? Outcome.refused("too_slow", "the certificate took too long to sign and was given up")
                : Outcome.done(new Issued(issued, Pem.write("CERTIFICATE", encoded), chain, privateKey));
    }

    private String complete(
            Connection connection, Caller caller, IssuedCertificate issued, byte[] encoded, Authority issuer)
            throws SQLException {
        Instant now = clock.instant();
        if (!certificates.complete(connection, issued, encoded, now)) {
            return "";
        }
        String action =
                issued.purpose() instanceof Purpose.Device ? "IssueDeviceCertificate" : "IssueServerCertificate";
        publish(
                connection,
                List.of(
                        new Event.Issued(issued, now),
                        new Event.Audited(
                                action,
                                caller.client(),
                                caller.address(),
                                Map.of("subject", issued.purpose().subject()),
                                Map.of("serial", issued.serial(), "fingerprint", issued.fingerprint()),
                                "",
                                "",
                                now)));
        return chain(connection, issuer);
    }

    /** The issuing authority's certificate and the root's, PEM. */
    private String chain(Connection connection, Authority issuer) throws SQLException {
        Authority root = authorities
                .findActive(connection, new AuthorityName.Root())
                .orElseThrow(() -> new IllegalStateException("there is no root authority"));
        return pem(issuer.certificate()) + pem(root.certificate());
    }

    /** The chain of a cloud's issuing authority, PEM; refused with {@code unknown_cloud}. */
    public Outcome<String> cloudAuthority(String cloud) {
        return transactions.call(connection -> {
            Optional<Authority> issuer = authorities.findActive(connection, new AuthorityName.Cloud(cloud));
            return issuer.isPresent()
                    ? Outcome.done(chain(connection, issuer.get()))
                    : Outcome.refused("unknown_cloud", "no device of this cloud has a certificate yet");
        });
    }

    /** Root and all issuing authorities that are still valid, PEM. */
    public String trustBundle() {
        List<AuthorityRow> valid =
                transactions.call(connection -> authorityRows.findValid(connection, clock.instant()));
        StringBuilder bundle = new StringBuilder();
        valid.forEach(row -> bundle.append(Pem.write("CERTIFICATE", row.certificate())));
        return bundle.toString();
    }

    /** Revokes a certificate; one revoked before stays as it was. Refused with {@code unknown_certificate}. */
    public Outcome<RevokedCertificate> revoke(Caller caller, String serial, RevocationReason reason) {
        Instant now = clock.instant();
        Outcome<RevokedCertificate> outcome = transactions.call(connection -> {
            Optional<RevokedCertificate> revoked = certificates.revoke(connection, serial, reason, now);
            if (revoked.isPresent()) {
                publish(
                        connection,
                        List.of(
                                new Event.Revoked(revoked.get()),
                                new Event.Audited(
                                        "RevokeCertificate",
                                        caller.client(),
                                        caller.address(),
                                        Map.of("serial", serial, "reason", reason.text()),
                                        Map.of("subject", revoked.get().subject()),
                                        "",
                                        "",
                                        now)));
                return Outcome.done(revoked.get());
            }
            return certificates
                    .findRevoked(connection, serial)
                    .map(Outcome::done)
                    .orElseGet(() -> Outcome.refused("unknown_certificate", "no certificate has this serial number"));
        });
        return counted("RevokeCertificate", caller, Map.of("serial", clip(serial)), outcome);
    }

    /** Records that a call was refused before it came to a decision. */
    public void refused(String action, Caller caller, Refusal refusal) {
        counted(action, caller, Map.of(), new Outcome.Refused<>(refusal));
    }

    private <T> Outcome<T> counted(String action, Caller caller, Map<String, String> asked, Outcome<T> outcome) {
        String code = "";
        if (outcome instanceof Outcome.Refused<T>(Refusal refusal)) {
            code = refusal.code();
            Event refused = new Event.Audited(
                    action,
                    caller.client(),
                    caller.address(),
                    asked,
                    Map.of(),
                    code,
                    refusal.detail(),
                    clock.instant());
            transactions.call(connection -> {
                publish(connection, List.of(refused));
                return refused;
            });
        }
        metrics.counter("mooring.certificates.calls", "action", action, "refusal", code)
                .increment();
        return outcome;
    }

    private void publish(Connection connection, List<Event> what) throws SQLException {
        List<Outbox.Message> messages = new ArrayList<>();
        for (Event event : what) {
            messages.add(events.encode(UUID.randomUUID(), event));
        }
        if (!messages.isEmpty()) {
            outbox.send(connection, messages);
        }
    }

    private static String clip(String text) {
        return text.length() <= 256 ? text : text.substring(0, 256) + "…";
    }

    private static String pem(Certificate certificate) {
        return Pem.write("CERTIFICATE", der(certificate));
    }

    private static byte[] der(org.bouncycastle.asn1.ASN1Object value) {
        try {
            return value.getEncoded("DER");
        } catch (IOException e) {
            throw new IllegalStateException("a value just made has no DER form", e);
        }
    }
}
