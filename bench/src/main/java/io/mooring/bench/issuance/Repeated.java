package io.mooring.bench.issuance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
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
     * @param cpuMicrosOf what one took of the processor, in microseconds, of this process ({@code load}) and each program it
     *     started: hardly depends on what else runs on the machine
     */
    record Rate(double perSecond, Map<String, Double> cpuMicrosOf) {
        /** Of all processes together. */
        double cpuMicros() {
            return cpuMicrosOf.values().stream()
                    .mapToDouble(Double::doubleValue)
                    .sum();
        }
    }

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
                Map<String, Double> cpu = cpuMicros();
                long from = System.nanoTime();
                Thread.sleep(measureSeconds * 1_000L);
                double count = done.sum() - before;
                double seconds = (System.nanoTime() - from) / 1e9;
                Map<String, Double> each = cpuMicros();
                each.replaceAll((program, micros) -> (micros - cpu.getOrDefault(program, 0.0)) / count);
                return new Rate(count / seconds, each);
            } finally {
                enough.set(true);
                for (Future<?> one : running) {
                    one.get();
                }
            }
        }
    }

    private static Map<String, Double> cpuMicros() {
        ProcessHandle ourselves = ProcessHandle.current();
        return Stream.concat(Stream.of(ourselves), ourselves.descendants())
                .collect(Collectors.groupingBy(
                        process -> process.equals(ourselves) ? "load" : program(process),
                        TreeMap::new,
                        Collectors.summingDouble(process -> process.info()
                                        .totalCpuDuration()
                                        .orElse(Duration.ZERO)
                                        .toNanos()
                                / 1e3)));
    }

    private static String program(ProcessHandle process) {
        return process.info()
                        .command()
                        .filter(path -> path.endsWith("/postgres"))
                        .isPresent()
                ? "PostgreSQL"
                : "certificate authority";
    }
}
