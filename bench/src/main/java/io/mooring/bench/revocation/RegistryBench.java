package io.mooring.bench.revocation;

import io.mooring.bridge.stack.BrokerNode;
import io.mooring.bridge.stack.JvmUse;
import io.mooring.bridge.stack.KafkaNode;
import io.mooring.bridge.stack.TestAuthority;
import io.mooring.bridge.stack.TestDevices;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** How fast a broker node that starts learns of a million devices from Kafka, and what they take of its memory. */
public final class RegistryBench {
    private static final int DEVICES = 1_000_000;
    private static final int AT_ONCE = 50_000;
    private static final String PREFIX = "bench";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private RegistryBench() {}

    public static void main(String[] args) throws Exception {
        Path root =
                Path.of(System.getProperty("mooring.root", "")).toAbsolutePath().normalize();
        Path folder = Files.createTempDirectory("mooring-bench-");
        try (KafkaNode kafka = KafkaNode.start(JvmUse.LASTING, root, folder.resolve("kafka"))) {
            kafka.createTopics(PREFIX);
            write(kafka);
            try (BrokerNode broker = BrokerNode.start(
                    JvmUse.LASTING,
                    root,
                    folder.resolve("broker"),
                    new TestAuthority(),
                    Map.of(
                            "MOORING_BRIDGE_KAFKA_BOOTSTRAP_SERVERS",
                            kafka.bootstrap(),
                            "MOORING_BRIDGE_TOPICS_PREFIX",
                            PREFIX))) {
                System.out.println(awaitLoaded(broker));
            }
        }
        System.exit(0);
    }

    private static void write(KafkaNode kafka) {
        Random random = new Random(1);
        byte[] sha256 = new byte[32];
        try (TestDevices devices = new TestDevices(kafka.bootstrap(), PREFIX)) {
            Map<String, String> fingerprints = new HashMap<>();
            for (int i = 1; i <= DEVICES; i++) {
                random.nextBytes(sha256);
                fingerprints.put("D%09d".formatted(i), HexFormat.of().formatHex(sha256));
                if (i % AT_ONCE == 0) {
                    devices.registerAll(fingerprints, "main", "main");
                    fingerprints.clear();
                }
            }
        }
    }

    /** What the node says of it in its log. */
    private static String awaitLoaded(BrokerNode broker) throws InterruptedException {
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < until) {
            Optional<String> said = broker.process().output().stream()
                    .filter(line -> line.contains("registry read: "))
                    .findFirst();
            if (said.isPresent()) {
                return said.get().substring(said.get().indexOf("registry read: "));
            }
            Thread.sleep(100);
        }
        throw new IllegalStateException("the registry was not read within " + PATIENCE);
    }
}
