package io.mooring.e2e.check;

import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import io.mooring.devstack.launcher.DevstackBuilder;
import io.mooring.devstack.launcher.Ports;
import io.mooring.devstack.launcher.Route;
import io.mooring.devstack.launcher.process.Notices;
import io.mooring.e2e.CloudAccess;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** A whole cloud whose parts can be killed, and every two of whose parts can be kept from each other. */
final class CheckedCloud implements AutoCloseable {
    /** What takes part; files are no part of sync. */
    static final List<Component> COMPONENTS = List.of(
            Component.POSTGRESQL,
            Component.KAFKA,
            Component.CONNECT,
            Component.CERTIFICATE_AUTHORITY,
            Component.PROVISIONING,
            Component.SYNC,
            Component.BROKER);

    private static final String WRITER_ROLE = "mooring_operator";
    private static final String NO_LIMIT = "1000000";

    private final Devstack stack;
    private final List<Link> links;
    private final CloudAccess access;
    private final int writersPort;

    private CheckedCloud(Devstack stack, List<Link> links, CloudAccess access, int writersPort) {
        this.stack = stack;
        this.links = links;
        this.access = access;
        this.writersPort = writersPort;
    }

    /**
     * Starts it.
     *
     * @param folder where to keep its data, or null for a temporary folder
     */
    static CheckedCloud start(@Nullable Path folder) throws IOException {
        return start(folder, Devstack.builder());
    }

    /** Starts one that lives for minutes only, in a temporary folder. */
    static CheckedCloud startBrief() throws IOException {
        return start(null, Devstack.builder().brief());
    }

    private static CheckedCloud start(@Nullable Path folder, DevstackBuilder builder) throws IOException {
        Ports ports = Ports.free();
        List<Link> links = new ArrayList<>();
        builder.with(COMPONENTS.toArray(Component[]::new)).ports(ports).notices(new Silent());
        if (folder != null) {
            builder.dataDir(folder);
        }
        try {
            for (Component client : List.of(Component.SYNC, Component.CONNECT, Component.BROKER)) {
                Link link = new Link(client.label() + "-kafka", 0, Ports.anyFree());
                links.add(link);
                builder.route(new Route(client, Component.KAFKA, link.port(), link.target()));
            }
            for (Component client : List.of(Component.SYNC, Component.CONNECT, Component.PROVISIONING)) {
                Link link = new Link(client.label() + "-postgresql", 0, ports.postgresql());
                links.add(link);
                builder.route(new Route(client, Component.POSTGRESQL, link.port(), link.target()));
            }
            Link writers = new Link("writers-postgresql", 0, ports.postgresql());
            Link devices = new Link("devices-broker", 0, ports.mqtt());
            Link joining = new Link("devices-provisioning", 0, ports.api());
            links.addAll(List.of(writers, devices, joining));
            builder.environment(Component.PROVISIONING, provisioning(devices.port(), joining.port()));
            Devstack stack = builder.start();
            prepareMarks(stack);
            return new CheckedCloud(
                    stack,
                    links,
                    CloudAccess.of(stack).withDeviceApi("https://localhost:" + joining.port()),
                    writers.port());
        } catch (IOException | RuntimeException failed) {
            for (Link link : links) {
                link.close();
            }
            throw failed;
        }
    }

    /**
     * Where SQL writers mark their transactions, in a schema that is not captured: PostgreSQL's own word on a transaction
     * ({@code pg_xact_status}) does not survive a crash, after which another may have got its number.
     */
    private static void prepareMarks(Devstack stack) {
        try (Connection connection = stack.connection("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("""
                CREATE SCHEMA IF NOT EXISTS checker;
                CREATE TABLE IF NOT EXISTS checker.mark (tx bigint PRIMARY KEY);
                GRANT USAGE ON SCHEMA checker TO %1$s;
                GRANT INSERT ON checker.mark TO %1$s;
                """.formatted(WRITER_ROLE));
        } catch (SQLException failed) {
            throw new IllegalStateException("the table of marks could not be made", failed);
        }
    }

    private static Map<String, String> provisioning(int mqtt, int api) {
        Map<String, String> variables = new HashMap<>();
        variables.put("MOORING_PROVISIONING_MQTT_PORT", Integer.toString(mqtt));
        variables.put("MOORING_PROVISIONING_PUBLIC_URL", "https://localhost:" + api);
        // A device that is wiped again and again joins more often than any is allowed to.
        for (String limit : List.of("REGISTER", "NEW_IDS", "PRODUCT_NEW_IDS")) {
            variables.put("MOORING_PROVISIONING_LIMITS_" + limit + "_PER_SECOND", NO_LIMIT);
            variables.put("MOORING_PROVISIONING_LIMITS_" + limit + "_BURST", NO_LIMIT);
        }
        return variables;
    }

    CloudAccess access() {
        return access;
    }

    List<Link> links() {
        return links;
    }

    Link link(String name) {
        return links.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** A connection of an application that writes, over a line that may be cut. */
    Connection writer() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", WRITER_ROLE);
        properties.setProperty("password", stack.password(WRITER_ROLE));
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "20");
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + writersPort + "/mooring", properties);
    }

    /** A connection for looking at things, over no line that is ever cut. */
    Connection observer() throws SQLException {
        return stack.connection("postgres");
    }

    String topic(io.mooring.contracts.kafka.Topic topic) {
        return topic.name(stack.topicsPrefix());
    }

    String deadLetters(io.mooring.contracts.kafka.Topic topic) {
        return topic.deadLetterName(stack.topicsPrefix());
    }

    void kill(Component component) {
        stack.kill(component);
    }

    boolean isReady(Component component) {
        return stack.isReady(component);
    }

    /** Ends all trouble, and waits until everything runs. */
    void heal() {
        links.forEach(Link::heal);
        COMPONENTS.forEach(stack::awaitReady);
    }

    Path folder() {
        return stack.dataDir();
    }

    @Override
    public void close() throws IOException {
        stack.close();
        for (Link link : links) {
            link.close();
        }
    }

    /** Deaths are in the history: that they happen is the point. */
    private static final class Silent implements Notices {
        @Override
        public void ready(String name, boolean again) {}

        @Override
        public void died(String name, String why, @Nullable Duration restartsIn) {}

        @Override
        public void stopping() {}

        @Override
        public void stopped() {}

        @Override
        public void note(String sentence) {}
    }
}
