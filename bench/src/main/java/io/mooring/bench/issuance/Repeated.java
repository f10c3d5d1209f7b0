package io.mooring.bench.issuance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Does something over and over on many threads, and counts. */
final class Repeated {
    private Repeated() {}

    /** One thread's part. */
    @FunctionalInterface
    interface Step {
        /** Does it once; {@code turn} counts up. */
        void run(long turn) throws Exception;
    }

    /**
     * What was reached.
     *
     * @param perSecond how often a second it was done
     * @param cpuMicros what one took of the processor, in microseconds, of this process and all it started:
     *     hardly depends on what else runs on the machine
     */
    record Rate(double perSecond, double cpuMicros) {}

    /** Does it until it has been measured, after warming up; a step that fails ends all. */
    static Rate measure(int warmSeconds, int measureSeconds, List<Callable<Step>> threads) throws Exception {
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
                Duration cpu = cpu();
                long from = System.nanoTime();
                Thread.sleep(measureSeconds * 1_000L);
                double count = done.sum() - before;
                double seconds = (System.nanoTime() - from) / 1e9;
                return new Rate(count / seconds, cpu().minus(cpu).toNanos() / 1e3 / count);
            } finally {
                enough.set(true);
                for (Future<?> one : running) {
                    one.get();
                }
            }
        }
    }

    private static Duration cpu() {
        ProcessHandle ourselves = ProcessHandle.current();
        return Stream.concat(Stream.of(ourselves), ourselves.descendants())
                .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }
}
