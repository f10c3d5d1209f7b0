package io.mooring.messaging.db;

import io.mooring.messaging.db.ExecutionStore.Key;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Commands that have been over for long: they go, here and in their cloud's tables. */
public final class RetentionStore {
    private static final int AT_ONCE = 500;

    private RetentionStore() {}

    /** Lets go of some devices' part in a command that was over before a time, and at last of it; false if there is none. */
    public static boolean letGo(Connection connection, Instant before) throws SQLException {
        String command;
        String cloud;
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT id, cloud FROM messaging.command WHERE finished < ?
                ORDER BY finished LIMIT 1 FOR UPDATE SKIP LOCKED""")) {
            Sql.time(statement, 1, before);
            try (ResultSet result = statement.executeQuery()) {
                if (!result.next()) {
                    return false;
                }
                command = result.getString(1);
                cloud = result.getString(2);
            }
        }
        List<Key> keys = delete(connection, command);
        if (keys.size() < AT_ONCE) {
            try (PreparedStatement statement =
                    connection.prepareStatement("DELETE FROM messaging.command WHERE id = ?")) {
                statement.setString(1, command);
                statement.executeUpdate();
            }
        }
        if (TargetStore.isCloud(connection, cloud)) {
            TargetStore.withdraw(connection, cloud, keys);
            try (PreparedStatement statement =
                    connection.prepareStatement("DELETE FROM " + Sql.table(cloud, "command_result")
                            + " WHERE (device_id, id) IN (SELECT * FROM unnest(?::text[], ?::text[]))")) {
                Sql.texts(connection, statement, 1, keys, Key::device);
                Sql.texts(connection, statement, 2, keys, Key::command);
                statement.executeUpdate();
            }
        }
        return true;
    }

    private static List<Key> delete(Connection connection, String command) throws SQLException {
        List<Key> keys = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                DELETE FROM messaging.execution WHERE command = ? AND device IN (
                  SELECT device FROM messaging.execution WHERE command = ? ORDER BY device LIMIT ?)
                RETURNING device""")) {
            statement.setString(1, command);
            statement.setString(2, command);
            statement.setInt(3, AT_ONCE);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    keys.add(new Key(command, result.getString(1)));
                }
            }
        }
        return keys;
    }
}
