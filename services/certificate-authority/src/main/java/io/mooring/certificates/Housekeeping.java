package io.mooring.certificates;

import io.mooring.certificates.db.Transactions;
import io.mooring.certificates.x509.Signer;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * What is done from time to time: intents that nobody waits for are given up, lists of revoked
 * certificates renewed, authorities followed by others before they end. What fails is done next time.
 */
@ApplicationScoped
class Housekeeping {
    private static final Logger LOG = Logger.getLogger(Housekeeping.class);
    private static final Duration LIST_PERIOD = Duration.ofSeconds(10);
    private static final Duration LONGEST_SWEEP_PERIOD = Duration.ofSeconds(60);
    private static final Duration ROTATION_PERIOD = Duration.ofSeconds(60);
    private static final Duration SAID_AGAIN_AFTER = Duration.ofHours(24);

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("housekeeping").factory());
    private final AtomicBoolean listsComing = new AtomicBoolean();
    private final CertificatesConfig config;
    private final AuthorityHandler authorities;
    private final CrlHandler lists;
    private final Issuance issuance;

    Housekeeping(CertificatesConfig config, AuthorityHandler authorities, CrlHandler lists, Issuance issuance) {
        this.config = config;
        this.authorities = authorities;
        this.lists = lists;
        this.issuance = issuance;
    }

    void start(@Observes StartupEvent event) {
        authorities.start();
        // At once, while a root's key may be there.
        lists.makeDue();
        every(sweepPeriod(), "give up intents", issuance::abandonIntents);
        every(LIST_PERIOD, "make lists of revoked certificates", lists::makeDue);
        every(ROTATION_PERIOD, "rotate authorities", authorities::rotateDue);
        every(SAID_AGAIN_AFTER, "forget failures", authorities::forgetFailures);
    }

    /** Often enough that an intent is never much older than it may be. */
    private Duration sweepPeriod() {
        Duration half = config.intentTimeout().dividedBy(2);
        Duration shortest = Duration.ofSeconds(1);
        if (half.compareTo(shortest) < 0) {
            return shortest;
        }
        return half.compareTo(LONGEST_SWEEP_PERIOD) > 0 ? LONGEST_SWEEP_PERIOD : half;
    }

    /** Something was revoked: its list is made a moment later, one for all that come meanwhile. */
    void revoked() {
        if (listsComing.compareAndSet(false, true)) {
            try {
                var _ = thread.schedule(
                        () -> {
                            listsComing.set(false);
                            run("make lists of revoked certificates", lists::makeDue);
                        },
                        config.crlDelay().toMillis(),
                        TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException stopping) {
                LOG.debug("stopping: the list is made after the next start");
            }
        }
    }

    private void every(Duration period, String what, Runnable work) {
        var _ = thread.scheduleWithFixedDelay(() -> run(what, work), 0, period.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static void run(String what, Runnable work) {
        try {
            work.run();
        } catch (Transactions.Unavailable | Signer.UnusableKey e) {
            LOG.warnf("could not %s, will try again: %s", what, e.getMessage());
        } catch (RuntimeException e) {
            LOG.errorf(e, "could not %s", what);
        }
    }

    @PreDestroy
    void stop() {
        thread.shutdownNow();
    }
}
