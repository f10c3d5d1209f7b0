package io.mooring.bench.telemetry;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.bench.cloud.BenchCloud;
import io.mooring.bench.cloud.ProcessorTime;
import io.mooring.bench.cloud.Times;
import io.mooring.bench.sync.Audience;
import io.mooring.bench.sync.SyncOptions;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.place.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code bench telemetry}: devices on MQTT over mutual TLS tell three points a message, at a steady rate, in a whole cloud: bridge, Kafka,
 * metrics, PostgreSQL. What each process takes of the processors, how long it is from the publishing of a point until it is in an answer over HTTP,
 * how many bytes a point takes. At the end all points are counted.
 */
public final class TelemetryBench {
    private static final SyncOptions STANDARD =
            SyncOptions.of("devices", 5_000, "per-second", 5_000, "seconds", 300, "warm", 60, "id", 0);
    static final String[] METRICS = {"temperature", "humidity", "battery"};
    private static final String PROBE = "probe";
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(3);
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final double NANOS_PER_SECOND = 1e9;

    private final SyncOptions options;
    private final BenchCloud cloud;
    private final Audience audience;
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();
    private volatile Times queryable = new Times();
    private volatile boolean stopped;

    private TelemetryBench(SyncOptions options, BenchCloud cloud) {
        this.options = options;
        this.cloud = cloud;
        this.audience = new Audience(cloud);
    }

    public static void main(String[] args) throws Exception {
        SyncOptions options = STANDARD.parsed("telemetry", args);
        try (BenchCloud cloud = BenchCloud.startForMany(Component.METRICS)) {
            new TelemetryBench(options, cloud).run();
        }
        new PartsAlone(options, Installation.find().root()).run();
        System.exit(0);
    }

    private void run() throws Exception {
        System.out.println(options.get("devices") + " devices join, and one to probe with");
        audience.join(options.get("devices") + 1);
        audience.listen((device, tail, payload) -> answers.incrementAndGet());
        Thread load = Thread.ofPlatform().daemon().name("load").start(this::load);
        Thread probe = Thread.ofPlatform().daemon().name("probe").start(this::probe);
        System.out.println("connected; " + options.get("warm") + " s to warm up");
        TimeUnit.SECONDS.sleep(options.get("warm"));

        queryable = new Times();
        Map<Component, Double> before = ProcessorTime.seconds(cloud.stack());
        double ourselvesBefore = ProcessorTime.ourselves();
        long sentBefore = sent.get();
        long begin = System.nanoTime();
        TimeUnit.SECONDS.sleep(options.get("seconds"));
        double seconds = (System.nanoTime() - begin) / NANOS_PER_SECOND;
        Map<Component, Double> after = ProcessorTime.seconds(cloud.stack());
        double ourselves = (ProcessorTime.ourselves() - ourselvesBefore) / seconds;
        double perSecond = (sent.get() - sentBefore) / seconds;
        Times times = queryable;
        stopped = true;
        load.join();
        probe.join();
        settle();

        System.out.printf(
                Locale.ROOT,
                "%,.0f messages/s of %d asked for, %,.0f points/s; all %,d points are there%n",
                perSecond,
                options.get("per-second"),
                perSecond * METRICS.length,
                sent.get() * METRICS.length);
        System.out.println("publish to queryable  " + times.summary() + "  (" + times.count() + " probes)");
        Map<String, Double> shares = new TreeMap<>();
        after.forEach((component, used) -> shares.put(
                component.toString().toLowerCase(Locale.ROOT), (used - before.getOrDefault(component, 0.0)) / seconds));
        double all = shares.values().stream().mapToDouble(Double::doubleValue).sum();
        shares.forEach(
                (name, share) -> System.out.printf(Locale.ROOT, "%-22s %5.1f %% of a processor%n", name, share * 100));
        System.out.printf(
                Locale.ROOT,
                "all of them            %5.1f %%, %.1f us a point; the load itself %.1f %%%n",
                all * 100,
                all / (perSecond * METRICS.length) * 1e6,
                ourselves * 100);
        double bytes = (double) number("""
                SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c
                 WHERE relnamespace = 'metrics'::regnamespace AND relkind = 'r' AND relname LIKE 'window%'""", "") / (sent.get() * METRICS.length);
        System.out.printf(Locale.ROOT, "on the disk            %5.1f bytes a point%n", bytes);
        if (options.output().isPresent()) {
            Files.writeString(
                    options.output().get(),
                    String.format(
                            Locale.ROOT,
                            "{\"messagesPerSecond\":%.1f,\"queryable\":%s,\"processors\":%.3f,\"bytesPerPoint\":%.1f}%n",
                            perSecond,
                            times.json(),
                            all,
                            bytes));
        }
        audience.close();
    }

    /** One device after the other, so that each says as much as any other; what a pause held up is made up for. */
    private void load() {
        List<String> devices = audience.ids().subList(1, audience.ids().size());
        Batches batches = new Batches(METRICS, options.get("id") > 0);
        Batches.steadily(options.get("per-second"), () -> stopped, number -> {
            audience.say(devices.get((int) (number % devices.size())), "metric/batch", batches.next(number));
            sent.incrementAndGet();
        });
    }

    /** Says a number, and asks until it is told. */
    private void probe() {
        String device = audience.ids().getFirst();
        try {
            for (long number = 1; !stopped; number++) {
                Times times = queryable;
                long start = System.nanoTime();
                audience.say(device, "metric/set", "{\"metric\":\"" + PROBE + "\",\"value\":" + number + "}");
                while (last(device) < number) {
                    if (System.nanoTime() - start > PATIENCE_NANOS) {
                        throw new IllegalStateException("a point is not there after minutes");
                    }
                    LockSupport.parkNanos(TICK_NANOS);
                }
                times.record(System.nanoTime() - start);
                TimeUnit.MILLISECONDS.sleep(100);
            }
        } catch (IOException | InterruptedException failed) {
            throw new IllegalStateException(failed);
        }
    }

    private double last(String device) throws IOException, InterruptedException {
        JsonNode answer =
                cloud.metricsGet("/v1/clouds/main/metrics/" + PROBE + "?period=300&statistics=last&device=" + device);
        return answer.at("/series/0/total/last").asDouble(0);
    }

    /** Waits until all points are counted for the cloud as a whole; there may not be more of them either. */
    private void settle() throws InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        for (String metric : METRICS) {
            while (counted(metric) != sent.get()) {
                if (System.nanoTime() > end) {
                    throw new IllegalStateException(
                            "of " + sent.get() + " points of " + metric + " " + counted(metric) + " are counted");
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
    }

    private long counted(String metric) {
        StringBuilder sql = new StringBuilder("SELECT coalesce(sum(w.count), 0)::bigint FROM (");
        for (int span = 0; span < 3; span++) {
            sql.append(span == 0 ? "" : " UNION ALL ")
                    .append("SELECT series, count FROM metrics.window_" + span
                            + " WHERE start >= (SELECT folded FROM metrics.fold WHERE span = " + span + ")");
        }
        return number(
                sql + ") w JOIN metrics.series s ON s.id = w.series WHERE s.kind = 'cloud' AND s.metric = ?", metric);
    }

    private long number(String sql, String parameter) {
        try (Connection connection = cloud.stack().connection("postgres");
                PreparedStatement statement = connection.prepareStatement(sql)) {
            if (!parameter.isEmpty()) {
                statement.setString(1, parameter);
            }
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getLong(1);
            }
        } catch (SQLException failed) {
            throw new IllegalStateException(sql, failed);
        }
    }
}
