package io.mooring.bridge;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;

/**
 * The settings of the bridge: {@code conf/bridge.properties} in the extension's folder, overridden
 * by environment variables {@code MOORING_BRIDGE_*}. README.md says what each means.
 *
 * @param kafka what goes to Kafka's clients
 * @param topicsPrefix the prefix of all topics
 * @param nodeId this broker node, distinct and lasting
 * @param acknowledgement how acknowledgements are held
 * @param maxPayloadBytes the longest payload a device may send
 * @param maxMessagesPerSecond how fast a device may speak in the long run
 * @param bufferBytes how much may wait for Kafka, in all
 * @param deliveryTimeoutMillis how long Kafka may take for one message
 * @param connectWaitMillis how long a connecting device waits for the registry to learn of it
 * @param maxDevices how many devices the registry may hold
 * @param maxOutstanding how many downlink messages one device may have unacknowledged
 * @param stallTimeoutMillis when a connected device that acknowledges nothing is disconnected
 * @param releaseGraceMillis how long a released device gets to hear of it
 * @param maxDeviceSubscriptions how many subscriptions a device may make
 * @param applications what concerns applications
 */
public record BridgeConfig(
        Map<String, String> kafka,
        String topicsPrefix,
        String nodeId,
        Acknowledgement acknowledgement,
        int maxPayloadBytes,
        int maxMessagesPerSecond,
        long bufferBytes,
        int deliveryTimeoutMillis,
        int connectWaitMillis,
        int maxDevices,
        int maxOutstanding,
        int stallTimeoutMillis,
        int releaseGraceMillis,
        int maxDeviceSubscriptions,
        Applications applications) {
    /**
     * What concerns applications.
     *
     * @param listener the name of the broker's listener that is theirs
     * @param maxConnections of one application to this node
     * @param maxSubscriptions of one connection
     * @param maxShared how many shared subscriptions one application may have on this node
     * @param maxMessagesPerSecond how fast one application may publish on this node in the long run
     * @param maxOutstanding how many messages one connection may have unacknowledged
     * @param maxPropertiesBytes how long MQTT 5's properties of one message may be
     * @param maxRetainedPerDevice how many retained values the topics of one device may have
     * @param maxRetained how many retained values there may be in all
     */
    public record Applications(
            String listener,
            int maxConnections,
            int maxSubscriptions,
            int maxShared,
            int maxMessagesPerSecond,
            int maxOutstanding,
            int maxPropertiesBytes,
            int maxRetainedPerDevice,
            int maxRetained) {
        private static Applications of(Map<String, String> settings) {
            return new Applications(
                    name(settings, "applications.listener", "applications"),
                    number(settings, "applications.max.connections", 100, 1, 100_000),
                    number(settings, "applications.max.subscriptions", 100, 1, 10_000),
                    number(settings, "applications.max.shared", 16, 1, 1_000),
                    number(settings, "applications.max.messages.per.second", 1_000, 1, 1_000_000),
                    number(settings, "applications.max.outstanding", 5_000, 10, 1_000_000),
                    number(settings, "data.max.properties.bytes", 8_192, 0, 65_535),
                    number(settings, "data.max.retained.per.device", 50, 0, 10_000),
                    number(settings, "data.max.retained", 200_000, 0, 10_000_000));
        }
    }

    /** How acknowledgements are held until Kafka has a message. */
    public enum Acknowledgement {
        /** The gate where this broker's version is known, else the SDK's way. */
        AUTO,
        /** By the public extension SDK alone. */
        SDK,
        /** By a handler on the client's channel. */
        GATE
    }

    private static final String ENVIRONMENT_PREFIX = "MOORING_BRIDGE_";
    private static final String KAFKA = "kafka.";

    /** Reads the file, if there is one, and the environment. */
    public static BridgeConfig read(Path file, Map<String, String> environment) throws IOException {
        Properties properties = new Properties();
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                properties.load(reader);
            }
        }
        Map<String, String> settings = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> settings.put(name, properties.getProperty(name)));
        environment.forEach((name, value) -> {
            if (name.startsWith(ENVIRONMENT_PREFIX)) {
                String setting = name.substring(ENVIRONMENT_PREFIX.length());
                settings.put(setting.toLowerCase(Locale.ROOT).replace('_', '.'), value);
            }
        });
        return of(settings);
    }

    /**
     * Reads settings by name.
     *
     * @throws IllegalArgumentException naming the setting that is wrong
     */
    public static BridgeConfig of(Map<String, String> settings) {
        Map<String, String> kafka = new HashMap<>();
        settings.forEach((name, value) -> {
            if (name.startsWith(KAFKA)) {
                kafka.put(name.substring(KAFKA.length()), value.trim());
            }
        });
        kafka.putIfAbsent("bootstrap.servers", "127.0.0.1:9092");
        return new BridgeConfig(
                Map.copyOf(kafka),
                name(settings, "topics.prefix", "mooring"),
                name(settings, "node.id", "node-1"),
                acknowledgement(settings),
                number(settings, "uplink.max.payload.bytes", 262_144, 1, 900_000),
                number(settings, "uplink.max.messages.per.second", 1_000, 1, 1_000_000),
                number(settings, "uplink.buffer.bytes", 33_554_432, 1_048_576, 1 << 30),
                number(settings, "uplink.delivery.timeout.ms", 10_000, 500, 600_000),
                number(settings, "connect.wait.ms", 5_000, 0, 60_000),
                number(settings, "registry.max.devices", 1_000_000, 1, 32_000_000),
                number(settings, "downlink.max.outstanding", 900, 1, 1_000_000),
                number(settings, "downlink.stall.timeout.ms", 30_000, 1_000, 3_600_000),
                number(settings, "release.grace.ms", 250, 0, 10_000),
                number(settings, "devices.max.subscriptions", 50, 3, 10_000),
                Applications.of(settings));
    }

    private static String text(Map<String, String> settings, String name, String standard) {
        String value = settings.getOrDefault(name, standard).trim();
        return value.isEmpty() ? standard : value;
    }

    private static String name(Map<String, String> settings, String name, String standard) {
        String value = text(settings, name, standard);
        if (!value.matches("[A-Za-z0-9._-]{1,100}")) {
            throw new IllegalArgumentException(name + " must be 1 to 100 of A-Z a-z 0-9 . _ -, not '" + value + "'");
        }
        return value;
    }

    private static int number(Map<String, String> settings, String name, int standard, int least, int most) {
        String value = text(settings, name, Integer.toString(standard));
        try {
            int number = Integer.parseInt(value);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // told below
        }
        throw new IllegalArgumentException(name + " must be " + least + " to " + most + ", not '" + value + "'");
    }

    private static Acknowledgement acknowledgement(Map<String, String> settings) {
        String value = text(settings, "ack", "auto");
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "auto" -> Acknowledgement.AUTO;
            case "sdk" -> Acknowledgement.SDK;
            case "gate" -> Acknowledgement.GATE;
            default -> throw new IllegalArgumentException("ack must be auto, sdk or gate, not '" + value + "'");
        };
    }
}
