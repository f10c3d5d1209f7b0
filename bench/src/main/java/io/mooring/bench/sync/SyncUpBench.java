package io.mooring.bench.sync;

import io.mooring.bench.sync.BenchModel.Reading;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.devstack.launcher.Component;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.header.Header;

/**
 * {@code bench sync-up}: rows a second from devices' messages in Kafka to rows committed in PostgreSQL and acknowledgements
 * in Kafka, as a ratio to bare upserts of the same rows, in turn in the same run. Once by itself, as the bare upserts are:
 * nobody reads what is written until all is; and once while Debezium reads it and sync tells others of it on the same processors.
 */
public final class SyncUpBench {
    private static final SyncOptions STANDARD =
            SyncOptions.of("devices", 1000, "rows", 60, "message", 10, "warm", 4, "rounds", 3, "connections", 4);

    private final SyncOptions options;
    private final SyncStack stack;
    private final List<String> devices = new ArrayList<>();
    private int written;

    private SyncUpBench(SyncOptions options, SyncStack stack) {
        this.options = options;
        this.stack = stack;
        for (int i = 0; i < options.get("devices"); i++) {
            devices.add("BENCH%05d".formatted(i));
        }
    }

    public static void main(String[] args) throws Exception {
        SyncOptions options = STANDARD.parsed("sync-up", args);
        try (SyncStack stack = SyncStack.start()) {
            new SyncUpBench(options, stack).run();
        }
        System.exit(0);
    }

    /**
     * What a round took, in seconds.
     *
     * @param acknowledged until all was committed and acknowledged
     * @param followed until Debezium had read it and sync had noted that, too
     * @param raw what the bare upserts of the same rows took
     * @param worked of processors, by all of the cloud's processes, until then; until all was acknowledged where Connect
     *     was stopped
     * @param rawWorked of processors, by PostgreSQL and this program, for the bare upserts
     */
    private record Round(
            double acknowledged, double followed, double raw, Map<Component, Double> worked, double rawWorked) {
        double allWorked() {
            return worked.values().stream().mapToDouble(Double::doubleValue).sum();
        }
    }

    private void run() throws Exception {
        stack.register(devices);
        RawUpserts raw = new RawUpserts(stack, options.get("connections"));
        System.out.printf(
                Locale.ROOT,
                "%d devices, %d rows a round in messages of %d%n",
                devices.size(),
                rows(),
                options.get("message"));
        rounds("warm ", options.get("warm"), raw, false);
        Summary beside =
                summary("with the way down at the same time", rounds("round", options.get("rounds"), raw, false));
        Summary alone = summary("by itself", rounds("alone", options.get("rounds"), raw, true));
        if (options.output().isPresent()) {
            Files.writeString(
                    options.output().get(),
                    String.format(
                            Locale.ROOT,
                            "{\"devices\":%d,\"alone\":%s,\"withTheWayDown\":%s}%n",
                            devices.size(),
                            alone.json(),
                            beside.json()));
        }
    }

    private List<Round> rounds(String what, int count, RawUpserts raw, boolean alone) throws Exception {
        List<Round> rounds = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Round took = round(raw, ++written, alone);
            System.out.printf(
                    Locale.ROOT,
                    "%s %2d  acknowledged %,7.0f rows/s   with Debezium's part %,7.0f   bare upserts %,7.0f   µs a row: %s bare %.0f%n",
                    what,
                    written,
                    rows() / took.acknowledged,
                    rows() / took.followed,
                    rows() / took.raw,
                    micros(took.worked, rows()),
                    took.rawWorked * 1e6 / rows());
            rounds.add(took);
        }
        return rounds;
    }

    private int rows() {
        return devices.size() * options.get("rows");
    }

    /** What rounds of one kind took, rows a second. */
    private record Summary(double acknowledged, double bare) {
        String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"rowsPerSecond\":%.0f,\"bareRowsPerSecond\":%.0f,\"ratio\":%.3f}",
                    acknowledged,
                    bare,
                    acknowledged / bare);
        }
    }

    private Summary summary(String what, List<Round> rounds) {
        Summary median = new Summary(
                rows() / median(rounds.stream().map(Round::acknowledged).toList()),
                rows() / median(rounds.stream().map(Round::raw).toList()));
        double worked = median(rounds.stream().map(Round::allWorked).toList());
        double bareWorked = median(rounds.stream().map(Round::rawWorked).toList());
        System.out.printf(
                Locale.ROOT,
                "%s: %,.0f rows/s, bare %,.0f, ratio %.2f; processor time of a row %.0f µs, bare %.0f, ratio %.2f%n",
                what,
                median.acknowledged(),
                median.bare(),
                median.acknowledged() / median.bare(),
                worked * 1e6 / rows(),
                bareWorked * 1e6 / rows(),
                bareWorked / worked);
        return median;
    }

    private Round round(RawUpserts raw, int round, boolean alone) throws Exception {
        List<Reading> rows = new ArrayList<>();
        List<String> senders = new ArrayList<>();
        List<byte[]> messages = new ArrayList<>();
        long now = System.currentTimeMillis();
        int size = options.get("message");
        for (int first = 0; first < options.get("rows"); first += size) {
            for (String device : devices) {
                List<Reading> message = new ArrayList<>();
                for (int i = first; i < Math.min(first + size, options.get("rows")); i++) {
                    message.add(new Reading(device, i, round, now));
                }
                rows.addAll(message);
                senders.add(device);
                messages.add(BenchModel.message(messages.size(), message).getBytes(StandardCharsets.UTF_8));
            }
        }
        if (alone) {
            stack.devstack().stop(Component.CONNECT);
        }
        Map<Component, Double> before = worked();
        double acknowledged;
        long start;
        try (KafkaConsumer<String, byte[]> downlink = stack.reader(Topic.DEVICE_DOWNLINK)) {
            start = System.nanoTime();
            for (int i = 0; i < messages.size(); i++) {
                stack.syncUp(senders.get(i), messages.get(i));
            }
            stack.flush();
            awaitAcknowledged(downlink, messages.size());
            acknowledged = (System.nanoTime() - start) / 1e9;
        }
        long stored = stack.number("SELECT count(*) FROM " + BenchModel.TABLE + " WHERE round = " + round);
        if (stored != rows.size()) {
            throw new IllegalStateException(rows.size() + " rows were acknowledged, and " + stored + " are there");
        }
        Map<Component, Double> worked = worked();
        if (alone) {
            stack.devstack().start(Component.CONNECT);
            stack.devstack().awaitReady(Component.CONNECT);
        }
        stack.settle();
        double followed = (System.nanoTime() - start) / 1e9;
        if (!alone) {
            worked.putAll(worked());
        }
        before.forEach((component, seconds) -> worked.merge(component, -seconds, Double::sum));
        double rawBefore = stack.processorSeconds(Component.POSTGRESQL) + ourselves();
        double bare = raw.write(rows);
        double rawWorked = stack.processorSeconds(Component.POSTGRESQL) + ourselves() - rawBefore;
        return new Round(acknowledged, followed, bare, worked, rawWorked);
    }

    private Map<Component, Double> worked() throws IOException {
        Map<Component, Double> seconds = new EnumMap<>(Component.class);
        for (Component component : stack.devstack().components()) {
            seconds.put(component, stack.processorSeconds(component));
        }
        return seconds;
    }

    private static double ourselves() {
        return ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toNanos()
                / 1e9;
    }

    private static String micros(Map<Component, Double> worked, int rows) {
        return worked.entrySet().stream()
                .map(one -> String.format(Locale.ROOT, "%s %.0f", one.getKey().label(), one.getValue() * 1e6 / rows))
                .collect(Collectors.joining(", "));
    }

    private static void awaitAcknowledged(KafkaConsumer<String, byte[]> downlink, int messages) {
        long end = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        int acknowledged = 0;
        while (acknowledged < messages) {
            for (ConsumerRecord<String, byte[]> record : downlink.poll(Duration.ofMillis(200))) {
                Header tail = record.headers().lastHeader(EventHeaders.TOPIC);
                if (tail != null && DeviceTopics.SYNC_ACK.equals(new String(tail.value(), StandardCharsets.UTF_8))) {
                    acknowledged++;
                    String said = new String(record.value(), StandardCharsets.UTF_8);
                    if (said.contains("\"refused\"")) {
                        throw new IllegalStateException("refused: " + said);
                    }
                }
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException("only " + acknowledged + " of " + messages + " messages acknowledged");
            }
        }
    }

    private static double median(List<Double> times) {
        List<Double> sorted = new ArrayList<>(times);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }
}
