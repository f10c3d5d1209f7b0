package io.mooring.messaging;

import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Callers that wait until their command is over. Those of other instances learn of it by looking. */
@Singleton
public class Waiters {
    private final Map<String, CountDownLatch> waiting = new ConcurrentHashMap<>();

    /** Somebody will wait for a command; to be said before anything can have become of it. */
    public void expect(String command) {
        waiting.put(command, new CountDownLatch(1));
    }

    /** Waits for at most so long; whether it is known to be over. */
    public boolean await(String command, long millis) throws InterruptedException {
        CountDownLatch latch = waiting.get(command);
        return latch != null && latch.await(millis, TimeUnit.MILLISECONDS);
    }

    /** Nobody waits any more. */
    public void forget(String command) {
        waiting.remove(command);
    }

    /** Commands are over, and that is committed. */
    public void finished(Collection<String> commands) {
        for (String command : commands) {
            CountDownLatch latch = waiting.get(command);
            if (latch != null) {
                latch.countDown();
            }
        }
    }
}
