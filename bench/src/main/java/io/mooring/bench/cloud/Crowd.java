package io.mooring.bench.cloud;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/** Many devices doing the same, some at a time. */
public final class Crowd {
    /** What each does. */
    @FunctionalInterface
    public interface Deed<T> {
        void of(T device) throws Exception;
    }

    private Crowd() {}

    /** Has all do it, and waits for them; fails with the first that failed. */
    public static <T> void all(List<T> devices, int atOnce, Deed<T> deed) throws InterruptedException {
        Semaphore places = new Semaphore(atOnce);
        List<Future<?>> doing = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (T device : devices) {
                places.acquire();
                doing.add(threads.submit(() -> {
                    try {
                        deed.of(device);
                        return true;
                    } finally {
                        places.release();
                    }
                }));
            }
            for (Future<?> one : doing) {
                one.get();
            }
        } catch (ExecutionException failed) {
            throw new IllegalStateException("one of them failed: " + failed.getCause(), failed);
        }
    }
}
