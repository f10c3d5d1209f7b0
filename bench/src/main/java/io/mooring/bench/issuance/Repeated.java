package io.mooring.bench.issuance;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;

/** Does something over and over on many threads, and counts. */
final class Repeated {
    private Repeated() {}

    /** One thread's part. */
    @FunctionalInterface
    interface Step {
        /** Does it once; {@code turn} counts up. */
        void run(long turn) throws Exception;
    }

    /** How often a second it was done, after warming up; a step that fails ends all. */
    static double perSecond(int warmSeconds, int measureSeconds, List<Callable<Step>> threads) throws Exception {
        LongAdder done = new LongAdder();
        AtomicBoolean enough = new AtomicBoolean();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads.size())) {
            List<Future<?>> running = new ArrayList<>();
            for (Callable<Step> thread : threads) {
                running.add(pool.submit(() -> {
                    Step step = thread.call();
                    for (long turn = 0; !enough.get(); turn++) {
                        step.run(turn);
                        done.increment();
                    }
                    return null;
                }));
            }
            try {
                Thread.sleep(warmSeconds * 1_000L);
                long before = done.sum();
                long from = System.nanoTime();
                Thread.sleep(measureSeconds * 1_000L);
                return (done.sum() - before) / ((System.nanoTime() - from) / 1e9);
            } finally {
                enough.set(true);
                for (Future<?> one : running) {
                    one.get();
                }
            }
        }
    }
}
