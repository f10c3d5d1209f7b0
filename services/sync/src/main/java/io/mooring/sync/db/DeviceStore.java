package io.mooring.sync.db;

import io.mooring.contracts.sync.StreamPosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Devices: whose they are, and how far each has followed. */
public final class DeviceStore {
    /**
     * A device as provisioning last spoke of it.
     *
     * @param state {@code active}, {@code blocked} or {@code released}
     */
    public record Device(
            String id,
            String cloud,
            @Nullable String account,
            @Nullable String product,
            String state) {}

    private DeviceStore() {}

    /** The devices there are of some ids, locked until the transaction ends. */
    public static Map<String, Device> lock(Connection connection, Collection<String> ids) throws SQLException {
        Map<String, Device> devices = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id, cloud, account, product, state FROM sync.device WHERE id = ANY (?) ORDER BY id FOR UPDATE")) {
            statement.setArray(1, Sql.texts(connection, ids, id -> id));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    devices.put(result.getString(1), device(result));
                }
            }
        }
        return devices;
    }

    /** Notes what provisioning said. */
    public static void save(Connection connection, List<Device> devices) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO sync.device (id, cloud, account, product, state)
                SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
                ON CONFLICT (id) DO UPDATE SET cloud = excluded.cloud, account = excluded.account,
                  product = excluded.product, state = excluded.state""")) {
            Object[][] columns = {
                devices.stream().map(Device::id).toArray(),
                devices.stream().map(Device::cloud).toArray(),
                devices.stream().map(Device::account).toArray(),
                devices.stream().map(Device::product).toArray(),
                devices.stream().map(Device::state).toArray()
            };
            for (int i = 0; i < columns.length; i++) {
                statement.setArray(i + 1, connection.createArrayOf("text", columns[i]));
            }
            statement.executeUpdate();
        }
    }

    /** Forgets devices and where they stood; their rows stay. */
    public static void forget(Connection connection, List<String> ids) throws SQLException {
        for (String table : List.of(
                "device_position WHERE device",
                "device_claim WHERE device",
                "catch_up WHERE device",
                "device WHERE id")) {
            try (PreparedStatement statement =
                    connection.prepareStatement("DELETE FROM sync." + table + " = ANY (?)")) {
                statement.setArray(1, Sql.texts(connection, ids, id -> id));
                statement.executeUpdate();
            }
        }
    }

    /** Devices that changed hands get everything anew, whatever they say they know. */
    public static void resyncBefore(Connection connection, List<String> ids, StreamPosition place) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE sync.device SET resync_epoch = ?, resync_next = ? WHERE id = ANY (?)")) {
            statement.setInt(1, place.epoch());
            statement.setLong(2, place.offset());
            statement.setArray(3, Sql.texts(connection, ids, id -> id));
            statement.executeUpdate();
        }
    }

    /** The place from which on a device's own word of where it stands is believed, if there is one. */
    public static Optional<StreamPosition> resyncPlace(Connection connection, String device, String cloud)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT resync_epoch, resync_next FROM sync.cloud WHERE name = ? AND resync_epoch > 0
                UNION ALL SELECT resync_epoch, resync_next FROM sync.device WHERE id = ? AND resync_epoch > 0
                ORDER BY 1 DESC, 2 DESC LIMIT 1""")) {
            statement.setString(1, cloud);
            statement.setString(2, device);
            try (ResultSet result = statement.executeQuery()) {
                return result.next()
                        ? Optional.of(new StreamPosition(result.getInt(1), result.getLong(2)))
                        : Optional.empty();
            }
        }
    }

    /**
     * What a device said of where it stands.
     *
     * @param origin the record in which it did
     * @param rowBatches whether it said as well that it understands several rows in one message
     */
    public record Claim(String device, String since, String origin, boolean rowBatches) {}

    /** Notes what devices say of where they stand; each at most once. */
    public static void claim(Connection connection, List<Claim> claims) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO sync.device_claim (device, since, origin, row_batches)
                SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::boolean[])
                ON CONFLICT (device) DO UPDATE SET since = excluded.since, origin = excluded.origin,
                  row_batches = excluded.row_batches""")) {
            statement.setArray(1, Sql.texts(connection, claims, Claim::device));
            statement.setArray(2, Sql.texts(connection, claims, Claim::since));
            statement.setArray(3, Sql.texts(connection, claims, Claim::origin));
            statement.setArray(
                    4,
                    connection.createArrayOf(
                            "boolean", claims.stream().map(Claim::rowBatches).toArray()));
            statement.executeUpdate();
        }
    }

    /**
     * Notes where the write-ahead log is, once all is written that devices sent before they said where they stand: what
     * they wrote before that they may have lost since. Last in its transaction.
     */
    public static void noteAsked(Connection connection, Collection<String> ids) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                UPDATE sync.device_claim SET asked_lsn = pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')
                WHERE device = ANY (?)""")) {
            statement.setArray(1, connection.createArrayOf("text", ids.toArray()));
            statement.executeUpdate();
        }
    }

    /** Those of some devices that, when they last asked, said that they understand several rows in one message. */
    public static Set<String> takingRowBatches(Connection connection, Collection<String> ids) throws SQLException {
        Set<String> taking = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT device FROM sync.device_claim WHERE device = ANY (?) AND row_batches")) {
            statement.setArray(1, Sql.texts(connection, ids, id -> id));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    taking.add(result.getString(1));
                }
            }
        }
        return taking;
    }

    /** Where the write-ahead log was when devices last asked; those that never did are left out. */
    public static Map<String, Long> asked(Connection connection, Collection<String> ids) throws SQLException {
        Map<String, Long> asked = new HashMap<>();
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT device, asked_lsn FROM sync.device_claim WHERE device = ANY (?)")) {
            statement.setArray(1, connection.createArrayOf("text", ids.toArray()));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    asked.put(result.getString(1), result.getLong(2));
                }
            }
        }
        return asked;
    }

    /**
     * Where devices stand for certain: at the end of the catch-up that met their last request, or else where they said
     * themselves. Of those that never asked, nothing is known.
     */
    public static Map<String, StreamPosition> positions(Connection connection, Collection<String> ids)
            throws SQLException {
        Map<String, StreamPosition> positions = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT c.device, c.since, p.epoch, p.next FROM sync.device_claim c
                LEFT JOIN sync.device_position p ON p.device = c.device AND p.origin = c.origin
                WHERE c.device = ANY (?)""")) {
            statement.setArray(1, Sql.texts(connection, ids, id -> id));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    String device = result.getString(1);
                    int epoch = result.getInt(3);
                    if (epoch > 0) {
                        positions.put(device, new StreamPosition(epoch, result.getLong(4)));
                    } else {
                        StreamPosition.parse(result.getString(2)).ifPresent(since -> positions.put(device, since));
                    }
                }
            }
        }
        return positions;
    }

    /**
     * Notes that a device was given all it had missed.
     *
     * @param origin the record in which it had asked, empty if it had not
     */
    public static void reached(Connection connection, String device, StreamPosition place, String origin)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO sync.device_position (device, epoch, next, origin) VALUES (?, ?, ?, ?)
                ON CONFLICT (device) DO UPDATE
                SET epoch = excluded.epoch, next = excluded.next, origin = excluded.origin""")) {
            statement.setString(1, device);
            statement.setInt(2, place.epoch());
            statement.setLong(3, place.offset());
            statement.setString(4, origin);
            statement.executeUpdate();
        }
    }

    /** The first device of an account after an id, if there is one. */
    public static Optional<String> nextOf(Connection connection, String cloud, String account, String after)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id FROM sync.device WHERE cloud = ? AND account = ? AND id > ? ORDER BY id LIMIT 1")) {
            statement.setString(1, cloud);
            statement.setString(2, account);
            statement.setString(3, after);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? Optional.of(result.getString(1)) : Optional.empty();
            }
        }
    }

    /** The active devices of a cloud, or of an account in it, after an id, in order, at most {@code limit}. */
    public static List<String> page(
            Connection connection, String cloud, @Nullable String account, String after, int limit)
            throws SQLException {
        List<String> ids = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT id FROM sync.device WHERE cloud = ? AND (?::text IS NULL OR account = ?) AND id > ?
                AND state = 'active' ORDER BY id LIMIT ?""")) {
            statement.setString(1, cloud);
            statement.setString(2, account);
            statement.setString(3, account);
            statement.setString(4, after);
            statement.setInt(5, limit);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    ids.add(result.getString(1));
                }
            }
        }
        return ids;
    }

    /** A device, if it is known. */
    public static Optional<Device> find(Connection connection, String id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id, cloud, account, product, state FROM sync.device WHERE id = ?")) {
            statement.setString(1, id);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? Optional.of(device(result)) : Optional.empty();
            }
        }
    }

    /** What a device last said of where it stands, as it said it. */
    public static Optional<String> claimed(Connection connection, String id) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT since FROM sync.device_claim WHERE device = ?")) {
            statement.setString(1, id);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? Optional.of(result.getString(1)) : Optional.empty();
            }
        }
    }

    private static Device device(ResultSet result) throws SQLException {
        return new Device(
                result.getString(1),
                result.getString(2),
                result.getString(3),
                result.getString(4),
                result.getString(5));
    }
}
