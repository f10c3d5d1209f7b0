package io.mooring.bench.sync;

import io.mooring.bench.cloud.BenchCloud;
import io.mooring.bench.cloud.ProcessorTime;
import io.mooring.bench.cloud.Times;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.devstack.launcher.Component;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * {@code bench sync-down}: from an application's commit to the device that has the row, over MQTT, in a whole cloud; beside
 * it, for the same rows, from the commit to Debezium's record. And how many rows a second reach their devices, beside how
 * many Debezium puts on its topic while nobody else works.
 */
public final class SyncDownBench {
    private static final SyncOptions STANDARD = SyncOptions.of(
            "devices",
            1000,
            "rows",
            100,
            "commits",
            3000,
            "per-second",
            100,
            "warm",
            2,
            "rounds",
            3,
            "transaction",
            500,
            SyncOptions.SINGLE,
            0);
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(3);

    /** How an entry of a message of several rows begins. */
    private static final String MODIFIED = "{\"operation\":\"MODIFY\",\"row\":";

    private final SyncOptions options;
    private final BenchCloud cloud;
    private final SyncStack stack;
    private final Audience audience;

    /** The number a row bears in its field {@code round} says which commit it is of. */
    private volatile AtomicLongArray committed = new AtomicLongArray(0);

    private volatile Times atDevice = new Times();
    private volatile Times atTopic = new Times();
    private volatile long firstNumber;
    private final AtomicLong heard = new AtomicLong();
    private final AtomicLong messages = new AtomicLong();
    private final AtomicLong caughtUp = new AtomicLong();
    private final AtomicLong onTopic = new AtomicLong();
    private volatile boolean stopped;
    private long nextNumber = 1;

    private SyncDownBench(SyncOptions options, BenchCloud cloud) throws Exception {
        this.options = options;
        this.cloud = cloud;
        this.stack = SyncStack.of(cloud.stack());
        this.audience = new Audience(cloud);
    }

    public static void main(String[] args) throws Exception {
        SyncOptions options = STANDARD.parsed("sync-down", args);
        try (BenchCloud cloud = BenchCloud.start()) {
            new SyncDownBench(options, cloud).run();
        }
        System.exit(0);
    }

    private void run() throws Exception {
        int count = options.get("devices");
        System.out.println(count + " devices join");
        audience.join(count);
        audience.listen(this::heard);
        ask();
        Thread topicReader = Thread.ofPlatform().daemon().start(this::readTopic);
        System.out.println("connected; " + options.get("rows") + " rows for each are inserted");
        insert();

        for (int round = 1; round <= options.get("warm"); round++) {
            System.out.printf(Locale.ROOT, "warm  %d  %,8.0f rows/s to the last device%n", round, flood());
        }
        latency(options.get("commits") / 3);
        latency(options.get("commits"));
        System.out.println("commit to Debezium's topic  " + atTopic.summary());
        System.out.println("commit to device            " + atDevice.summary());
        double slower = atDevice.millis(0.99) / atTopic.millis(0.99);
        System.out.printf(Locale.ROOT, "p99 at the device is %.2f times that at the topic%n", slower);

        double alone = 0;
        double whole = 0;
        for (int round = 1; round <= options.get("rounds"); round++) {
            double debezium = debeziumAlone();
            long messagesBefore = messages.get();
            Map<String, Double> before = processors();
            double devices = flood();
            String each = each(before, processors(), audience.ids().size() * options.get("rows"));
            long took = messages.get() - messagesBefore;
            alone += 1 / debezium;
            whole += 1 / devices;
            System.out.printf(
                    Locale.ROOT,
                    "round %d  Debezium alone %,8.0f rows/s   to the last device %,8.0f   ratio %.2f   (%,d messages)%n",
                    round,
                    debezium,
                    devices,
                    devices / debezium,
                    took);
            System.out.println("         processor time of a row on its way to its device, µs: " + each);
        }
        int rounds = options.get("rounds");
        System.out.printf(
                Locale.ROOT,
                "mean     Debezium alone %,.0f rows/s, to the last device %,.0f, ratio %.2f%n",
                rounds / alone,
                rounds / whole,
                alone / whole);
        System.out.println("processor seconds so far    " + cloud.processorSeconds());
        if (options.output().isPresent()) {
            Files.writeString(
                    options.output().get(),
                    String.format(
                            Locale.ROOT,
                            "{\"device\":%s,\"topic\":%s,\"slower\":%.2f,\"rowsPerSecond\":%.0f,\"aloneRowsPerSecond\":%.0f}%n",
                            atDevice.json(),
                            atTopic.json(),
                            slower,
                            rounds / whole,
                            rounds / alone));
        }
        stopped = true;
        topicReader.join();
        audience.close();
        stack.close();
    }

    /** Devices say, as after each connect, where they stand, and what they understand. */
    private void ask() throws InterruptedException {
        for (String device : audience.ids()) {
            audience.say(
                    device,
                    DeviceTopics.SYNC_DOWN,
                    "{\"timestamp\":\"1970-01-01T00:00:00.000Z\"" + options.accepts() + "}");
        }
        awaitCount(caughtUp, audience.ids().size(), "all devices have caught up");
    }

    private void heard(String device, String tail, ByteBuf payload) {
        if (tail.equals(DeviceTopics.SYNC_DOWN_DONE)) {
            caughtUp.incrementAndGet();
            return;
        }
        boolean several = tail.equals(DeviceTopics.SYNC_ROWS);
        if (!several && !tail.equals("sync/MODIFY")) {
            return;
        }
        messages.incrementAndGet();
        String json = payload.toString(StandardCharsets.UTF_8);
        int at = several ? json.indexOf(MODIFIED) : 0;
        long rows = 0;
        while (at >= 0) {
            rows++;
            note(number(json, at), atDevice);
            at = several ? json.indexOf(MODIFIED, at + 1) : -1;
        }
        heard.addAndGet(rows);
    }

    private void readTopic() {
        try (KafkaConsumer<String, byte[]> changes = stack.reader(Topic.DATABASE_CHANGE)) {
            while (!stopped) {
                for (ConsumerRecord<String, byte[]> record : changes.poll(Duration.ofMillis(100))) {
                    String event = record.value() == null ? "" : new String(record.value(), StandardCharsets.UTF_8);
                    if (event.contains("\"op\":\"u\"") && event.contains("\"table\":\"reading\"")) {
                        note(number(event, event.indexOf("\"after\":")), atTopic);
                        onTopic.incrementAndGet();
                    }
                }
            }
        }
    }

    private static long number(String json, int from) {
        int at = json.indexOf("\"round\":", from) + 8;
        int end = at;
        while (end < json.length() && Character.isDigit(json.charAt(end))) {
            end++;
        }
        return Long.parseLong(json, at, end, 10);
    }

    private void note(long number, Times times) {
        int index = (int) (number - firstNumber);
        AtomicLongArray commits = committed;
        if (index >= 0 && index < commits.length() && commits.get(index) != 0) {
            times.record(System.nanoTime() - commits.get(index));
        }
    }

    private void insert() throws SQLException, InterruptedException {
        try (Connection connection = stack.application()) {
            connection.setAutoCommit(false);
            for (String device : audience.ids()) {
                try (PreparedStatement statement = connection.prepareStatement("INSERT INTO " + BenchModel.TABLE
                        + " (device_id, id, round, place, celsius, humidity, alarm, unit, note)"
                        + " SELECT ?, (100000 + n)::text, 0, 'hall ' || n % 12, 20.5, 40, false, 'C', 'as made'"
                        + " FROM generate_series(0, ? - 1) n")) {
                    statement.setString(1, device);
                    statement.setInt(2, options.get("rows"));
                    statement.executeUpdate();
                }
                connection.commit();
            }
        }
        stack.settle();
    }

    /** Single rows changed at a steady pace, each in a transaction of its own. */
    private void latency(int commits) throws Exception {
        stack.settle();
        atDevice = new Times();
        atTopic = new Times();
        firstNumber = nextNumber;
        committed = new AtomicLongArray(commits);
        nextNumber += commits;
        long before = heard.get();
        Random random = new Random(1);
        List<String> ids = audience.ids();
        long pause = TimeUnit.SECONDS.toNanos(1) / options.get("per-second");
        try (Connection connection = stack.application();
                PreparedStatement statement = connection.prepareStatement(
                        "UPDATE " + BenchModel.TABLE + " SET round = ?, celsius = ? WHERE device_id = ? AND sk = ?")) {
            connection.setAutoCommit(false);
            long next = System.nanoTime();
            for (int i = 0; i < commits; i++) {
                statement.setLong(1, firstNumber + i);
                statement.setDouble(2, i / 100.0);
                statement.setString(3, ids.get(random.nextInt(ids.size())));
                statement.setString(4, "reading#" + (100_000 + random.nextInt(options.get("rows"))));
                statement.executeUpdate();
                committed.set(i, System.nanoTime());
                connection.commit();
                next += pause;
                TimeUnit.NANOSECONDS.sleep(Math.max(0, next - System.nanoTime()));
            }
        }
        awaitCount(heard, before + commits, "devices have heard all commits");
        SyncStack.await("the topic's reader has seen all commits", () -> atTopic.count() >= commits);
    }

    /** Changes every row; the seconds from the first statement are counted by the caller. */
    private void changeAll() throws SQLException {
        long number = nextNumber++;
        int perTransaction = Math.max(1, options.get("transaction") / options.get("rows"));
        List<String> ids = audience.ids();
        try (Connection connection = stack.application()) {
            connection.setAutoCommit(false);
            for (int from = 0; from < ids.size(); from += perTransaction) {
                List<String> some = ids.subList(from, Math.min(ids.size(), from + perTransaction));
                try (PreparedStatement statement = connection.prepareStatement("UPDATE " + BenchModel.TABLE
                        + " SET round = ?, celsius = celsius + 0.25 WHERE device_id = ANY (?)")) {
                    statement.setLong(1, number);
                    statement.setArray(2, connection.createArrayOf("text", some.toArray()));
                    statement.executeUpdate();
                }
                connection.commit();
            }
        }
    }

    /** All rows changed, until the last device has its last; rows a second. */
    private double flood() throws Exception {
        stack.settle();
        committed = new AtomicLongArray(0);
        int rows = audience.ids().size() * options.get("rows");
        long before = heard.get();
        long start = System.nanoTime();
        changeAll();
        awaitCount(heard, before + rows, "devices have heard all rows");
        return rows * 1e9 / (System.nanoTime() - start);
    }

    /** How much of the processors each process of the cloud has used so far, and this one, in seconds. */
    private Map<String, Double> processors() throws IOException {
        Map<String, Double> seconds = new TreeMap<>();
        cloud.processorSeconds().forEach((component, used) -> seconds.put(component.label(), used));
        seconds.put("devices and readers", ProcessorTime.ourselves());
        return seconds;
    }

    private static String each(Map<String, Double> before, Map<String, Double> after, int rows) {
        return after.entrySet().stream()
                .map(used -> Map.entry(
                        used.getKey(), (used.getValue() - before.getOrDefault(used.getKey(), 0.0)) * 1e6 / rows))
                .filter(used -> used.getValue() >= 0.5)
                .map(used -> String.format(Locale.ROOT, "%s %.0f", used.getKey(), used.getValue()))
                .collect(Collectors.joining(", "));
    }

    /**
     * All rows changed while sync is held still, until Debezium's topic has the last; rows a second. Held, not stopped: what
     * is measured next is a service that has been running.
     */
    private double debeziumAlone() throws Exception {
        stack.settle();
        hold("STOP");
        committed = new AtomicLongArray(0);
        int rows = audience.ids().size() * options.get("rows");
        long before = onTopic.get();
        long beforeHeard = heard.get();
        long start = System.nanoTime();
        changeAll();
        awaitCount(onTopic, before + rows, "Debezium has told of all rows");
        double perSecond = rows * 1e9 / (System.nanoTime() - start);
        hold("CONT");
        awaitCount(heard, beforeHeard + rows, "devices have heard what was changed while sync was away");
        return perSecond;
    }

    private void hold(String signal) throws IOException, InterruptedException {
        long sync = cloud.stack().pid(Component.SYNC).orElseThrow();
        if (new ProcessBuilder("kill", "-" + signal, Long.toString(sync))
                        .inheritIO()
                        .start()
                        .waitFor()
                != 0) {
            throw new IOException("sync did not take the signal " + signal);
        }
    }

    private static void awaitCount(AtomicLong count, long wanted, String what) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (count.get() < wanted) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "waited in vain until " + what + ": " + (wanted - count.get()) + " are missing");
            }
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }
}
