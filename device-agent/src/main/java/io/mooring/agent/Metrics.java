package io.mooring.agent;

import io.mooring.agent.metric.MetricCollector;
import io.mooring.agent.metric.Point;
import io.mooring.agent.spool.BatchSpool;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the device measures (docs/metrics.md). A point that was recorded is gathered with others in memory for a short time ({@link
 * io.mooring.agent.metric.MetricSettings#gathering}), then kept on disk until the cloud has it, on-line or not, and counts once.
 * When there is no more room the oldest go, and the metric {@code agent.points.dropped} says how many.
 */
public final class Metrics {
    private final AgentConfig config;
    private final Path folder;
    private final String device;
    private final Messages messages;
    private final Supplier<Map<String, Double>> own;
    private final Consumer<AgentEvent> listener;
    private @Nullable MetricCollector collector;
    private boolean unusable;
    private boolean closed;
    private long lost;

    Metrics(
            AgentConfig config,
            Path folder,
            String device,
            Messages messages,
            Supplier<Map<String, Double>> own,
            Consumer<AgentEvent> listener) {
        this.config = config;
        this.folder = folder;
        this.device = device;
        this.messages = messages;
        this.own = own;
        this.listener = listener;
    }

    /** A value of a metric as a whole, measured now. */
    public void record(String metric, double value) {
        record(metric, value, List.of(), config.clock().instant());
    }

    /** A value measured now, of the series that the dimensions tell from others; the metric as a whole is another. */
    public void record(String metric, double value, Map<String, String> dimensions) {
        record(metric, value, dimensions, config.clock().instant());
    }

    /** The same, measured at another time: the cloud takes what is at most two weeks old when it comes, and two hours ahead. */
    public void record(String metric, double value, Map<String, String> dimensions, Instant time) {
        record(metric, value, dimensions.isEmpty() ? List.of() : List.of(dimensions), time);
    }

    /**
     * A value that counts in several series: for each of these sets of dimensions, of which an empty one is the metric as a whole.
     *
     * @param metric 1 to 255 characters
     * @param value finite, at most 2^360 in magnitude
     * @param dimensions at most 10 sets of 10; names of 1 to 255 characters, values of 1 to 1,024, 1,500 bytes in a set
     * @throws IllegalArgumentException if the cloud would refuse it; the message says what is wrong
     * @throws IllegalStateException if the device is closed, or speaks the base protocol only
     */
    public void record(String metric, double value, List<? extends Map<String, String>> dimensions, Instant time) {
        Point point = Point.Series.of(metric, dimensions, device).at(value, time);
        if (config.base()) {
            throw new IllegalStateException("with the base protocol only, metrics are not sent");
        }
        MetricCollector taker = opened();
        if (taker != null) {
            taker.record(point);
        }
    }

    /** Puts all that was recorded on the disk; when this returns, not even a power cut loses it. */
    public void flush() throws IOException {
        MetricCollector taker = current();
        if (taker != null) {
            taker.flush();
        }
    }

    /** How many batches wait for the cloud to acknowledge them; what is still gathered is in none. */
    public int waiting() {
        MetricCollector taker = current();
        return taker == null ? 0 : taker.waiting();
    }

    /** How many points were dropped since this process started: for want of room, or because the disk cannot be used. */
    public synchronized long dropped() {
        return lost + (collector == null ? 0 : collector.dropped());
    }

    private synchronized @Nullable MetricCollector current() {
        return collector;
    }

    /** Who takes points; null if there is no disk to keep them on. */
    private synchronized @Nullable MetricCollector opened() {
        if (closed) {
            throw new IllegalStateException("device " + device + " is closed");
        }
        if (collector == null) {
            open();
        }
        if (collector == null) {
            lost++;
        }
        return collector;
    }

    private void open() {
        Consumer<String> trouble = what -> listener.accept(new AgentEvent.Trouble(what));
        try {
            collector = MetricCollector.start(
                    config.metrics(),
                    folder,
                    batch -> messages.exchange(DeviceTopics.METRIC_BATCH, batch, Messages.PATIENCE),
                    own,
                    trouble,
                    config.clock());
            unusable = false;
        } catch (IOException broken) {
            // A device that cannot tell what it measures is a device all the same.
            if (!unusable) {
                unusable = true;
                trouble.accept("metrics are not kept: " + broken.getMessage());
            }
        }
    }

    /** Many devices in a process measure nothing, and need not pay for it. */
    synchronized void start() {
        boolean used = !config.metrics().sources().isEmpty() || Files.isDirectory(folder);
        if (used && !config.base() && collector == null && !closed) {
            open();
        }
    }

    void connected() {
        MetricCollector taker = current();
        if (taker != null) {
            taker.connected();
        }
    }

    /** What was measured for another account is none of the new one's business. */
    void forget() throws IOException {
        MetricCollector taker = current();
        if (taker != null) {
            taker.forget();
        } else {
            BatchSpool.forget(folder);
        }
    }

    /** Ends; what was recorded stays on the disk until another time. */
    void close() {
        MetricCollector ending;
        synchronized (this) {
            closed = true;
            ending = collector;
        }
        if (ending != null) {
            ending.close();
        }
    }
}
