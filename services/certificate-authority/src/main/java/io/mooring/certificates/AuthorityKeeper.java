package io.mooring.certificates;

import io.micrometer.core.instrument.MeterRegistry;
import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.AuthorityRules;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.core.RevocationReason;
import io.mooring.certificates.db.AuthorityStore;
import io.mooring.certificates.db.Transactions;
import io.mooring.certificates.x509.Authority;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Knows the authorities there are, with their keys open, without asking the database for each
 * certificate: what it knows is at most a few seconds old. That suffices, since who signs under a name
 * is a matter of time alone, and an authority that follows another is known well before its time.
 */
@ApplicationScoped
class AuthorityKeeper {
    private static final Logger LOG = Logger.getLogger(AuthorityKeeper.class);
    private static final Duration STALE_AFTER = Duration.ofSeconds(5);

    private final Transactions transactions;
    private final AuthorityStore store;
    private final AuthorityMaker maker;
    private final ForeignAuthorities foreign;
    private final AuthorityRules rules;
    private final Journal journal;
    private final Clock clock;
    private final ReentrantLock refreshing = new ReentrantLock();
    private volatile @Nullable KnownAuthorities lastKnown;

    AuthorityKeeper(
            Transactions transactions,
            AuthorityStore store,
            AuthorityMaker maker,
            ForeignAuthorities foreign,
            AuthorityRules rules,
            Journal journal,
            MeterRegistry metrics,
            Clock clock) {
        metrics.gauge("mooring.certificates.authority.end.seconds", this, AuthorityKeeper::firstEndSeconds);
        this.transactions = transactions;
        this.store = store;
        this.maker = maker;
        this.foreign = foreign;
        this.rules = rules;
        this.journal = journal;
        this.clock = clock;
    }

    /** The authorities, as they were a few seconds ago at most, or longer if the database is away. */
    KnownAuthorities known() {
        KnownAuthorities last = lastKnown;
        if (last == null) {
            return refresh();
        }
        boolean stale = last.read().plus(STALE_AFTER).isBefore(clock.instant());
        if (stale && refreshing.tryLock()) {
            try {
                return refresh();
            } catch (Transactions.Unavailable away) {
                LOG.debugf("authorities are known as of %s: %s", last.read(), away.getMessage());
            } finally {
                refreshing.unlock();
            }
        }
        return last;
    }

    /** The authorities, as they are. */
    KnownAuthorities refresh() {
        KnownAuthorities fresh = transactions.call(connection -> load(connection, clock.instant()));
        lastKnown = fresh;
        return fresh;
    }

    /** By what was known last: whoever reads metrics waits for no database. */
    private double firstEndSeconds() {
        KnownAuthorities last = lastKnown;
        return last == null
                ? Double.NaN
                : last.firstEnd(clock.instant())
                        .map(Instant::getEpochSecond)
                        .map(Long::doubleValue)
                        .orElse(Double.NaN);
    }

    private KnownAuthorities load(Connection connection, Instant now) throws SQLException {
        List<Authority> all =
                store.findUnexpired(connection, now).stream().map(maker::open).toList();
        return new KnownAuthorities(all, now);
    }

    /**
     * Who signs under a name, made if there is nobody. Of several processes that need one at once, one
     * makes it and the others wait and find it. Refused as {@link AuthorityMaker#make} refuses.
     */
    Outcome<Authority> active(AuthorityName name) {
        Optional<Authority> active = known().active(name, clock.instant());
        return active.isPresent()
                ? Outcome.done(active.get())
                : alone((connection, known, now) -> {
                    Optional<Authority> meanwhile = known.active(name, now);
                    return meanwhile.isPresent()
                            ? Outcome.done(meanwhile.get())
                            : maker.make(connection, name, known, now, now);
                });
    }

    /** Takes over what was made elsewhere and is at hand, where it is not the one in use already. */
    Outcome<Optional<Authority>> takeOver(AuthorityName name) {
        return alone((connection, known, now) -> switch (foreign.find(name, now)) {
            case Outcome.Refused<Optional<ForeignAuthorities.Found>>(var refusal) -> new Outcome.Refused<>(refusal);
            case Outcome.Done<Optional<ForeignAuthorities.Found>>(var found) -> {
                boolean isNew = found.isPresent()
                        && known.all().stream()
                                .noneMatch(one -> one.name().equals(name)
                                        && one.certificate().equals(found.get().certificate()));
                yield isNew
                        ? maker.takeOver(connection, name, now, now).then(one -> Outcome.done(Optional.of(one)))
                        : Outcome.done(Optional.empty());
            }
        });
    }

    /**
     * Makes an authority that follows the one in use after a delay; if there is one already that waits
     * for its time, that. Refused with {@code unknown_cloud}, {@code too_many_authorities}, or as {@link
     * AuthorityMaker#make} refuses.
     */
    Outcome<Authority> rotate(Caller caller, AuthorityName name, Duration delay) {
        Outcome<Authority> outcome = alone((connection, known, now) -> {
            if (known.active(name, now).isEmpty()) {
                return Outcome.refused("unknown_cloud", "there is no authority of this name to follow");
            }
            Optional<Authority> next = known.next(name, now);
            if (next.isPresent()) {
                return Outcome.done(next.get());
            }
            if (known.valid(name, now).size() >= AuthorityRules.MAX_VALID_OF_ONE_NAME) {
                return Outcome.refused(
                        "too_many_authorities",
                        AuthorityRules.MAX_VALID_OF_ONE_NAME + " authorities of this name are valid; revoke one first");
            }
            Outcome<Authority> made = maker.make(connection, name, known, now.plus(delay), now);
            if (made instanceof Outcome.Done<Authority>(Authority one)) {
                journal.write(
                        connection,
                        List.of(journal.done(
                                "RotateAuthority",
                                caller,
                                asked(name),
                                Map.of(
                                        "authority", one.id().toString(),
                                        "active", one.activeFrom().toString()))));
            }
            return made;
        });
        return journal.counted("RotateAuthority", caller, asked(name), outcome);
    }

    /** Revokes an issuing authority, and all it ever signed with it. Again is no error. */
    void revoke(Caller caller, Authority authority, RevocationReason reason) {
        alone((connection, known, now) -> {
            if (store.revoke(connection, authority.id(), reason, now)) {
                journal.write(
                        connection,
                        List.of(journal.done(
                                "RevokeAuthority",
                                caller,
                                Map.of("authority", authority.id().toString(), "reason", reason.text()),
                                asked(authority.name()))));
            }
            return Outcome.done(authority);
        });
        journal.count("RevokeAuthority", "");
    }

    /** The same authority with its key at hand; refused with {@code root_away}. */
    Outcome<Authority> withKey(Authority authority) {
        return maker.withKey(authority, clock.instant());
    }

    private static Map<String, String> asked(AuthorityName name) {
        return Map.of("kind", name.kind(), "cloud", name.cloudOrEmpty());
    }

    private interface Change<T> {
        Outcome<T> make(Connection connection, KnownAuthorities known, Instant now) throws SQLException;
    }

    /** Changes something about authorities while nobody else does, in any process. */
    private <T> Outcome<T> alone(Change<T> change) {
        Instant now = clock.instant();
        Outcome<T> outcome = transactions.call(connection -> {
            store.lockForCreation(connection);
            return change.make(connection, load(connection, now), now);
        });
        refresh();
        return outcome;
    }
}
