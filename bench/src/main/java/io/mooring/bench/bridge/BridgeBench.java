package io.mooring.bench.bridge;

import io.mooring.bridge.stack.BrokerNode;
import io.mooring.bridge.stack.JvmUse;
import io.mooring.bridge.stack.KafkaNode;
import io.mooring.bridge.stack.TestAuthority;
import io.mooring.bridge.stack.TestDevices;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.parts.DataTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/**
 * {@code bench bridge}: prints a table, and the same as JSON where asked for.
 *
 * <p>Each run has a Kafka and a broker of its own, started for it, so that nothing of the run before
 * is left. After each run of the bridge the acknowledged messages are counted against what Kafka has.
 */
public final class BridgeBench {
    private static final String PREFIX = "bench";
    private static final int PAYLOAD_BYTES = 256;
    private static final int EXIT_FAILED = 1;
    private static final int EXIT_USAGE = 2;

    private final BenchOptions options;
    private final TestAuthority authority = new TestAuthority();
    private final byte[] payload = new byte[PAYLOAD_BYTES];

    private BridgeBench(BenchOptions options) {
        this.options = options;
        new Random(1).nextBytes(payload);
    }

    /** Runs the benchmark. Exit code 1: it could not be run, or something acknowledged was not stored. */
    public static void main(String[] args) {
        BenchOptions options;
        try {
            options = BenchOptions.parse(args);
        } catch (IllegalArgumentException wrong) {
            System.err.println("bench bridge: " + wrong.getMessage() + System.lineSeparator() + BenchOptions.USAGE);
            System.exit(EXIT_USAGE);
            return;
        }
        try {
            new BridgeBench(options).run();
            System.exit(0);
        } catch (Exception failed) {
            System.err.println("bench bridge: " + failed.getMessage());
            System.exit(EXIT_FAILED);
        }
    }

    private void run() throws Exception {
        int settings = options.connections().size() * options.windows().size();
        int each = options.warmSeconds() + options.measureSeconds() + 15;
        say("256 bytes, QoS 1, mutual TLS; %d s of warm-up and %d s measured for each figure; about %d minutes"
                .formatted(
                        options.warmSeconds(),
                        options.measureSeconds(),
                        Math.max(1, (settings * options.ways().size() + 1) * each / 60)));
        double kafka = measureKafka();
        say("kafka alone: %.0f records/s".formatted(kafka));
        List<BenchResult> results = new ArrayList<>();
        for (int connections : options.connections()) {
            for (int window : options.windows()) {
                Map<Way, Measured> ways = new EnumMap<>(Way.class);
                for (Way way : options.ways()) {
                    Measured measured = measure(way, connections, window);
                    ways.put(way, measured);
                    say("%d connections, window %d, %s: %.0f msg/s"
                            .formatted(connections, window, way.title(), measured.perSecond()));
                }
                results.add(new BenchResult(connections, window, kafka, ways));
            }
        }
        System.out.println(BenchResult.heading());
        results.forEach(result -> System.out.print(result.lines()));
        System.out.println("ratio: to what broker and Kafka do in series, 1/(1/broker + 1/kafka)");
        if (options.output().isPresent()) {
            String json = results.stream().map(BenchResult::json).collect(Collectors.joining(",\n", "[", "]\n"));
            Files.writeString(options.output().get(), json);
        }
    }

    private double measureKafka() throws Exception {
        Path folder = Files.createTempDirectory("mooring-bench");
        try (KafkaNode kafka = KafkaNode.start(JvmUse.LASTING, options.root(), folder.resolve("kafka"))) {
            kafka.createTopics(PREFIX);
            return KafkaLoad.perSecond(kafka.bootstrap(), Topic.DEVICE_UPLINK.name(PREFIX), 50, payload);
        } finally {
            DataTree.delete(folder);
        }
    }

    private Measured measure(Way way, int connections, int window) throws Exception {
        Map<String, TestAuthority.Identity> identities = new LinkedHashMap<>();
        for (int i = 0; i < connections; i++) {
            identities.put("D" + i, authority.device("D" + i));
        }
        Path folder = Files.createTempDirectory("mooring-bench");
        try {
            if (way == Way.BROKER) {
                try (BrokerNode broker = BrokerNode.startBare(options.root(), folder.resolve("broker"), authority)) {
                    return load(broker, window, identities).measured();
                }
            }
            try (KafkaNode kafka = KafkaNode.start(JvmUse.LASTING, options.root(), folder.resolve("kafka"))) {
                kafka.createTopics(PREFIX);
                register(kafka, identities);
                Map<String, String> settings = Map.of(
                        "MOORING_BRIDGE_KAFKA_BOOTSTRAP_SERVERS",
                        kafka.bootstrap(),
                        "MOORING_BRIDGE_TOPICS_PREFIX",
                        PREFIX,
                        "MOORING_BRIDGE_UPLINK_MAX_MESSAGES_PER_SECOND",
                        "1000000",
                        "MOORING_BRIDGE_ACK",
                        way == Way.SDK ? "sdk" : "gate");
                try (BrokerNode broker = BrokerNode.start(
                        JvmUse.LASTING, options.root(), folder.resolve("broker"), authority, settings)) {
                    Load load = load(broker, window, identities);
                    requireStored(kafka, load.acknowledged());
                    return load.measured();
                }
            }
        } finally {
            DataTree.delete(folder);
        }
    }

    private record Load(Measured measured, long acknowledged) {}

    private Load load(BrokerNode broker, int window, Map<String, TestAuthority.Identity> identities) throws Exception {
        try (LoadGenerator generator = new LoadGenerator()) {
            generator.connect(broker.port(), window, payload, authority, identities);
            Measured measured = generator.run(options.warmSeconds(), options.measureSeconds());
            return new Load(measured, generator.end());
        }
    }

    private static void register(KafkaNode kafka, Map<String, TestAuthority.Identity> identities) {
        Map<String, String> fingerprints = new LinkedHashMap<>();
        identities.forEach((device, identity) -> fingerprints.put(device, identity.fingerprint()));
        try (TestDevices devices = new TestDevices(kafka.bootstrap(), PREFIX)) {
            devices.registerAll(fingerprints, "main", "main");
        }
    }

    private static void requireStored(KafkaNode kafka, long acknowledged) throws Exception {
        String topic = Topic.DEVICE_UPLINK.name(PREFIX);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()))) {
            Map<TopicPartition, OffsetSpec> ends = new LinkedHashMap<>();
            for (int partition = 0; partition < Topic.DEVICE_UPLINK.partitions(); partition++) {
                ends.put(new TopicPartition(topic, partition), OffsetSpec.latest());
            }
            long stored = admin.listOffsets(ends).all().get().values().stream()
                    .mapToLong(end -> end.offset())
                    .sum();
            if (stored < acknowledged) {
                throw new IllegalStateException(
                        acknowledged + " messages were acknowledged and only " + stored + " are stored");
            }
        }
    }

    private static void say(String text) {
        System.err.println(text);
    }
}
