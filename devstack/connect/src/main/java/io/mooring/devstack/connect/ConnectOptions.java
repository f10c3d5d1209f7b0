package io.mooring.devstack.connect;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the worker is told on its command line: {@code --port N --bootstrap-servers HOST:PORT
 * [--group NAME] [--bind ADDRESS] [--advertised-host NAME] [--replication N]}.
 *
 * @param port of the REST interface
 * @param bootstrapServers Kafka
 * @param group the worker's group, and the start of its topics' names
 * @param bind the address listened on
 * @param advertisedHost as which other workers reach this one
 * @param replication on how many brokers the worker's topics are kept; -1 for what the brokers think best
 */
record ConnectOptions(
        int port, String bootstrapServers, String group, String bind, String advertisedHost, int replication) {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String KAFKA = "KAFKA_";
    private static final Pattern SECURITY = Pattern.compile(KAFKA + "(SECURITY|SASL|SSL)_[A-Z_]+");
    private static final String DEFAULT_GROUP = "mooring-connect";
    private static final Set<String> NAMES =
            Set.of("--port", "--bootstrap-servers", "--group", "--bind", "--advertised-host", "--replication");

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
                given.getOrDefault("--group", DEFAULT_GROUP),
                given.getOrDefault("--bind", LOOPBACK),
                given.getOrDefault("--advertised-host", LOOPBACK),
                replication(given.getOrDefault("--replication", "1")));
    }

    private static int replication(String text) {
        if (text.matches("-1|[1-9][0-9]?")) {
            return Integer.parseInt(text);
        }
        throw new IllegalArgumentException("--replication wants -1 or a number from 1, not " + text);
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

    /**
     * The worker's settings, as Kafka Connect names them.
     *
     * @param environment of which {@code KAFKA_SECURITY_PROTOCOL} and the like say how Kafka is reached, by the worker
     *     itself and by its connectors
     */
    Map<String, String> properties(Map<String, String> environment) {
        Map<String, String> properties = new HashMap<>();
        environment.forEach((name, value) -> {
            if (SECURITY.matcher(name).matches()) {
                String setting =
                        name.substring(KAFKA.length()).toLowerCase(Locale.ROOT).replace('_', '.');
                for (String client : List.of("", "producer.", "consumer.", "admin.")) {
                    properties.put(client + setting, value);
                }
            }
        });
        properties.put("bootstrap.servers", bootstrapServers);
        properties.put("group.id", group);
        properties.put("listeners", "http://" + bind + ":" + port);
        properties.put("rest.advertised.host.name", advertisedHost);
        properties.put("rest.advertised.port", Integer.toString(port));
        properties.put("key.converter", "org.apache.kafka.connect.json.JsonConverter");
        properties.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");

        for (String kind : List.of("config", "offset", "status")) {
            properties.put(kind + ".storage.topic", group + "." + kind);
            properties.put(kind + ".storage.replication.factor", Integer.toString(replication));
        }
        properties.put("offset.storage.partitions", "1");
        properties.put("status.storage.partitions", "1");

        // What was read since the last flush is read again after a crash: keep that little.
        properties.put("offset.flush.interval.ms", "500");
        // What stands in its own topics hardly ever changes, and a change is told at once: no need to ask twice a
        // second.
        properties.put("fetch.max.wait.ms", "5000");
        // A worker that died is not waited for: it comes back as a new member of the group.
        properties.put("scheduled.rebalance.max.delay.ms", "0");
        properties.put("session.timeout.ms", "10000");

        // Secrets come by environment: a connector's configuration, which anyone who may ask Connect
        // can read, holds only ${env:NAME}.
        properties.put("config.providers", "env");
        properties.put("config.providers.env.class", SecretProvider.class.getName());

        // All plugins are on the class path and registered there: no scan of every class.
        properties.put("plugin.discovery", "service_load");
        return properties;
    }
}
