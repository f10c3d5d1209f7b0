package io.mooring.sync.db;

import io.mooring.contracts.schema.Direction;
import io.mooring.contracts.sync.StreamPosition;
import io.mooring.sync.core.CloudControl;
import io.mooring.sync.core.DeviceControl;
import io.mooring.sync.core.RowFilter;
import io.mooring.sync.core.TableControl;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What was set of sync at run time: directions and filters of tables, paused devices. */
public final class ControlStore {
    /** As {@code device} of a table: set for the whole cloud. */
    public static final String WHOLE_CLOUD = "";

    private ControlStore() {}

    /** Which version of what is set each cloud is at. */
    public static Map<String, Long> versions(Connection connection, Collection<String> clouds) throws SQLException {
        Map<String, Long> versions = new HashMap<>();
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT name, control_version FROM sync.cloud WHERE name = ANY (?)")) {
            statement.setArray(1, connection.createArrayOf("text", clouds.toArray()));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    versions.put(result.getString(1), result.getLong(2));
                }
            }
        }
        return versions;
    }

    /** All that is set in a cloud. */
    public static CloudControl load(Connection connection, String cloud, long version) throws SQLException {
        Map<String, Map<String, TableControl>> tables = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT device, model, direction, row_filter FROM sync.table_control WHERE cloud = ?")) {
            statement.setString(1, cloud);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    tables.computeIfAbsent(result.getString(1), device -> new HashMap<>())
                            .put(
                                    result.getString(2),
                                    new TableControl(direction(result.getString(3)), filter(result.getString(4))));
                }
            }
        }
        Map<String, TableControl> common = tables.getOrDefault(WHOLE_CLOUD, Map.of());
        tables.remove(WHOLE_CLOUD);
        Set<String> paused = paused(connection, cloud);
        Set<String> ids = new HashSet<>(paused);
        ids.addAll(tables.keySet());
        Map<String, DeviceControl> devices = new HashMap<>();
        for (String device : ids) {
            devices.put(device, new DeviceControl(paused.contains(device), tables.getOrDefault(device, Map.of())));
        }
        return new CloudControl(version, common, devices);
    }

    private static Set<String> paused(Connection connection, String cloud) throws SQLException {
        Set<String> paused = new HashSet<>();
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT device FROM sync.device_control WHERE cloud = ? AND paused")) {
            statement.setString(1, cloud);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    paused.add(result.getString(1));
                }
            }
        }
        return paused;
    }

    private static @Nullable Direction direction(@Nullable String name) {
        return name == null ? null : Direction.named(name).orElse(null);
    }

    private static @Nullable RowFilter filter(@Nullable String name) {
        return name == null ? null : RowFilter.named(name).orElse(null);
    }

    /** Sets a table of a device or the whole cloud; nothing set removes it. */
    public static void setTable(Connection connection, String cloud, String device, String model, TableControl control)
            throws SQLException {
        if (control.equals(TableControl.UNSET)) {
            try (PreparedStatement statement = connection.prepareStatement(
                    "DELETE FROM sync.table_control WHERE cloud = ? AND device = ? AND model = ?")) {
                statement.setString(1, cloud);
                statement.setString(2, device);
                statement.setString(3, model);
                statement.executeUpdate();
            }
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO sync.table_control (cloud, device, model, direction, row_filter) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (cloud, device, model) DO UPDATE
                SET direction = excluded.direction, row_filter = excluded.row_filter, changed = now()""")) {
            Direction direction = control.direction();
            RowFilter rows = control.rows();
            statement.setString(1, cloud);
            statement.setString(2, device);
            statement.setString(3, model);
            statement.setString(4, direction == null ? null : direction.name().toLowerCase(Locale.ROOT));
            statement.setString(5, rows == null ? null : rows.label());
            statement.executeUpdate();
        }
    }

    /** Pauses a device that is not; {@code place} is from where on it must be told once it is resumed. */
    public static void pause(Connection connection, String cloud, String device, StreamPosition place)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO sync.device_control (device, cloud, paused, since_epoch, since_next)
                VALUES (?, ?, true, ?, ?)
                ON CONFLICT (device) DO UPDATE SET cloud = excluded.cloud, paused = true,
                  since_epoch = excluded.since_epoch, since_next = excluded.since_next, changed = now()""")) {
            statement.setString(1, device);
            statement.setString(2, cloud);
            statement.setInt(3, place.epoch());
            statement.setLong(4, place.offset());
            statement.executeUpdate();
        }
    }

    /** Resumes a device, and owes it what it missed: since it last said where it stands, or since the pause. */
    public static void resume(Connection connection, String device) throws SQLException {
        try (PreparedStatement owe = connection.prepareStatement("""
                INSERT INTO sync.catch_up (device, cloud, account, since, origin, asked_for)
                SELECT d.id, d.cloud, d.account, coalesce(c.since, ?), coalesce(c.origin, ''), c.device IS NOT NULL
                FROM sync.device d LEFT JOIN sync.device_claim c ON c.device = d.id WHERE d.id = ?
                ON CONFLICT (device) DO NOTHING""")) {
            owe.setString(1, pausedAt(connection, device));
            owe.setString(2, device);
            owe.executeUpdate();
        }
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM sync.device_control WHERE device = ?")) {
            statement.setString(1, device);
            statement.executeUpdate();
        }
    }

    private static String pausedAt(Connection connection, String device) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT since_epoch, since_next FROM sync.device_control WHERE device = ? AND since_epoch > 0")) {
            statement.setString(1, device);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? new StreamPosition(result.getInt(1), result.getLong(2)).toString() : "";
            }
        }
    }

    /** Forgets what was set for devices that are gone, or belong to another cloud now. */
    public static void forget(Connection connection, Collection<String> devices) throws SQLException {
        if (devices.isEmpty()) {
            return;
        }
        for (String sql : new String[] {
            "UPDATE sync.cloud SET control_version = control_version + 1 WHERE name IN"
                    + " (SELECT cloud FROM sync.device_control WHERE device = ANY (?)"
                    + " UNION SELECT cloud FROM sync.table_control WHERE device = ANY (?))",
            "DELETE FROM sync.device_control WHERE device = ANY (?)",
            "DELETE FROM sync.table_control WHERE device = ANY (?)",
            "DELETE FROM sync.table_anew WHERE device = ANY (?)"
        }) {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 1; i <= sql.chars().filter(c -> c == '?').count(); i++) {
                    statement.setArray(i, connection.createArrayOf("text", devices.toArray()));
                }
                statement.executeUpdate();
            }
        }
    }

    /** Notes that what is set has changed; answers the version it is at now. */
    public static long changed(Connection connection, String cloud) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE sync.cloud SET control_version = control_version + 1 WHERE name = ? RETURNING control_version")) {
            statement.setString(1, cloud);
            try (ResultSet result = statement.executeQuery()) {
                if (!result.next()) {
                    throw new SQLException("there is no cloud " + cloud);
                }
                return result.getLong(1);
            }
        }
    }

    /** From here on, who stands before a place gets all of a table anew: one device, or all of the cloud. */
    public static void giveAnew(Connection connection, String cloud, String device, String model, StreamPosition place)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO sync.table_anew (cloud, device, model, epoch, next) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (cloud, device, model) DO UPDATE SET epoch = excluded.epoch, next = excluded.next""")) {
            statement.setString(1, cloud);
            statement.setString(2, device);
            statement.setString(3, model);
            statement.setInt(4, place.epoch());
            statement.setLong(5, place.offset());
            statement.executeUpdate();
        }
    }

    /** Per model, the place before which a device must get all of it anew. */
    public static Map<String, StreamPosition> anew(Connection connection, String cloud, String device)
            throws SQLException {
        Map<String, StreamPosition> places = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT model, epoch, next FROM sync.table_anew WHERE cloud = ? AND device IN ('', ?)")) {
            statement.setString(1, cloud);
            statement.setString(2, device);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    places.merge(
                            result.getString(1),
                            new StreamPosition(result.getInt(2), result.getLong(3)),
                            (a, b) -> a.compareTo(b) >= 0 ? a : b);
                }
            }
        }
        return places;
    }

    /** The accounts of devices that have one. */
    public static Map<String, String> accounts(Connection connection, String cloud, Collection<String> devices)
            throws SQLException {
        Map<String, String> accounts = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id, account FROM sync.device WHERE cloud = ? AND account IS NOT NULL AND id = ANY (?)")) {
            statement.setString(1, cloud);
            statement.setArray(2, connection.createArrayOf("text", devices.toArray()));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    accounts.put(result.getString(1), result.getString(2));
                }
            }
        }
        return accounts;
    }
}
