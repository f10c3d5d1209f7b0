package io.mooring.bench.sync;

import io.mooring.bench.cloud.BenchCloud;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.devstack.launcher.Component;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code bench catch-up}: devices are away while rows change, then all come at once and ask for what they missed. How long
 * until the last has it, and how much memory sync and the broker take at most; with ten times as many rows each time.
 */
public final class CatchUpBench {
    private static final SyncOptions STANDARD =
            SyncOptions.of("devices", 1000, "rows", 1000, "steps", 3, SyncOptions.SINGLE, 0);
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(8);
    private static final int IN_A_TRANSACTION = 2000;

    /** How an entry of a message of several rows begins. */
    private static final String ENTRY = "{\"operation\":\"";

    private final SyncOptions options;
    private final BenchCloud cloud;
    private final SyncStack stack;
    private final Audience audience;
    private final Map<String, Seen> seen = new ConcurrentHashMap<>();
    private final AtomicInteger done = new AtomicInteger();
    private volatile long round;

    /** What a device has of this round; touched by the event loop, between rounds by us. */
    private static final class Seen {
        private final BitSet rows = new BitSet();
        private String place = "1970-01-01T00:00:00.000Z";
        private boolean complete;
    }

    /** What a step took. */
    private record Step(int rows, double seconds, long syncMebibytes, long brokerMebibytes) {}

    private CatchUpBench(SyncOptions options, BenchCloud cloud) throws Exception {
        this.options = options;
        this.cloud = cloud;
        this.stack = SyncStack.of(cloud.stack());
        this.audience = new Audience(cloud);
    }

    public static void main(String[] args) throws Exception {
        SyncOptions options = STANDARD.parsed("catch-up", args);
        try (BenchCloud cloud = BenchCloud.start()) {
            new CatchUpBench(options, cloud).run();
        }
        System.exit(0);
    }

    private void run() throws Exception {
        System.out.println(options.get("devices") + " devices join");
        audience.join(options.get("devices"));
        audience.ids().forEach(id -> seen.put(id, new Seen()));
        step(0); // all connect for the first time, and learn where they stand
        List<Step> steps = new ArrayList<>();
        int rows = options.get("rows");
        for (int i = options.get("steps") - 1; i >= 0; i--) {
            Step step = step(Math.max(1, (int) (rows / Math.pow(10, i))));
            steps.add(step);
            System.out.printf(
                    Locale.ROOT,
                    "%,9d rows missed  %6.1f s  %,8.0f rows/s   peak memory: sync %d MiB, broker %d MiB%n",
                    step.rows,
                    step.seconds,
                    step.rows / step.seconds,
                    step.syncMebibytes,
                    step.brokerMebibytes);
        }
        if (options.output().isPresent()) {
            Files.writeString(options.output().get(), steps.toString() + System.lineSeparator());
        }
        audience.close();
        stack.close();
    }

    private Step step(int rowsEach) throws Exception {
        audience.leave();
        round++;
        long began = System.nanoTime();
        change(rowsEach);
        stack.settle();
        if (rowsEach > 0) {
            System.out.printf(
                    Locale.ROOT,
                    "          %,d rows changed and indexed in %.1f s%n",
                    rowsEach * audience.ids().size(),
                    (System.nanoTime() - began) / 1e9);
        }
        seen.values().forEach(one -> {
            one.rows.clear();
            one.complete = false;
        });
        done.set(0);
        stack.forgetPeak(Component.SYNC);
        stack.forgetPeak(Component.BROKER);
        audience.listen(this::heard);
        long start = System.nanoTime();
        for (String device : audience.ids()) {
            audience.say(
                    device,
                    DeviceTopics.SYNC_DOWN,
                    "{\"timestamp\":\"" + seen(device).place + "\"" + options.accepts() + "}");
        }
        awaitAll();
        double seconds = (System.nanoTime() - start) / 1e9;
        for (String device : audience.ids()) {
            if (seen(device).rows.cardinality() != rowsEach) {
                throw new IllegalStateException(device + " is told that it has caught up, and has "
                        + seen(device).rows.cardinality() + " of " + rowsEach + " rows");
            }
        }
        return new Step(
                rowsEach * audience.ids().size(),
                seconds,
                stack.peakMebibytes(Component.SYNC),
                stack.peakMebibytes(Component.BROKER));
    }

    private void awaitAll() throws InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        int devices = audience.ids().size();
        long nextWord = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (done.get() < devices) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("only " + done.get() + " of " + devices + " devices caught up");
            }
            if (System.nanoTime() > nextWord) {
                nextWord += TimeUnit.SECONDS.toNanos(15);
                System.out.println("          " + done.get() + " devices have caught up");
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private Seen seen(String device) {
        Seen one = seen.get(device);
        if (one == null) {
            throw new IllegalStateException("no device " + device);
        }
        return one;
    }

    private void heard(String device, String tail, ByteBuf payload) {
        String json = payload.toString(StandardCharsets.UTF_8);
        Seen one = seen(device);
        if (tail.equals("sync/SYNCDOWN")) {
            int at = json.indexOf("\"updated\":\"") + 11;
            one.place = json.substring(at, json.indexOf('"', at));
            // One from before the connection was lost may come once more.
            if (!one.complete && isOfThisRound(json)) {
                one.complete = true;
                done.incrementAndGet();
            }
        } else if (tail.equals(DeviceTopics.SYNC_ROWS)) {
            int at = json.indexOf(ENTRY);
            while (at >= 0) {
                int next = json.indexOf(ENTRY, at + 1);
                note(one, json, at, next < 0 ? json.length() : next);
                at = next;
            }
        } else if (tail.startsWith("sync/")) {
            note(one, json, 0, json.length());
        }
    }

    /** Notes the row that stands between two places, if it is of this round. */
    private void note(Seen one, String json, int from, int to) {
        int written = json.indexOf("\"round\":" + round + ",", from);
        if (written >= 0 && written < to) {
            int at = json.indexOf("\"sk\":\"reading#", from) + 14;
            one.rows.set(Integer.parseInt(json, at, json.indexOf('"', at), 10) - 100_000);
        }
    }

    private boolean isOfThisRound(String json) {
        return round == 1 || !json.contains("\"since\":\"1970-");
    }

    private void change(int rowsEach) throws SQLException {
        int perTransaction = Math.max(1, IN_A_TRANSACTION / Math.max(1, rowsEach));
        List<String> ids = audience.ids();
        try (Connection connection = stack.application()) {
            connection.setAutoCommit(false);
            for (int from = 0; rowsEach > 0 && from < ids.size(); from += perTransaction) {
                List<String> some = ids.subList(from, Math.min(ids.size(), from + perTransaction));
                try (PreparedStatement statement = connection.prepareStatement("INSERT INTO " + BenchModel.TABLE
                        + " AS t (device_id, sk, id, round, place, celsius, humidity, alarm, unit, note)"
                        + " SELECT d, 'reading#' || 100000 + n, (100000 + n)::text, ?, 'hall ' || n % 12, 20.5, 40, false,"
                        + " 'C', 'while away' FROM unnest(?::text[]) d, generate_series(0, ? - 1) n"
                        + " ON CONFLICT (device_id, sk) DO UPDATE SET round = excluded.round")) {
                    statement.setLong(1, round);
                    statement.setArray(2, connection.createArrayOf("text", some.toArray()));
                    statement.setInt(3, rowsEach);
                    statement.executeUpdate();
                }
                connection.commit();
            }
        }
    }
}
