package io.mooring.bridge.kafka;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that keeps a task running: when the task fails, it is run again, and that is told once. */
public final class Worker implements AutoCloseable {
    /** What is kept running. */
    @FunctionalInterface
    public interface Task {
        /** Runs until the worker is no longer wanted, or something fails. */
        void run(Worker worker) throws InterruptedException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final long PAUSE_MILLIS = 500;
    private static final long STOP_SECONDS = 10;

    private final String name;
    private final Task task;
    private final Thread thread;
    private final CountDownLatch stop = new CountDownLatch(1);
    private boolean failing;

    public Worker(String name, Task task) {
        this.name = name;
        this.task = task;
        this.thread = new Thread(this::keepRunning, "mooring-" + name);
        thread.setDaemon(true);
        // Kafka finds classes by name through it, and the broker's loader does not know ours.
        thread.setContextClassLoader(Worker.class.getClassLoader());
    }

    /** Starts the thread. */
    public void start() {
        thread.start();
    }

    /** Whether the task should go on. */
    public boolean isWanted() {
        return stop.getCount() > 0;
    }

    /** Called by the task when it has done something, so that a failure before counts as over. */
    public void succeeded() {
        if (failing) {
            failing = false;
            LOG.info("{} works again", name);
        }
    }

    /** Waits a little; returns early when the worker is no longer wanted. */
    public void pause(long millis) throws InterruptedException {
        stop.await(millis, TimeUnit.MILLISECONDS);
    }

    private void keepRunning() {
        while (isWanted()) {
            try {
                task.run(this);
            } catch (InterruptException | InterruptedException interrupted) {
                return;
            } catch (RuntimeException failure) {
                if (!failing && isWanted()) {
                    failing = true;
                    LOG.warn("{} failed and is tried again until it works: {}", name, failure.toString());
                }
                LOG.debug("{} failed", name, failure);
                try {
                    pause(PAUSE_MILLIS);
                } catch (InterruptedException interrupted) {
                    return;
                }
            }
        }
    }

    @Override
    public void close() {
        stop.countDown();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
