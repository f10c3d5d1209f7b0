package io.mooring.bench.telemetry;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/** What devices tell: one number of each metric a message. */
final class Batches {
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final double NANOS_PER_SECOND = 1e9;

    private final String[] metrics;
    private final boolean named;
    private final Random random = new Random(7);

    /**
     * Of some metrics.
     *
     * @param named whether each has an {@code id}, and so is answered
     */
    Batches(String[] metrics, boolean named) {
        this.metrics = metrics;
        this.named = named;
    }

    /** The next message. */
    String next(long number) {
        StringBuilder json = new StringBuilder("{");
        if (named) {
            json.append("\"id\":\"").append(number).append("\",");
        }
        json.append("\"points\":[");
        for (int i = 0; i < metrics.length; i++) {
            json.append(i == 0 ? "" : ",")
                    .append("{\"metric\":\"")
                    .append(metrics[i])
                    .append("\",\"value\":")
                    .append(Math.round(2_000 + random.nextGaussian() * 100) / 100.0)
                    .append('}');
        }
        return json.append("]}").toString();
    }

    /** Does something so often a second, numbered from 0, until it is to stop; what a pause held up is made up for. */
    static void steadily(int perSecond, BooleanSupplier stopped, LongConsumer one) {
        long begin = System.nanoTime();
        long number = 0;
        while (!stopped.getAsBoolean()) {
            long wanted = (long) ((System.nanoTime() - begin) / NANOS_PER_SECOND * perSecond);
            while (number < wanted) {
                one.accept(number++);
            }
            LockSupport.parkNanos(TICK_NANOS);
        }
    }
}
