package io.mooring.messaging.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rows of devices' stores, in the cloud tables, as any application reads and writes them. */
public final class StoreRows {
    private StoreRows() {}

    /** Whether a cloud has its tables yet. */
    public static boolean isThere(Connection connection, String cloud) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
            statement.setString(1, Sql.table(cloud, "store"));
            try (ResultSet result = statement.executeQuery()) {
                return result.next() && result.getBoolean(1);
            }
        }
    }

    /** A value as text: a text itself, anything else as JSON; empty if there is none, or none any more. */
    public static Optional<String> value(Connection connection, String cloud, String device, String key)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT value #>> '{}' FROM "
                + Sql.table(cloud, "store")
                + " WHERE device_id = ? AND sk = ? AND (expires IS NULL OR expires > now())")) {
            statement.setString(1, device);
            statement.setString(2, "s#" + key);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? Optional.ofNullable(result.getString(1)) : Optional.empty();
            }
        }
    }

    /** Sets a value. */
    public static void set(
            Connection connection, String cloud, String device, String key, String json, @Nullable String type)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO " + Sql.table(cloud, "store")
                + " (device_id, key, value, type) VALUES (?, ?, ?::jsonb, ?)"
                + " ON CONFLICT (device_id, sk) DO UPDATE SET value = excluded.value, type = excluded.type")) {
            statement.setString(1, device);
            statement.setString(2, key);
            statement.setString(3, json);
            statement.setString(4, type);
            statement.executeUpdate();
        }
    }
}
