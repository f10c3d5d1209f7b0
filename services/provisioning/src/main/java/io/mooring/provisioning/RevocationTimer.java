package io.mooring.provisioning;

import io.mooring.provisioning.authority.CertificateAuthorityClient;
import io.mooring.provisioning.db.Transactions;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Calls for revocations to be told: at once when there are new ones, and every few seconds for what failed. */
@ApplicationScoped
class RevocationTimer {
    private static final Logger LOG = Logger.getLogger(RevocationTimer.class);
    private static final long PERIOD_SECONDS = 5;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofVirtual().name("revocations").factory());
    private volatile @Nullable Runnable work;

    void start(Runnable tell) {
        work = tell;
        var _ = thread.scheduleWithFixedDelay(this::run, 0, PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    /** There may be new ones. */
    void wake() {
        try {
            thread.execute(this::run);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("stopping: revocations are told after the next start");
        }
    }

    private void run() {
        Runnable tell = work;
        if (tell == null) {
            return;
        }
        try {
            tell.run();
        } catch (CertificateAuthorityClient.Unavailable | Transactions.Unavailable e) {
            LOG.warnf("revocations are not told yet: %s", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("revocations could not be told", e);
        }
    }

    @PreDestroy
    void stop() {
        thread.shutdownNow();
    }
}
