package io.mooring.e2e.check;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Something that does one thing after the other, as its chances say, until it is told to stop. */
final class Actor {
    private static final Logger LOG = LoggerFactory.getLogger(Actor.class);

    /** One thing to do. */
    @FunctionalInterface
    interface Deed {
        void run() throws Exception;
    }

    private final String name;
    private final Deed deed;
    private final CountDownLatch stop = new CountDownLatch(1);
    private @Nullable Thread thread;

    Actor(String name, Deed deed) {
        this.name = name;
        this.deed = deed;
    }

    void start() {
        thread = Thread.ofVirtual().name(name).start(this::act);
    }

    private void act() {
        while (!isStopped()) {
            try {
                deed.run();
            } catch (InterruptedException e) {
                return;
            } catch (Exception e) {
                LOG.info("{}: {}", name, e.toString());
                LOG.debug("why", e);
                if (rest(200)) {
                    return;
                }
            }
        }
    }

    boolean isStopped() {
        return stop.getCount() == 0;
    }

    /** Waits a while; whether it is time to stop. */
    boolean rest(long millis) {
        try {
            return stop.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Has it finish what it is doing, and waits for that. */
    void stop() throws InterruptedException {
        stop.countDown();
        if (thread != null) {
            thread.join(60_000);
        }
    }
}
