package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.mooring.agent.AgentConfig;
import io.mooring.agent.AgentRuntime;
import io.mooring.agent.AgentState;
import io.mooring.agent.DeviceAgent;
import io.mooring.agent.Schemas;
import io.mooring.devstack.launcher.Component;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Kills every process of the cloud in turn (signal 9) while a device and SQL write; afterwards no acknowledged row may be
 * missing on either side. Those that no row passes die together, but with {@code -Dmooring.long=true}.
 */
@ExtendWith(WholeCloud.class)
@Order(3)
@ResourceLock(WholeCloud.PROCESSES)
class KilledProcessesIT {
    private static final Duration HEALED = Duration.ofSeconds(120);
    private static final Duration BETWEEN_WRITES = Duration.ofMillis(20);
    private static final int WRITES_BEFORE_AND_AFTER = 10;
    private static final boolean LONG = Boolean.getBoolean("mooring.long");
    private static final Set<Component> ON_THE_WAY = EnumSet.of(
            Component.POSTGRESQL,
            Component.KAFKA,
            Component.CONNECT,
            Component.PROVISIONING,
            Component.SYNC,
            Component.BROKER);

    private final CloudAccess cloud;
    private final LocalCloud stack;
    private final TreeMap<String, String> acknowledgedSql = new TreeMap<>();
    private final AtomicBoolean writing = new AtomicBoolean(true);
    private volatile int written;
    private volatile int sqlWritten;

    KilledProcessesIT(CloudAccess cloud, LocalCloud stack) {
        this.cloud = cloud;
        this.stack = stack;
    }

    @Test
    void nothingAcknowledgedIsLostWhicheverProcessDies(@TempDir Path folder) throws Exception {
        String product;
        try (OperatorApi operator = new OperatorApi(cloud)) {
            product = operator.createProduct("killed");
        }
        AgentConfig config = AgentConfig.of(cloud.deviceApi(), product, folder.resolve("device"))
                .owner("main", "main")
                .authority(cloud.authority())
                .schema(Schemas.demo())
                .retries(Duration.ofMillis(200), Duration.ofSeconds(2))
                .build();
        try (AgentRuntime runtime = AgentRuntime.trusting(cloud.authority(), 1);
                DeviceAgent device =
                        DeviceAgent.open(config, runtime, event -> {}).start()) {
            assertThat(device.await(AgentState.READY, HEALED)).isTrue();
            Thread onDevice = Thread.ofVirtual().start(() -> writeOnDevice(device));
            Thread inTheCloud = Thread.ofVirtual().start(() -> writeInTheCloud(device.id()));

            for (List<Component> victims : turns()) {
                awaitMoreWrites();
                kill(victims);
                awaitMoreWrites();
            }
            writing.set(false);
            onDevice.join();
            inTheCloud.join();

            await().atMost(HEALED).until(() -> device.backlog() == 0);
            await().atMost(HEALED)
                    .untilAsserted(() -> assertThat(onDevice(device)).isEqualTo(inCloud(device.id())));
            TreeMap<String, String> rows = inCloud(device.id());
            assertThat(rows.keySet().stream().filter(id -> id.startsWith("d"))).hasSize(written);
            assertThat(rows).containsAllEntriesOf(acknowledgedSql);
        }
    }

    private static List<List<Component>> turns() {
        List<List<Component>> turns = new ArrayList<>();
        for (Component each : Component.values()) {
            if (LONG || ON_THE_WAY.contains(each)) {
                turns.add(List.of(each));
            }
        }
        if (!LONG) {
            turns.add(Stream.of(Component.values())
                    .filter(each -> !ON_THE_WAY.contains(each))
                    .toList());
        }
        return turns;
    }

    private void kill(List<Component> victims) {
        stack.kill(victims);
        victims.forEach(stack::awaitReady);
    }

    private void awaitMoreWrites() {
        int here = written;
        int there = sqlWritten;
        await().atMost(HEALED)
                .until(() ->
                        written >= here + WRITES_BEFORE_AND_AFTER && sqlWritten >= there + WRITES_BEFORE_AND_AFTER);
    }

    /** What the device writes is acknowledged by its own database, whatever the cloud does. */
    private void writeOnDevice(DeviceAgent device) {
        try {
            while (writing.get()) {
                String id = "d%06d".formatted(written);
                device.rows().put("Reading", Map.of("id", id, "value", (double) written));
                written++;
                Thread.sleep(BETWEEN_WRITES);
            }
        } catch (SQLException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What SQL writes is acknowledged when the transaction committed; one that broke may or may not stand. */
    private void writeInTheCloud(String device) {
        while (writing.get()) {
            try (Connection connection = cloud.connect();
                    PreparedStatement insert = connection.prepareStatement(
                            "INSERT INTO cloud_main.reading (device_id, id, value) VALUES (?, ?, ?)")) {
                while (writing.get()) {
                    String id = "s%06d".formatted(sqlWritten);
                    insert.setString(1, device);
                    insert.setString(2, id);
                    insert.setDouble(3, sqlWritten);
                    insert.executeUpdate();
                    acknowledgedSql.put(id, String.valueOf((double) sqlWritten));
                    sqlWritten++;
                    Thread.sleep(BETWEEN_WRITES);
                }
            } catch (SQLException broken) {
                // The database is being killed. The row in flight may stand or not, so its number is not used again.
                sqlWritten++;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private TreeMap<String, String> inCloud(String device) throws SQLException {
        TreeMap<String, String> rows = new TreeMap<>();
        try (Connection connection = cloud.connect();
                PreparedStatement query =
                        connection.prepareStatement("SELECT id, value FROM cloud_main.reading WHERE device_id = ?")) {
            query.setString(1, device);
            try (ResultSet result = query.executeQuery()) {
                while (result.next()) {
                    rows.put(result.getString(1), String.valueOf(result.getDouble(2)));
                }
            }
        }
        return rows;
    }

    private static TreeMap<String, String> onDevice(DeviceAgent device) throws SQLException {
        TreeMap<String, String> rows = new TreeMap<>();
        for (Map<String, @Nullable Object> row : device.rows().query("SELECT id, value FROM reading")) {
            // SQLite gives a whole number back as an integer.
            rows.put(
                    String.valueOf(row.get("id")),
                    String.valueOf(((Number) Objects.requireNonNull(row.get("value"))).doubleValue()));
        }
        return rows;
    }
}
