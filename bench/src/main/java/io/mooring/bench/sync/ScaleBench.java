package io.mooring.bench.sync;

import io.mooring.bench.report.PerformancePage;
import io.mooring.bench.report.ScalePlot;
import io.mooring.bench.sync.BenchModel.Reading;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.devstack.launcher.Component;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.header.Header;

/**
 * {@code bench sync-scale}: what a row costs on its way up, on its way down and in a catch-up, as the rows of a device and
 * the devices become more: processor time of PostgreSQL and sync, which hardly depends on what else the machine does.
 */
public final class ScaleBench {
    private static final SyncOptions STANDARD =
            SyncOptions.of("devices", 1000, "rows", 100_000, "samples", 20_000, "warm", 3);
    private static final int FEW_DEVICES = 10;
    private static final int FEW_ROWS = 1000;
    private static final int MESSAGE = 10;
    private static final String NEVER = "1970-01-01T00:00:00.000Z";

    private final SyncOptions options;
    private final SyncStack stack;
    private final Random random = new Random(1);
    private int round;

    /**
     * What a row cost, in µs of a processor.
     *
     * @param devices how many there were
     * @param rows how many rows each of them had
     */
    record Cost(int devices, int rows, double up, double down, double catchUp) {}

    private ScaleBench(SyncOptions options, SyncStack stack) {
        this.options = options;
        this.stack = stack;
    }

    public static void main(String[] args) throws Exception {
        SyncOptions options = STANDARD.parsed("sync-scale", args);
        try (SyncStack stack = SyncStack.start()) {
            new ScaleBench(options, stack).run();
        }
        System.exit(0);
    }

    private void run() throws Exception {
        stack.register(IntStream.range(0, options.get("devices"))
                .mapToObj(ScaleBench::device)
                .toList());
        fill(0, FEW_DEVICES, 0, FEW_ROWS);
        for (int i = 0; i < options.get("warm"); i++) {
            System.out.println("warm   " + measured(FEW_DEVICES, FEW_ROWS));
        }
        List<Cost> byRows = new ArrayList<>();
        int rows = FEW_ROWS;
        byRows.add(told(measured(FEW_DEVICES, rows)));
        for (int more = rows * 10; more <= options.get("rows"); more *= 10) {
            fill(0, FEW_DEVICES, rows, more);
            rows = more;
            byRows.add(told(measured(FEW_DEVICES, rows)));
        }
        List<Cost> byDevices = new ArrayList<>(List.of(byRows.getFirst()));
        int devices = FEW_DEVICES;
        for (int more = devices * 10; more <= options.get("devices"); more *= 10) {
            fill(devices, more, 0, FEW_ROWS);
            devices = more;
            byDevices.add(told(measured(devices, FEW_ROWS)));
        }
        report(byRows, byDevices);
    }

    private static String device(int number) {
        return "SCALE%05d".formatted(number);
    }

    private static Cost told(Cost cost) {
        System.out.println("       " + cost);
        return cost;
    }

    /** Gives rows to devices, as an application would. */
    private void fill(int fromDevice, int toDevice, int fromRow, int toRow) throws Exception {
        System.out.printf(Locale.ROOT, "       %,d rows are added%n", (toDevice - fromDevice) * (toRow - fromRow));
        try (Connection connection = stack.application()) {
            connection.setAutoCommit(false);
            for (int device = fromDevice; device < toDevice; device++) {
                for (int row = fromRow; row < toRow; row += FEW_ROWS) {
                    insert(connection, device(device), row, Math.min(toRow, row + FEW_ROWS));
                }
            }
        }
        stack.settle();
        try (Connection connection = stack.superuser();
                var statement = connection.createStatement()) {
            statement.execute("VACUUM ANALYZE");
        }
    }

    private static void insert(Connection connection, String device, int from, int to) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO " + BenchModel.TABLE
                + " (device_id, id, round, place, celsius, humidity, alarm, unit, note)"
                + " SELECT ?, (100000 + n)::text, 0, 'hall ' || n % 12, 20.5, 40, false, 'C', 'as made'"
                + " FROM generate_series(?, ? - 1) n")) {
            statement.setString(1, device);
            statement.setInt(2, from);
            statement.setInt(3, to);
            statement.executeUpdate();
        }
        connection.commit();
    }

    private Cost measured(int devices, int rows) throws Exception {
        double up = up(devices, rows);
        double down = down(devices, rows);
        double catchUp = catchUp(devices, rows);
        return new Cost(devices, rows, up, down, catchUp);
    }

    /** Rows changed by devices, here and there, until acknowledged and indexed. */
    private double up(int devices, int rows) throws Exception {
        round++;
        int messages = options.get("samples") / MESSAGE;
        List<byte[]> said = new ArrayList<>();
        List<String> senders = new ArrayList<>();
        long now = System.currentTimeMillis();
        for (int i = 0; i < messages; i++) {
            String device = device(random.nextInt(devices));
            List<Reading> message = new ArrayList<>();
            for (int j = 0; j < MESSAGE; j++) {
                message.add(new Reading(device, random.nextInt(rows), round, now));
            }
            senders.add(device);
            said.add(BenchModel.message(i, message).getBytes(StandardCharsets.UTF_8));
        }
        return micros(messages * MESSAGE, messages, DeviceTopics.SYNC_ACK::equals, () -> {
            for (int i = 0; i < messages; i++) {
                stack.syncUp(senders.get(i), said.get(i));
            }
            stack.flush();
        });
    }

    /** Rows changed by an application, here and there, until told. */
    private double down(int devices, int rows) throws Exception {
        round++;
        int samples = options.get("samples");
        return micros(samples, -1, "sync/MODIFY"::equals, () -> {
            int changed = 0;
            try (Connection connection = stack.application();
                    PreparedStatement statement = connection.prepareStatement("UPDATE " + BenchModel.TABLE
                            + " SET round = ? WHERE (device_id, sk) IN (SELECT * FROM unnest(?::text[], ?::text[]))")) {
                connection.setAutoCommit(false);
                for (int done = 0; done < samples; done += 500) {
                    Object[] ids = new Object[500];
                    Object[] keys = new Object[500];
                    for (int i = 0; i < 500; i++) {
                        ids[i] = device(random.nextInt(devices));
                        keys[i] = "reading#" + (100_000 + random.nextInt(rows));
                    }
                    statement.setLong(1, round * 1000L + done / 500);
                    statement.setArray(2, connection.createArrayOf("text", ids));
                    statement.setArray(3, connection.createArrayOf("text", keys));
                    changed += statement.executeUpdate();
                    connection.commit();
                }
            }
            wanted = changed;
        });
    }

    private int wanted;

    /** Devices that have nothing get everything. */
    private double catchUp(int devices, int rows) throws Exception {
        int some = Math.min(devices, Math.max(1, options.get("samples") / rows));
        return micros(some * rows, some, DeviceTopics.SYNC_DOWN_DONE::equals, () -> {
            for (int i = 0; i < some; i++) {
                // The last ones have just so many rows; the first ten have more by the time there are others.
                stack.say(
                        device(devices - 1 - i),
                        DeviceTopics.SYNC_DOWN,
                        ("{\"timestamp\":\"" + NEVER + "\"}").getBytes(StandardCharsets.UTF_8));
            }
            stack.flush();
        });
    }

    /** Work that is to be measured. */
    private interface Work {
        void run() throws Exception;
    }

    /** Does it, and waits for so many records for devices, or for {@link #wanted} if that is negative; µs a row. */
    private double micros(int rows, int records, Predicate<String> tails, Work work) throws Exception {
        stack.settle();
        Map<Component, Double> before = worked();
        try (KafkaConsumer<String, byte[]> downlink = stack.reader(Topic.DEVICE_DOWNLINK)) {
            work.run();
            int missing = records < 0 ? wanted : records;
            long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
            while (missing > 0) {
                for (ConsumerRecord<String, byte[]> record : downlink.poll(Duration.ofMillis(100))) {
                    Header tail = record.headers().lastHeader(EventHeaders.TOPIC);
                    if (tail != null && tails.test(new String(tail.value(), StandardCharsets.UTF_8))) {
                        missing--;
                    }
                }
                if (System.nanoTime() > end) {
                    throw new IllegalStateException(missing + " records for devices never came");
                }
            }
        }
        stack.settle();
        double seconds = 0;
        for (Map.Entry<Component, Double> one : worked().entrySet()) {
            seconds += one.getValue() - before.getOrDefault(one.getKey(), 0.0);
        }
        return seconds * 1e6 / (records < 0 ? wanted : rows);
    }

    private Map<Component, Double> worked() throws IOException {
        Map<Component, Double> seconds = new EnumMap<>(Component.class);
        for (Component component : List.of(Component.POSTGRESQL, Component.SYNC)) {
            seconds.put(component, stack.processorSeconds(component));
        }
        return seconds;
    }

    private void report(List<Cost> byRows, List<Cost> byDevices) throws IOException {
        StringBuilder table = new StringBuilder();
        table.append(
                "| devices | rows of each | up, µs a row | down, µs a row | catch-up, µs a row |\n| ---: | ---: | ---: | ---: | ---: |\n");
        List<Cost> all = new ArrayList<>(byRows);
        all.addAll(byDevices.subList(1, byDevices.size()));
        for (Cost cost : all) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %,d | %,d | %.0f | %.0f | %.0f |%n",
                    cost.devices(),
                    cost.rows(),
                    cost.up(),
                    cost.down(),
                    cost.catchUp()));
        }
        System.out.print(table);
        String svg = ScalePlot.svg(List.of(List.of(
                panel(
                        "rows of each of " + FEW_DEVICES + " devices",
                        byRows,
                        byRows.stream().map(Cost::rows).toList()),
                panel(
                        "devices with " + FEW_ROWS + " rows each",
                        byDevices,
                        byDevices.stream().map(Cost::devices).toList()))));
        if (options.writeDocs()) {
            PerformancePage.write("sync-scale", table.toString(), svg);
        }
        if (options.output().isPresent()) {
            Files.writeString(options.output().get(), all + System.lineSeparator());
        }
    }

    private static ScalePlot.Panel panel(String title, List<Cost> costs, List<Integer> places) {
        Map<String, List<Double>> lines = new LinkedHashMap<>();
        Map<String, ToDoubleFunction<Cost>> kinds = new LinkedHashMap<>();
        kinds.put("up", Cost::up);
        kinds.put("down", Cost::down);
        kinds.put("catch-up", Cost::catchUp);
        kinds.forEach((name, cost) ->
                lines.put(name, costs.stream().map(cost::applyAsDouble).toList()));
        return new ScalePlot.Panel(title, places, lines);
    }
}
