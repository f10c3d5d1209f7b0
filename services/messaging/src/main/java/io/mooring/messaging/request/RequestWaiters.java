package io.mooring.messaging.request;

import jakarta.inject.Singleton;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Calls that wait for an answer here; one that is committed by another instance is found by looking now and then. */
@Singleton
public class RequestWaiters {
    private final Map<String, CountDownLatch> latches = new ConcurrentHashMap<>();

    /** Somebody is going to wait; to be said before the request is. */
    void expect(String id) {
        latches.put(id, new CountDownLatch(1));
    }

    /** Waits until a request may have been answered, or for so long. */
    void await(String id, long millis) {
        CountDownLatch latch = latches.computeIfAbsent(id, request -> new CountDownLatch(1));
        try {
            if (latch.await(millis, TimeUnit.MILLISECONDS)) {
                latches.remove(id, latch);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Nobody waits any more. */
    void leave(String id) {
        latches.remove(id);
    }

    /** An answer was committed. */
    void wake(String id) {
        CountDownLatch latch = latches.get(id);
        if (latch != null) {
            latch.countDown();
        }
    }
}
