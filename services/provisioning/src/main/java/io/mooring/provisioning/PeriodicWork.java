package io.mooring.provisioning;

import io.mooring.provisioning.authority.CertificateAuthorityClient;
import io.mooring.provisioning.db.Transactions;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Work that is done again and again, never twice at a time, and at once when somebody says that there is some. */
final class PeriodicWork {
    private static final Logger LOG = Logger.getLogger(PeriodicWork.class);

    private final String name;
    private final Runnable work;
    private final ScheduledExecutorService thread;

    PeriodicWork(String name, Runnable work) {
        this.name = name;
        this.work = work;
        this.thread = Executors.newSingleThreadScheduledExecutor(
                Thread.ofVirtual().name(name).factory());
    }

    /** Begins; how long the first time takes is nobody's wait. */
    void every(Duration period) {
        var _ = thread.scheduleWithFixedDelay(this::run, 0, period.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** There may be some. */
    void wake() {
        try {
            thread.execute(this::run);
        } catch (RejectedExecutionException stopping) {
            LOG.debugf("stopping: %s go on after the next start", name);
        }
    }

    private void run() {
        try {
            work.run();
        } catch (CertificateAuthorityClient.Unavailable | Transactions.Unavailable e) {
            LOG.warnf("%s wait: %s", name, e.getMessage());
        } catch (RuntimeException e) {
            LOG.errorf(e, "%s failed", name);
        }
    }

    /** Ends, whatever is going on. */
    void stop() {
        thread.shutdownNow();
    }
}
