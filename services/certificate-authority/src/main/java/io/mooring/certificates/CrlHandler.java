package io.mooring.certificates;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.CrlRules;
import io.mooring.certificates.core.CrlState;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.db.CertificateStore;
import io.mooring.certificates.db.CrlStore;
import io.mooring.certificates.db.CrlStore.Crl;
import io.mooring.certificates.db.Transactions;
import io.mooring.certificates.x509.Authority;
import io.mooring.certificates.x509.CrlMaker;
import io.mooring.certificates.x509.Signer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** Keeps each authority's list of revoked certificates (RFC 5280, section 5) made, and hands it out. */
@ApplicationScoped
public class CrlHandler {
    private static final Logger LOG = Logger.getLogger(CrlHandler.class);

    private final Transactions transactions;
    private final CrlStore lists;
    private final CertificateStore certificates;
    private final AuthorityKeeper authorities;
    private final CrlRules rules;
    private final Journal journal;
    private final Clock clock;
    /** As last handed out: the number is asked for each time, the list only when it is another. */
    private final Map<UUID, Crl> held = new ConcurrentHashMap<>();

    CrlHandler(
            Transactions transactions,
            CrlStore lists,
            CertificateStore certificates,
            AuthorityKeeper authorities,
            CrlRules rules,
            Journal journal,
            Clock clock) {
        this.transactions = transactions;
        this.lists = lists;
        this.certificates = certificates;
        this.authorities = authorities;
        this.rules = rules;
        this.journal = journal;
        this.clock = clock;
    }

    /** Makes all lists that are due. */
    void makeDue() {
        Instant now = clock.instant();
        Map<UUID, CrlState> states = transactions.call(lists::states);
        for (Authority authority : authorities.known().all()) {
            CrlState state = states.get(authority.id());
            CrlRules.Due due = state == null ? CrlRules.Due.NOT : rules.due(authority.name(), state, now);
            if (due != CrlRules.Due.NOT) {
                make(authority, due == CrlRules.Due.SCHEDULED);
            }
        }
    }

    /** Makes the lists of all roots whose keys are at hand. */
    void renewRoots() {
        authorities.known().all().stream()
                .filter(one -> one.name() instanceof AuthorityName.Root)
                .forEach(root -> make(root, true));
    }

    private void make(Authority authority, boolean scheduled) {
        if (!(authorities.withKey(authority) instanceof Outcome.Done<Authority>(Authority able))) {
            // Not an error while the list is good: a root's key is meant to be away.
            LOG.debugf("the list of %s is not renewed: its key is away", authority);
            warnIfEnding(authority);
            return;
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Made made = transactions.atOneMoment(connection -> {
            CrlState state = Optional.ofNullable(lists.states(connection).get(authority.id()))
                    .orElseThrow(() -> new IllegalStateException("an authority without an account of its list"));
            CrlMaker maker = new CrlMaker();
            // RFC 5280, section 3.3: what has expired stays on one more list made by schedule.
            if (authority.name() instanceof AuthorityName.Root) {
                certificates.visitRevokedAuthorities(connection, authority.id(), state.scheduled(), maker::add);
            } else {
                certificates.visitRevoked(connection, authority.id(), state.scheduled(), maker::add);
            }
            return new Made(state, maker);
        });
        Signer signer = able.requireSigner();
        Instant until = now.plus(rules.lifetime(authority.name()));
        Instant nextUpdate = until.isAfter(authority.validity().notAfter())
                ? authority.validity().notAfter()
                : until;
        long number = made.before().number() + 1;
        Crl crl = new Crl(number, now, nextUpdate, made.maker().finish(able, signer, number, now, nextUpdate));
        boolean replaced = transactions.call(connection -> {
            boolean first = lists.replace(connection, authority.id(), made.before(), crl, scheduled);
            if (first) {
                journal.write(
                        connection,
                        List.of(journal.done(
                                "PublishRevocationList",
                                Caller.OURSELVES,
                                Map.of("authority", authority.id().toString()),
                                Map.of(
                                        "number", Long.toString(number),
                                        "nextUpdate", nextUpdate.toString()))));
            }
            return first;
        });
        if (replaced) {
            journal.count("PublishRevocationList", "");
            LOG.debugf("list %s of %s: %s bytes", Long.toString(number), authority, Integer.toString(crl.der().length));
        }
    }

    private record Made(CrlState before, CrlMaker maker) {}

    private void warnIfEnding(Authority authority) {
        Instant now = clock.instant();
        find(authority.id()).ifPresent(crl -> {
            Duration quarter =
                    Duration.between(crl.thisUpdate(), crl.nextUpdate()).dividedBy(4);
            if (now.isAfter(crl.nextUpdate().minus(quarter))) {
                LOG.warnf(
                        "the root's list of revoked authorities ends %s: its key is needed to renew it",
                        crl.nextUpdate());
            }
        });
    }

    /** An authority's list as last made; while the database is away, as last seen. */
    public Optional<Crl> find(UUID authority) {
        Optional<Crl> seen = Optional.ofNullable(held.get(authority));
        try {
            Optional<Crl> last = transactions.call(connection -> {
                Optional<Long> number = lists.findNumber(connection, authority);
                boolean isLast = seen.isPresent()
                        && number.isPresent()
                        && number.get() == seen.get().number();
                return isLast ? seen : lists.find(connection, authority);
            });
            last.ifPresent(crl -> held.put(authority, crl));
            return last;
        } catch (Transactions.Unavailable away) {
            return Optional.of(seen.orElseThrow(() -> away));
        }
    }

    /** For how long a copy of a list may be handed on without asking here again. */
    public Duration maxAge(Crl crl) {
        Duration left = Duration.between(clock.instant(), crl.nextUpdate());
        Duration age = left.compareTo(rules.period()) < 0 ? left : rules.period();
        return age.isNegative() ? Duration.ZERO : age;
    }
}
