package io.mooring.metrics.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Devices as provisioning last spoke of them. */
public final class DeviceStore {
    /**
     * A device.
     *
     * @param since when it came into its state
     * @param generation how often it changed hands
     */
    public record Device(
            String id,
            String cloud,
            @Nullable String account,
            @Nullable String product,
            String state,
            @Nullable Instant since,
            int generation) {}

    /** What is in a new owner's hands, or in nobody's, is a new device: its series are its own. */
    private static final String SAVE = """
        INSERT INTO metrics.device AS d (id, cloud, account, product, state, since)
        SELECT id, cloud, account, product, state, since::timestamptz
        FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
          AS u(id, cloud, account, product, state, since)
        ON CONFLICT (id) DO UPDATE SET cloud = excluded.cloud, account = excluded.account,
          product = excluded.product, state = excluded.state, since = excluded.since,
          generation = d.generation + CASE WHEN d.cloud <> excluded.cloud
            OR d.account IS DISTINCT FROM excluded.account
            OR (excluded.state = 'released' AND d.state <> 'released') THEN 1 ELSE 0 END""";

    private DeviceStore() {}

    /** Notes what provisioning said. */
    public static void save(Connection connection, List<Device> devices) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SAVE)) {
            texts(connection, statement, 1, devices, Device::id);
            texts(connection, statement, 2, devices, Device::cloud);
            texts(connection, statement, 3, devices, Device::account);
            texts(connection, statement, 4, devices, Device::product);
            texts(connection, statement, 5, devices, Device::state);
            texts(
                    connection,
                    statement,
                    6,
                    devices,
                    d -> d.since() == null ? null : d.since().toString());
            statement.executeUpdate();
        }
    }

    /**
     * Forgets devices that are no more. The row stays, in nobody's hands: one that comes back under the same id is
     * another.
     */
    public static void forget(Connection connection, Collection<String> ids) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                UPDATE metrics.device SET state = 'released', account = NULL, product = NULL, generation = generation + 1
                 WHERE id = ANY (?) AND (state <> 'released' OR account IS NOT NULL)""")) {
            statement.setArray(1, connection.createArrayOf("text", ids.toArray()));
            statement.executeUpdate();
        }
    }

    /**
     * Whether a device is active and has been so, as this account's, since a time: whether the access key it got then is
     * still good.
     */
    public static boolean isSame(Connection connection, String device, String cloud, String account, Instant since)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT 1 FROM metrics.device WHERE id = ? AND cloud = ? AND account = ? AND state = 'active'
                  AND (since IS NULL OR date_trunc('milliseconds', since) = ?)""")) {
            statement.setString(1, device);
            statement.setString(2, cloud);
            statement.setString(3, account);
            statement.setObject(4, since.atOffset(ZoneOffset.UTC));
            try (ResultSet result = statement.executeQuery()) {
                return result.next();
            }
        }
    }

    /** The devices there are of some ids. */
    public static Map<String, Device> find(Connection connection, Collection<String> ids) throws SQLException {
        Map<String, Device> devices = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id, cloud, account, product, state, generation FROM metrics.device WHERE id = ANY (?)")) {
            statement.setArray(1, connection.createArrayOf("text", ids.toArray()));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    Device device = new Device(
                            result.getString(1),
                            result.getString(2),
                            result.getString(3),
                            result.getString(4),
                            result.getString(5),
                            null,
                            result.getInt(6));
                    devices.put(device.id(), device);
                }
            }
        }
        return devices;
    }

    /** A device. */
    public static Optional<Device> find(Connection connection, String id) throws SQLException {
        return Optional.ofNullable(find(connection, List.of(id)).get(id));
    }

    private static void texts(
            Connection connection,
            PreparedStatement statement,
            int at,
            List<Device> devices,
            Function<Device, @Nullable String> text)
            throws SQLException {
        statement.setArray(
                at, connection.createArrayOf("text", devices.stream().map(text).toArray()));
    }
}
