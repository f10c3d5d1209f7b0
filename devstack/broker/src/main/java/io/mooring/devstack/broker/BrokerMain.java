package io.mooring.devstack.broker;

import com.hivemq.configuration.service.InternalConfigurations;
import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.embedded.EmbeddedHiveMQBuilder;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The broker process. See README.md for its options, environment and exit codes.
 *
 * <p>Prints {@code broker ready on port N} when the listener is open and the extension runs.
 */
public final class BrokerMain {
    /** A gauge the bridge registers once it has started; its absence means that it has not. */
    private static final String EXTENSION_STARTED = "io.mooring.bridge.connections";

    /** What the store of payloads may gather in memory, and keep there of what it read. */
    private static final long PAYLOAD_STORE_BYTES = 32 << 20;

    private static final int EXIT_FAILED = 1;
    private static final int EXIT_USAGE = 2;

    private BrokerMain() {}

    /** Runs until a signal, or until the parent ends if so asked. */
    public static void main(String[] args) throws InterruptedException {
        // HiveMQ's jar brings a logback.xml too; the logging library complains at length about two.
        System.setProperty("logback.configurationFile", "broker-logback.xml");
        BrokerOptions options;
        try {
            options = BrokerOptions.parse(args, passwords(System.getenv()));
        } catch (IllegalArgumentException | IOException wrong) {
            fail(EXIT_USAGE, String.valueOf(wrong.getMessage()));
            return;
        }
        try {
            run(options);
        } catch (IOException | IllegalStateException | ExecutionException failed) {
            fail(EXIT_FAILED, String.valueOf(failed.getMessage()));
        }
    }

    private static void run(BrokerOptions asked) throws IOException, InterruptedException, ExecutionException {
        BrokerOptions options = asked.withPort(freePort(asked));
        BrokerFiles files = BrokerFiles.prepare(options);
        beModest(options.buckets());
        EmbeddedHiveMQBuilder builder = EmbeddedHiveMQ.builder()
                .withConfigurationFolder(files.configuration())
                .withDataFolder(files.data())
                .withExtensionsFolder(files.extensions())
                .withoutLoggingBootstrap();
        if (options.extension().isEmpty()) {
            builder = builder.withEmbeddedExtension(EmbeddedExtension.builder()
                    .withId("trust-every-certificate")
                    .withName("Trust every certificate")
                    .withVersion("1")
                    .withAuthor("Mooring")
                    .withExtensionMain(new TrustEveryCertificate())
                    .build());
        }
        EmbeddedHiveMQ broker = builder.build();
        // Before the broker: whoever watches is told at once that it lives, and is not ready yet.
        Observation observation = Observation.start(options);
        stopOnSignal(broker, options);
        broker.start().get();
        if (options.extension().isPresent()
                && !broker.getMetricRegistry().getGauges().containsKey(EXTENSION_STARTED)) {
            throw new IllegalStateException(
                    "the extension " + options.extension().get() + " did not start; see the log above");
        }
        observation.follow(broker.getMetricRegistry());
        say(System.out, "broker ready on port " + options.port());
        new CountDownLatch(1).await();
    }

    /**
     * The environment, with what files hold of it ({@code …_PASSWORD_FILE}). The broker looks for placeholders among
     * the system properties too.
     */
    private static Map<String, String> passwords(Map<String, String> environment) throws IOException {
        Map<String, String> all = new HashMap<>(environment);
        for (String variable : List.of(BrokerOptions.KEYSTORE_PASSWORD, BrokerOptions.TRUSTSTORE_PASSWORD)) {
            String file = environment.get(variable + "_FILE");
            if (file != null) {
                String password = Files.readString(Path.of(file)).strip();
                all.put(variable, password);
                System.setProperty(variable, password);
            }
        }
        return all;
    }

    /** Asks for the port before the broker does, which would only log that it is taken. */
    private static int freePort(BrokerOptions options) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new java.net.InetSocketAddress(InetAddress.getByName(options.bind()), options.port()));
            return probe.getLocalPort();
        } catch (IOException taken) {
            throw new IllegalStateException(
                    "cannot listen on " + options.bind() + ":" + options.port() + ": " + taken.getMessage(), taken);
        }
    }

    /**
     * One broker on a developer's machine does not need the 64 buckets of files that HiveMQ makes
     * unasked; they cost memory and time to open.
     */
    private static void beModest(int buckets) {
        InternalConfigurations.PERSISTENCE_BUCKET_COUNT.set(buckets);
        InternalConfigurations.PAYLOAD_PERSISTENCE_BUCKET_COUNT.set(buckets);
        InternalConfigurations.PAYLOAD_PERSISTENCE_CLEANUP_THREADS.set(1);
        InternalConfigurations.JMX_REPORTER_ENABLED.set(false);
        boundPayloadStore();
    }

    /**
     * The store of messages' payloads (RocksDB) collects what is written in memory before it goes to files, also what was delivered
     * long ago. HiveMQ lets it take a 32nd of the machine's memory for that, and as much again while it writes, besides the JVM's
     * heap: on a large machine more than all else together.
     */
    private static void boundPayloadStore() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean machine) {
            int portion = Math.toIntExact(machine.getTotalMemorySize() / PAYLOAD_STORE_BYTES + 1);
            atLeast(InternalConfigurations.PAYLOAD_PERSISTENCE_MEMTABLE_SIZE_PORTION, portion);
            atLeast(InternalConfigurations.PAYLOAD_PERSISTENCE_BLOCK_CACHE_SIZE_PORTION, portion);
        }
    }

    private static void atLeast(AtomicInteger setting, int least) {
        setting.accumulateAndGet(least, Math::max);
    }

    private static void stopOnSignal(EmbeddedHiveMQ broker, BrokerOptions options) {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            try {
                                broker.stop().get();
                            } catch (InterruptedException interrupted) {
                                Thread.currentThread().interrupt();
                            } catch (ExecutionException failed) {
                                say(System.err, "broker did not stop cleanly: " + failed.getCause());
                            }
                        },
                        "broker-stop"));
        if (options.exitWithParent()) {
            ProcessHandle.current()
                    .parent()
                    .ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(EXIT_FAILED)));
        }
    }

    private static void fail(int code, String message) {
        say(System.err, "broker: " + message);
        System.exit(code);
    }

    private static void say(PrintStream stream, String line) {
        stream.println(line);
        stream.flush();
    }
}
