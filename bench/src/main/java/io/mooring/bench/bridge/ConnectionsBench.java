package io.mooring.bench.bridge;

import io.mooring.bridge.stack.BrokerNode;
import io.mooring.bridge.stack.JvmUse;
import io.mooring.bridge.stack.KafkaNode;
import io.mooring.bridge.stack.TestAuthority;
import io.mooring.bridge.stack.TestDevices;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code bench connections [STEP…]}: what connected devices take of a broker node's memory, over mutual TLS with the bridge, idle;
 * each has published once and is idle. The live heap is what a full collection leaves; the resident memory is all of the
 * process, which keeps what a burst once needed.
 */
public final class ConnectionsBench {
    private static final String PREFIX = "bench";
    private static final int[] STEPS = {1_000, 2_000, 4_000};
    private static final Pattern USED = Pattern.compile("used (\\d+)K");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    private ConnectionsBench() {}

    /** The memory of a process, in KiB. */
    private record Memory(long liveHeap, long resident) {
        static Memory of(long pid) throws IOException, InterruptedException {
            jcmd(pid, "GC.run");
            long heap = USED.matcher(jcmd(pid, "GC.heap_info").split("Metaspace", 2)[0])
                    .results()
                    .mapToLong(used -> Long.parseLong(used.group(1)))
                    .sum();
            Matcher resident = RESIDENT.matcher(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
            return new Memory(heap, resident.find() ? Long.parseLong(resident.group(1)) : 0);
        }

        private static String jcmd(long pid, String what) throws IOException, InterruptedException {
            Process jcmd = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "jcmd")
                                    .toString(),
                            Long.toString(pid),
                            what)
                    .redirectErrorStream(true)
                    .start();
            String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (jcmd.waitFor() != 0) {
                throw new IOException("jcmd " + what + ": " + said);
            }
            return said;
        }
    }

    public static void main(String[] args) throws Exception {
        int[] steps = args.length == 0
                ? STEPS
                : Arrays.stream(args).mapToInt(Integer::parseInt).toArray();
        Path root =
                Path.of(System.getProperty("mooring.root", "")).toAbsolutePath().normalize();
        Path folder = Files.createTempDirectory("mooring-bench-");
        TestAuthority authority = new TestAuthority();
        try (KafkaNode kafka = KafkaNode.start(JvmUse.LASTING, root, folder.resolve("kafka"))) {
            kafka.createTopics(PREFIX);
            Map<String, String> settings = Map.of(
                    "MOORING_BRIDGE_KAFKA_BOOTSTRAP_SERVERS",
                    kafka.bootstrap(),
                    "MOORING_BRIDGE_TOPICS_PREFIX",
                    PREFIX);
            try (BrokerNode broker =
                            BrokerNode.start(JvmUse.LASTING, root, folder.resolve("broker"), authority, settings);
                    TestDevices registry = new TestDevices(kafka.bootstrap(), PREFIX);
                    LoadGenerator devices = new LoadGenerator()) {
                // What the first ones load is not theirs.
                int connected = connect(0, 100, broker, authority, registry, devices);
                Memory first = Memory.of(broker.process().pid());
                int before = connected;
                for (int step : steps) {
                    connected = connect(connected, step, broker, authority, registry, devices);
                    Memory now = Memory.of(broker.process().pid());
                    int more = connected - before;
                    System.out.printf(
                            Locale.ROOT,
                            "%,6d connected   live heap %,6d KiB, %5.1f each   resident %,8d KiB, %5.1f each%n",
                            connected,
                            now.liveHeap(),
                            (double) (now.liveHeap() - first.liveHeap()) / more,
                            now.resident(),
                            (double) (now.resident() - first.resident()) / more);
                }
            }
        }
        System.exit(0);
    }

    private static int connect(
            int from, int to, BrokerNode broker, TestAuthority authority, TestDevices registry, LoadGenerator devices)
            throws Exception {
        Map<String, TestAuthority.Identity> identities = new LinkedHashMap<>();
        Map<String, String> fingerprints = new LinkedHashMap<>();
        for (int i = from; i < to; i++) {
            TestAuthority.Identity identity = authority.device("D" + i);
            identities.put("D" + i, identity);
            fingerprints.put("D" + i, identity.fingerprint());
        }
        registry.registerAll(fingerprints, "main", "main");
        devices.connect(broker.port(), 1, new byte[256], authority, identities);
        return to;
    }
}
