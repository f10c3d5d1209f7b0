package io.mooring.chassis;

import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Goes on trying: PostgreSQL, Kafka or Connect may be away at any time, and what was taken on must be done
 * once they are back.
 */
@Singleton
public class Persistence {
    private static final Logger LOG = Logger.getLogger(Persistence.class);
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 10_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition stopping = lock.newCondition();
    private volatile boolean stopped;

    /** The service stops, and what was being tried is given up; it will be asked of the next start. */
    public static final class StoppedException extends RuntimeException {
        StoppedException(String what, Throwable cause) {
            super("stopped while trying to " + what, cause);
        }
    }

    void stop(@Observes ShutdownEvent event) {
        lock.lock();
        try {
            stopped = true;
            stopping.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the service is stopping. */
    public boolean isStopped() {
        return stopped;
    }

    /**
     * Does something, however often it takes.
     *
     * @param what for the log, as in "could not {@code what}"
     * @param hopeless what is thrown on at once, since trying again would change nothing
     */
    public <T> T until(String what, Predicate<Exception> hopeless, Callable<T> work) {
        long pause = FIRST_PAUSE_MILLIS;
        while (true) {
            try {
                return work.call();
            } catch (Exception e) {
                if (hopeless.test(e)) {
                    throw e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
                }
                LOG.warnf("could not %s, trying again in %d ms: %s", what, pause, e);
                LOG.debug("why", e);
                if (!pause(pause)) {
                    throw new StoppedException(what, e);
                }
                pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
            }
        }
    }

    /** As above, where nothing is hopeless. */
    public <T> T until(String what, Callable<T> work) {
        return until(what, e -> false, work);
    }

    /** Waits; false if the service stops meanwhile. */
    public boolean pause(long millis) {
        lock.lock();
        try {
            long nanos = TimeUnit.MILLISECONDS.toNanos(millis);
            while (!stopped && nanos > 0) {
                nanos = stopping.awaitNanos(nanos);
            }
            return !stopped;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }
}
