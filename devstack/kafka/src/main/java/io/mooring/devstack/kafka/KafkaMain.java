package io.mooring.devstack.kafka;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * Runs one Kafka node until it is told to stop (SIGTERM). Says {@code kafka ready on port N} on
 * stdout once clients are served. Exit codes: 2, wrong options; 1, it could not start or died; each
 * with one sentence on stderr.
 */
public final class KafkaMain {
    private KafkaMain() {}

    public static void main(String[] arguments) {
        KafkaOptions options;
        try {
            options = KafkaOptions.parse(List.of(arguments));
        } catch (IllegalArgumentException wrongOptions) {
            System.err.println("kafka: " + wrongOptions.getMessage());
            System.exit(2);
            return;
        }
        try {
            run(options);
        } catch (Exception failed) {
            System.err.println("kafka: could not start: " + failed.getMessage());
            failed.printStackTrace(System.err);
            // Not exit(): the shutdown hook would wait for a server that never started.
            Runtime.getRuntime().halt(1);
        }
    }

    private static void run(KafkaOptions options) throws Exception {
        format(options.data());
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(asProperties(options), false), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.shutdown();
            server.awaitShutdown();
        }));
        server.startup();
        System.out.println("kafka ready on port " + options.port());
        server.awaitShutdown();
    }

    private static Properties asProperties(KafkaOptions options) {
        Properties properties = new Properties();
        properties.putAll(options.properties());
        return properties;
    }

    /** Gives a new data folder its cluster id. A folder that has one is left as it is. */
    private static void format(Path data) throws Exception {
        if (Files.exists(data.resolve("meta.properties"))) {
            return;
        }
        Files.createDirectories(data);
        new Formatter()
                .setClusterId(Uuid.randomUuid().toString())
                .setNodeId(1)
                .setControllerListenerName("CONTROLLER")
                .setMetadataLogDirectory(data.toString())
                .addDirectory(data.toString())
                .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                .setIgnoreFormatted(true)
                .setPrintStream(System.out)
                .run();
    }
}
