package io.mooring.agent.metric;

import io.mooring.agent.spool.BatchSender;
import io.mooring.agent.spool.BatchSpool;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gathers points, measures what it is told to, and sends all of it until the cloud has it. */
public final class MetricCollector implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MetricCollector.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final MetricSettings settings;
    private final BatchSpool batches;
    private final MetricSpool spool;
    private final BatchSender sender;
    private final Supplier<Map<String, Double>> own;
    private final Consumer<String> trouble;
    private final Clock clock;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean unwritable;

    private MetricCollector(
            MetricSettings settings,
            BatchSpool batches,
            BatchSender.Exchange exchange,
            Supplier<Map<String, Double>> own,
            Consumer<String> trouble,
            Clock clock) {
        this.settings = settings;
        this.batches = batches;
        this.spool = new MetricSpool(
                batches,
                clock,
                points -> trouble.accept(
                        points + " points dropped: they waited for the cloud until there was no more room for them"));
        this.sender = new BatchSender(batches, "points", exchange, trouble);
        this.own = own;
        this.trouble = trouble;
        this.clock = clock;
    }

    /**
     * Begins.
     *
     * @param folder where points wait
     * @param own how the agent does, by metric
     * @param trouble hears what goes wrong
     * @throws IOException if the folder cannot be used
     */
    public static MetricCollector start(
            MetricSettings settings,
            Path folder,
            BatchSender.Exchange exchange,
            Supplier<Map<String, Double>> own,
            Consumer<String> trouble,
            Clock clock)
            throws IOException {
        MetricCollector collector = new MetricCollector(
                settings, BatchSpool.open(folder, settings.spoolBytes()), exchange, own, trouble, clock);
        collector.begin();
        return collector;
    }

    private void begin() {
        for (MetricSettings.Source source : settings.sources()) {
            // Files and programs may hold on to a thread of the system's; the agent itself does not.
            boolean mayBlock = !(source.origin() instanceof MetricSettings.Origin.Own);
            thread(
                    mayBlock ? Thread.ofPlatform().daemon() : Thread.ofVirtual(),
                    source.series().metric(),
                    () -> measure(source));
        }
        thread(Thread.ofVirtual(), "gathers", this::gather);
        thread(Thread.ofVirtual(), "sends", sender);
    }

    private void thread(Thread.Builder kind, String name, Runnable work) {
        threads.add(kind.name("metric " + name).start(work));
    }

    /** Takes a point; it is on the disk when the time to gather is over. */
    public void record(Point point) {
        try {
            spool.add(point);
        } catch (IOException full) {
            unwritable(full);
        }
    }

    /** Puts all points that were taken on the disk; when this returns they are safe. */
    public void flush() throws IOException {
        spool.seal();
    }

    private void gather() {
        try {
            boolean goesOn = true;
            while (goesOn) {
                spool.awaitPoint();
                goesOn = !stopping.await(settings.gathering().toMillis(), TimeUnit.MILLISECONDS);
                seal();
            }
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    private void seal() {
        try {
            spool.seal();
            unwritable = false;
        } catch (IOException full) {
            unwritable(full);
        }
    }

    private void unwritable(IOException full) {
        // Whoever is interrupted in the midst of writing does not see its end, and it is written once more.
        if (!unwritable && stopping.getCount() > 0) {
            unwritable = true;
            trouble.accept("points cannot be written to the disk: " + full);
        }
    }

    private void measure(MetricSettings.Source source) {
        boolean told = false;
        long next = System.nanoTime();
        try {
            do {
                try {
                    measureOnce(source);
                    told = false;
                } catch (IOException | IllegalArgumentException none) {
                    if (!told) {
                        trouble.accept(source.series().metric() + " cannot be measured: " + none.getMessage());
                        told = true;
                    }
                }
                // What took longer than its period is not made up for.
                next = Math.max(next + source.period().toNanos(), System.nanoTime());
            } while (!stopping.await(next - System.nanoTime(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    private void measureOnce(MetricSettings.Source source) throws IOException, InterruptedException {
        if (source.origin() instanceof MetricSettings.Origin.Own) {
            for (Map.Entry<String, Double> one : own.get().entrySet()) {
                record(new Point.Series(one.getKey(), source.series().dimensions())
                        .at(one.getValue(), clock.instant()));
            }
        } else {
            record(source.series().at(Probe.measure(source), clock.instant()));
        }
    }

    /** The cloud can be reached again. */
    public void connected() {
        sender.wake();
    }

    /** Drops all that waits: nobody may have it any more. */
    public void forget() throws IOException {
        spool.forget();
    }

    /** How many batches wait for the cloud. */
    public int waiting() {
        return batches.waiting();
    }

    /** How many points were dropped for want of room, since this began. */
    public long dropped() {
        return batches.dropped();
    }

    /** Ends; what was taken stays on the disk until another time. */
    @Override
    public void close() {
        stopping.countDown();
        // Programs that measure, and the wait for the cloud, have nothing left to do.
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                thread.join(PATIENCE);
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        }
        try {
            spool.seal();
        } catch (IOException full) {
            LOG.warn("Points could not be written to the disk", full);
        }
    }
}
