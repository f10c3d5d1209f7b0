package io.mooring.certificates;

import io.mooring.certificates.core.CertificatePlan;
import io.mooring.certificates.core.Event;
import io.mooring.certificates.core.IssuedCertificate;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.core.Purpose;
import io.mooring.certificates.core.RevokedCertificate;
import io.mooring.certificates.db.CertificateLedger;
import io.mooring.certificates.db.CertificateStore;
import io.mooring.certificates.db.Transactions;
import io.mooring.certificates.x509.Authority;
import io.mooring.certificates.x509.CertificateLint;
import io.mooring.certificates.x509.CertificateProfile;
import io.mooring.certificates.x509.Crypto;
import io.mooring.certificates.x509.Der;
import io.mooring.certificates.x509.Pointers;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.jboss.logging.Logger;

/**
 * The one way to a certificate: prepare, lint, record the intent, sign, record. A crash between leaves
 * an intent, never an unknown certificate, and what is not as it should be is never signed.
 */
@ApplicationScoped
class Issuance {
    private static final Logger LOG = Logger.getLogger(Issuance.class);

    private final CertificateProfile profile;
    private final Pointers pointers;
    private final CertificateLedger ledger;
    private final CertificateStore certificates;
    private final Transactions transactions;
    private final CertificatesConfig config;
    private final Journal journal;
    private final Clock clock;

    Issuance(
            CertificateProfile profile,
            Pointers pointers,
            CertificateLedger ledger,
            CertificateStore certificates,
            Transactions transactions,
            CertificatesConfig config,
            Journal journal,
            Clock clock) {
        this.profile = profile;
        this.pointers = pointers;
        this.ledger = ledger;
        this.certificates = certificates;
        this.transactions = transactions;
        this.config = config;
        this.journal = journal;
        this.clock = clock;
    }

    /**
     * A certificate that was made and recorded.
     *
     * @param encoded its DER form
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    record Leaf(IssuedCertificate facts, Certificate certificate, byte[] encoded) {}

    /** Makes what was planned; refused with {@code lint_failed} (a fault of ours) or {@code too_slow}. */
    Outcome<Leaf> issue(Caller caller, CertificatePlan plan, SubjectPublicKeyInfo key, Authority issuer) {
        TBSCertificate prepared = profile.prepareLeaf(plan, key, issuer);
        byte[] encoded = Der.encode(prepared);
        List<String> findings = CertificateLint.leaf(encoded, plan, key, issuer, pointers);
        if (!findings.isEmpty()) {
            return fault(String.join("; ", findings));
        }
        String serial = CertificateProfile.serial(prepared);
        boolean intended = ledger.intend(new CertificateLedger.Intent(
                serial, issuer.id(), plan.purpose(), plan.validity(), encoded, caller.client(), clock.instant()));
        if (!intended) {
            return fault("the serial number is taken");
        }
        Certificate certificate = issuer.requireSigner().sign(prepared, encoded);
        byte[] signed = Der.encode(certificate);
        Instant now = clock.instant();
        IssuedCertificate issued =
                new IssuedCertificate(serial, plan.purpose(), plan.validity(), Crypto.sha256Hex(signed));
        List<Event> told = List.of(
                new Event.Issued(issued, now),
                journal.done(
                        action(plan.purpose()),
                        caller,
                        Map.of("subject", issued.purpose().subject()),
                        Map.of("serial", issued.serial(), "fingerprint", issued.fingerprint())));
        return ledger.complete(new CertificateLedger.Completion(issued, signed, now, journal.records(told)))
                ? Outcome.done(new Leaf(issued, certificate, signed))
                : Outcome.refused("too_slow", "the certificate took too long to sign and was given up");
    }

    /** Gives up intents that nobody waits for any more, and tells of each as revoked. */
    int abandonIntents() {
        Instant now = clock.instant();
        int abandoned = transactions.call(connection -> {
            List<RevokedCertificate> revoked =
                    certificates.abandonIntents(connection, now.minus(config.intentTimeout()), now);
            List<Event> events = new ArrayList<>();
            for (RevokedCertificate one : revoked) {
                events.add(new Event.Revoked(one));
                events.add(journal.done(
                        "AbandonIntent",
                        Caller.OURSELVES,
                        Map.of("serial", one.serial()),
                        Map.of("subject", one.subject())));
            }
            journal.write(connection, events);
            return revoked.size();
        });
        if (abandoned > 0) {
            LOG.warnf("%d certificates were about to be signed and never recorded as signed: revoked", abandoned);
        }
        return abandoned;
    }

    private static String action(Purpose purpose) {
        return switch (purpose) {
            case Purpose.Device device -> "IssueDeviceCertificate";
            case Purpose.Server server -> "IssueServerCertificate";
            case Purpose.Responder responder -> "IssueResponderCertificate";
        };
    }

    private static Outcome<Leaf> fault(String findings) {
        LOG.errorf("a fault of this service: a certificate was not signed: %s", findings);
        return Outcome.refused("lint_failed", "a fault of the service, which signed nothing: " + findings);
    }
}
