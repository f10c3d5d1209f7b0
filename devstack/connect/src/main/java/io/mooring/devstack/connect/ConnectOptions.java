package io.mooring.devstack.connect;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the worker is told on its command line: {@code --port N --bootstrap-servers HOST:PORT
 * [--group NAME]}.
 *
 * @param port of the REST interface, on loopback
 * @param bootstrapServers Kafka
 * @param group the worker's group, and the start of its topics' names
 */
record ConnectOptions(int port, String bootstrapServers, String group) {
    private static final String DEFAULT_GROUP = "mooring-connect";
    private static final Set<String> NAMES = Set.of("--port", "--bootstrap-servers", "--group");

    /**
     * Reads the command line.
     *
     * @throws IllegalArgumentException with one sentence for people if it cannot be understood
     */
    static ConnectOptions parse(List<String> arguments) {
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
        return new ConnectOptions(
                port(required("--port", given)),
                required("--bootstrap-servers", given),
                given.getOrDefault("--group", DEFAULT_GROUP));
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port > 0 && port < 65536) {
                return port;
            }
        } catch (NumberFormatException notANumber) {
            // Said below.
        }
        throw new IllegalArgumentException("--port wants a port from 1 to 65535, not " + text);
    }

    private static String required(String name, Map<String, String> given) {
        String value = given.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }

    /** The worker's settings, as Kafka Connect names them. */
    Map<String, String> properties() {
        Map<String, String> properties = new HashMap<>();
        properties.put("bootstrap.servers", bootstrapServers);
        properties.put("group.id", group);
        properties.put("listeners", "http://127.0.0.1:" + port);
        properties.put("rest.advertised.host.name", "127.0.0.1");
        properties.put("rest.advertised.port", Integer.toString(port));
        properties.put("key.converter", "org.apache.kafka.connect.json.JsonConverter");
        properties.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");

        for (String kind : List.of("config", "offset", "status")) {
            properties.put(kind + ".storage.topic", group + "." + kind);
            properties.put(kind + ".storage.replication.factor", "1");
        }
        properties.put("offset.storage.partitions", "1");
        properties.put("status.storage.partitions", "1");

        // What was read since the last flush is read again after a crash: keep that little.
        properties.put("offset.flush.interval.ms", "500");
        // A worker that died is not waited for: it comes back as a new member of the group.
        properties.put("scheduled.rebalance.max.delay.ms", "0");
        properties.put("session.timeout.ms", "10000");

        // Secrets come by environment: a connector's configuration, which anyone who may ask Connect
        // can read, holds only ${env:NAME}.
        properties.put("config.providers", "env");
        properties.put("config.providers.env.class", "org.apache.kafka.common.config.provider.EnvVarConfigProvider");
        properties.put("config.providers.env.param.allowlist.pattern", "MOORING_.*");

        // All plugins are on the class path and registered there: no scan of every class.
        properties.put("plugin.discovery", "service_load");
        return properties;
    }
}
