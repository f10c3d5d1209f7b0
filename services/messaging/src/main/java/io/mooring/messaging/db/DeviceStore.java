package io.mooring.messaging.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Devices, as provisioning last spoke of them. */
public final class DeviceStore {
    /**
     * A device.
     *
     * @param state {@code active}, {@code blocked} or {@code released}
     * @param since when it came into this state
     */
    public record Device(
            String id,
            String cloud,
            @Nullable String account,
            @Nullable String product,
            String state,
            @Nullable Instant since) {}

    private DeviceStore() {}

    /** Notes what provisioning said. */
    public static void save(Connection connection, List<Device> devices) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO messaging.device (id, cloud, account, product, state, since)
                SELECT id, cloud, account, product, state, since::timestamptz
                FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
                  AS u(id, cloud, account, product, state, since)
                ON CONFLICT (id) DO UPDATE SET cloud = excluded.cloud, account = excluded.account,
                  product = excluded.product, state = excluded.state, since = excluded.since""")) {
            Sql.texts(connection, statement, 1, devices, Device::id);
            Sql.texts(connection, statement, 2, devices, Device::cloud);
            Sql.texts(connection, statement, 3, devices, Device::account);
            Sql.texts(connection, statement, 4, devices, Device::product);
            Sql.texts(connection, statement, 5, devices, Device::state);
            Sql.texts(
                    connection,
                    statement,
                    6,
                    devices,
                    device -> device.since() == null ? null : device.since().toString());
            statement.executeUpdate();
        }
    }

    /** Forgets devices. */
    public static void forget(Connection connection, Collection<String> ids) throws SQLException {
        for (String table : List.of("device WHERE id", "answering_device WHERE device")) {
            try (PreparedStatement statement =
                    connection.prepareStatement("DELETE FROM messaging." + table + " = ANY (?)")) {
                statement.setArray(1, connection.createArrayOf("text", ids.toArray()));
                statement.executeUpdate();
            }
        }
    }

    /** The devices there are of some ids. */
    public static Map<String, Device> find(Connection connection, Collection<String> ids) throws SQLException {
        Map<String, Device> devices = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id, cloud, account, product, state, since FROM messaging.device WHERE id = ANY (?)")) {
            statement.setArray(1, connection.createArrayOf("text", ids.toArray()));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    Device device = new Device(
                            result.getString(1),
                            result.getString(2),
                            result.getString(3),
                            result.getString(4),
                            result.getString(5),
                            Sql.time(result, "since"));
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
}
