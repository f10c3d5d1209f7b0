package io.mooring.certificates;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.CertificateStatus;
import io.mooring.certificates.core.IssuanceDecider;
import io.mooring.certificates.core.KeyAlgorithm;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.core.Purpose;
import io.mooring.certificates.core.Validity;
import io.mooring.certificates.db.CertificateStore;
import io.mooring.certificates.db.Transactions;
import io.mooring.certificates.x509.Authority;
import io.mooring.certificates.x509.KeyPairs;
import io.mooring.certificates.x509.OcspAnswers;
import io.mooring.certificates.x509.OcspAnswers.Error;
import io.mooring.certificates.x509.OcspAnswers.Responder;
import io.mooring.certificates.x509.OcspQuery;
import io.mooring.certificates.x509.Signer;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.bouncycastle.asn1.ocsp.CertID;
import org.jboss.logging.Logger;

/**
 * Answers about single certificates (RFC 6960). For each issuing authority with a key of its own that
 * lives in this process only, vouched for by a certificate that is valid for days.
 */
@ApplicationScoped
public class OcspHandler {
    private static final Logger LOG = Logger.getLogger(OcspHandler.class);
    private static final String ACTION = "AnswerStatus";

    private final CertificatesConfig config;
    private final Transactions transactions;
    private final CertificateStore certificates;
    private final AuthorityKeeper authorities;
    private final Issuance issuance;
    private final IssuanceDecider decider;
    private final Journal journal;
    private final SecureRandom random;
    private final Clock clock;
    private final Semaphore free;
    private final Map<UUID, Held> responders = new ConcurrentHashMap<>();

    OcspHandler(
            CertificatesConfig config,
            Transactions transactions,
            CertificateStore certificates,
            AuthorityKeeper authorities,
            Issuance issuance,
            IssuanceDecider decider,
            Journal journal,
            SecureRandom random,
            Clock clock) {
        this.config = config;
        this.transactions = transactions;
        this.certificates = certificates;
        this.authorities = authorities;
        this.issuance = issuance;
        this.decider = decider;
        this.journal = journal;
        this.random = random;
        this.clock = clock;
        this.free = new Semaphore(config.ocspConcurrency());
    }

    /**
     * An answer.
     *
     * @param der the answer, an error too
     * @param fresh from when until when it may be handed on; empty if it may not
     */
    @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
    public record Answer(byte[] der, Optional<Validity> fresh) {
        private static Answer error(Error error) {
            return new Answer(OcspAnswers.error(error), Optional.empty());
        }
    }

    private record Held(Responder responder, Validity validity) {}

    /** Answers a request of any bytes. */
    public Answer answer(byte[] request) {
        if (!(OcspQuery.read(request) instanceof Outcome.Done<OcspQuery>(OcspQuery query))) {
            return failed(Error.MALFORMED_REQUEST);
        }
        if (!free.tryAcquire()) {
            return failed(Error.TRY_LATER);
        }
        try {
            return answer(query);
        } catch (Transactions.Unavailable | Signer.UnusableKey away) {
            LOG.debugf("a question about a certificate is not answered: %s", away.getMessage());
            return failed(Error.TRY_LATER);
        } catch (RuntimeException bug) {
            LOG.error("a question about a certificate could not be answered", bug);
            return failed(Error.INTERNAL_ERROR);
        } finally {
            free.release();
        }
    }

    private Answer answer(OcspQuery query) {
        Optional<Authority> asked = authorityOf(query);
        if (asked.isEmpty()) {
            return failed(Error.UNAUTHORIZED);
        }
        Authority authority = asked.get();
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Optional<Held> responder = responder(authority, now);
        if (responder.isEmpty()) {
            return failed(Error.TRY_LATER);
        }
        List<String> serials =
                query.certificates().stream().map(OcspHandler::serial).toList();
        Map<String, CertificateStatus> known =
                transactions.call(connection -> certificates.statuses(connection, authority.id(), serials));
        List<Map.Entry<CertID, CertificateStatus>> statuses = new ArrayList<>();
        for (int i = 0; i < serials.size(); i++) {
            CertificateStatus status = known.getOrDefault(serials.get(i), new CertificateStatus.Unknown());
            statuses.add(Map.entry(query.certificates().get(i), status));
        }
        Instant until = now.plus(config.ocspLifetime());
        Instant end = responder.get().validity().notAfter();
        Validity fresh = new Validity(now, until.isAfter(end) ? end : until);
        byte[] der = OcspAnswers.signed(query, statuses, responder.get().responder(), now, fresh.notAfter());
        journal.count(ACTION, "");
        // What is unknown may be known in a moment, and a nonce is good for one question.
        boolean mayBeHandedOn = query.nonce().isEmpty()
                && known.size() == serials.stream().distinct().count();
        return new Answer(der, mayBeHandedOn ? Optional.of(fresh) : Optional.empty());
    }

    /** The one issuing authority that all of it is about. */
    private Optional<Authority> authorityOf(OcspQuery query) {
        return authorities.known().all().stream()
                .filter(one -> !(one.name() instanceof AuthorityName.Root))
                .filter(one -> query.certificates().stream().allMatch(id -> OcspAnswers.isAbout(id, one)))
                .findFirst();
    }

    private Optional<Held> responder(Authority authority, Instant now) {
        Optional<Held> held = held(authority);
        if (held.isPresent() && isYoung(held.get(), now)) {
            return held;
        }
        synchronized (responders) {
            Optional<Held> meanwhile = held(authority);
            if (meanwhile.isPresent() && isYoung(meanwhile.get(), now)) {
                return meanwhile;
            }
            Optional<Held> made = makeResponder(authority, now);
            made.ifPresent(one -> responders.put(authority.id(), one));
            return made.isPresent()
                    ? made
                    : meanwhile.filter(one -> now.isBefore(one.validity().notAfter()));
        }
    }

    private Optional<Held> held(Authority authority) {
        return Optional.ofNullable(responders.get(authority.id()));
    }

    /** Whether its certificate has more than half of its life before it. An authority's end may have cut that short. */
    private boolean isYoung(Held held, Instant now) {
        Duration life =
                Duration.between(held.validity().notBefore(), held.validity().notAfter());
        return now.isBefore(held.validity().notAfter().minus(life.dividedBy(2)));
    }

    private Optional<Held> makeResponder(Authority authority, Instant now) {
        KeyPair pair = KeyPairs.make(KeyAlgorithm.P256, random);
        Signer signer = Signer.inMemory(pair.getPrivate(), KeyPairs.publicKey(pair), random);
        Purpose purpose = new Purpose.Responder(authority.shortKeyIdentifier());
        Outcome<Issuance.Leaf> leaf = authorities
                .withKey(authority)
                .then(able -> decider.onKeyMadeHere(purpose, able.validity(), now)
                        .then(plan -> issuance.issue(Caller.OURSELVES, plan, signer.publicKey(), able)));
        if (journal.counted("IssueResponderCertificate", Caller.OURSELVES, Map.of(), leaf)
                instanceof Outcome.Done<Issuance.Leaf>(Issuance.Leaf made)) {
            return Optional.of(new Held(
                    new Responder(signer, made.certificate()), made.facts().validity()));
        }
        return Optional.empty();
    }

    /** As it is kept: the octets in lower-case hexadecimal. */
    private static String serial(CertID id) {
        return HexFormat.of().formatHex(id.getSerialNumber().getValue().toByteArray());
    }

    private Answer failed(Error error) {
        journal.count(ACTION, error.name().toLowerCase(Locale.ROOT));
        return Answer.error(error);
    }
}
