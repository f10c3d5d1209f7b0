package io.mooring.devstack.kafka;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What the node is told on its command line: {@code --port N --controller-port N --data DIR [--forwarded
 * BEHIND=AT,…]}.
 *
 * @param port where clients connect, on loopback
 * @param controllerPort where the node's own controller listens, on loopback
 * @param data where its log lies; made if absent
 * @param forwarded further ports it listens on, and for each the port that clients who come there are told to come
 *     to: somebody stands in between
 */
record KafkaOptions(int port, int controllerPort, Path data, Map<Integer, Integer> forwarded) {
    private static final Set<String> NAMES = Set.of("--port", "--controller-port", "--data", "--forwarded");

    /**
     * Reads the command line.
     *
     * @throws IllegalArgumentException with one sentence for people if it cannot be understood
     */
    static KafkaOptions parse(List<String> arguments) {
        Map<String, String> given = new HashMap<>();
        for (int index = 0; index < arguments.size(); index += 2) {
            String name = arguments.get(index);
            if (!NAMES.contains(name)) {
                throw new IllegalArgumentException("unknown option " + name);
            }
            if (index + 1 == arguments.size()) {
                throw new IllegalArgumentException(name + " wants a value");
            }
            given.put(name, arguments.get(index + 1));
        }
        return new KafkaOptions(
                port("--port", given),
                port("--controller-port", given),
                Path.of(required("--data", given)),
                forwarded(given.getOrDefault("--forwarded", "")));
    }

    private static Map<Integer, Integer> forwarded(String text) {
        Map<Integer, Integer> forwarded = new TreeMap<>();
        for (String pair : text.isEmpty() ? new String[0] : text.split(",")) {
            String[] ports = pair.split("=", 2);
            if (ports.length != 2) {
                throw new IllegalArgumentException("--forwarded wants ports like 20001=20002, not " + pair);
            }
            forwarded.put(port("--forwarded", ports[0]), port("--forwarded", ports[1]));
        }
        return forwarded;
    }

    private static int port(String name, Map<String, String> given) {
        return port(name, required(name, given));
    }

    private static int port(String name, String text) {
        try {
            int port = Integer.parseInt(text);
            if (port > 0 && port < 65536) {
                return port;
            }
        } catch (NumberFormatException notANumber) {
            // Said below, with the name of the option.
        }
        throw new IllegalArgumentException(name + " wants a port from 1 to 65535, not " + text);
    }

    private static String required(String name, Map<String, String> given) {
        String value = given.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }

    /** The node's settings, as Kafka names them: one machine, little memory, nothing made by accident. */
    Map<String, String> properties() {
        Map<String, String> properties = new HashMap<>();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", "1");
        properties.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        properties.put("controller.listener.names", "CONTROLLER");
        StringBuilder listeners =
                new StringBuilder("PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
        StringBuilder advertised = new StringBuilder("PLAINTEXT://127.0.0.1:" + port);
        StringBuilder protocols = new StringBuilder("PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        forwarded.forEach((behind, at) -> {
            String name = "FORWARDED_" + behind;
            listeners.append(',').append(name).append("://127.0.0.1:").append(behind);
            advertised.append(',').append(name).append("://127.0.0.1:").append(at);
            protocols.append(',').append(name).append(":PLAINTEXT");
        });
        properties.put("listeners", listeners.toString());
        properties.put("advertised.listeners", advertised.toString());
        properties.put("listener.security.protocol.map", protocols.toString());
        properties.put("log.dirs", data.toString());
        properties.put("auto.create.topics.enable", "false");

        // There is one node to keep a copy on.
        properties.put("default.replication.factor", "1");
        properties.put("min.insync.replicas", "1");
        properties.put("offsets.topic.replication.factor", "1");
        properties.put("transaction.state.log.replication.factor", "1");
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("share.coordinator.state.topic.replication.factor", "1");
        properties.put("share.coordinator.state.topic.min.isr", "1");

        // A handful of clients: fewer partitions to open at start, fewer threads, smaller buffers.
        properties.put("offsets.topic.num.partitions", "4");
        properties.put("transaction.state.log.num.partitions", "4");
        properties.put("share.coordinator.state.topic.num.partitions", "1");
        properties.put("num.network.threads", "2");
        properties.put("num.io.threads", "4");
        properties.put("background.threads", "2");
        properties.put("log.cleaner.dedupe.buffer.size", "4194304");
        properties.put("log.cleaner.io.buffer.size", "131072");
        properties.put("log.index.size.max.bytes", "1048576");

        // Nobody follows the controller's log who would have to be told twice a second that it is alive.
        properties.put("metadata.max.idle.interval.ms", "0");

        // Groups form at once: nobody waits for a second member.
        properties.put("group.initial.rebalance.delay.ms", "0");
        properties.put("controlled.shutdown.enable", "false");
        return properties;
    }
}
