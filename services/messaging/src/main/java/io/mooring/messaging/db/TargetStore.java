package io.mooring.messaging.db;

import io.mooring.messaging.core.Reach;
import io.mooring.messaging.core.Target;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Which devices a command is for, and the rows that take it down to them; whole sets at once. */
public final class TargetStore {
    private static final String INSERT = """
            INSERT INTO messaging.execution (command, device, account, state, final, changed)
            SELECT ?, d.id, d.account, 'queued', false, ? FROM messaging.device d
            """;
    private static final String WHERE = """
            WHERE d.cloud = ? AND d.state = 'active' AND d.account IS NOT NULL
              AND (? OR d.id = ANY (?::text[]) OR d.product = ANY (?::text[]))
            """;

    private TargetStore() {}

    /**
     * Queues a command for all devices of a target that the caller reaches; how many there are.
     *
     * @param target any but a stored one
     */
    public static int queue(
            Connection connection, String command, String cloud, Target target, Reach reach, Instant now)
            throws SQLException {
        return switch (target) {
            case Target.Devices devices -> {
                try (PreparedStatement statement =
                        connection.prepareStatement(INSERT + WHERE + " AND d.id = ANY (?)")) {
                    int next = set(connection, statement, command, cloud, reach, now);
                    Sql.texts(connection, statement, next, devices.ids(), text -> text);
                    yield statement.executeUpdate();
                }
            }
            case Target.Product product -> {
                try (PreparedStatement statement = connection.prepareStatement(INSERT + WHERE + " AND d.product = ?")) {
                    int next = set(connection, statement, command, cloud, reach, now);
                    statement.setString(next, product.id());
                    yield statement.executeUpdate();
                }
            }
            case Target.Matching matching -> {
                QuerySql query = QuerySql.of(matching.query());
                String joins = "LEFT JOIN messaging.presence p ON p.device = d.id LEFT JOIN "
                        + Sql.table(cloud, "device") + " r ON r.device_id = d.id ";
                try (PreparedStatement statement =
                        connection.prepareStatement(INSERT + joins + WHERE + " AND (" + query.sql() + ")")) {
                    int next = set(connection, statement, command, cloud, reach, now);
                    query.set(connection, statement, next);
                    yield statement.executeUpdate();
                }
            }
            case Target.Stored stored -> throw new IllegalArgumentException("read it first: " + stored.json());
        };
    }

    private static int set(
            Connection connection, PreparedStatement statement, String command, String cloud, Reach reach, Instant now)
            throws SQLException {
        statement.setString(1, command);
        Sql.time(statement, 2, now);
        statement.setString(3, cloud);
        statement.setBoolean(4, reach.isEverything());
        Sql.texts(connection, statement, 5, List.copyOf(reach.devices()), text -> text);
        Sql.texts(connection, statement, 6, List.copyOf(reach.products()), text -> text);
        return 7;
    }

    /** Those of some devices that are not in a cloud, or not within reach. */
    public static List<String> unknown(Connection connection, List<String> ids, String cloud, Reach reach)
            throws SQLException {
        List<String> unknown = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT u.id FROM unnest(?::text[]) AS u(id) WHERE NOT EXISTS (
                  SELECT FROM messaging.device d WHERE d.id = u.id AND d.cloud = ? AND d.state = 'active' AND d.account IS NOT NULL
                    AND (? OR d.id = ANY (?::text[]) OR d.product = ANY (?::text[])))""")) {
            Sql.texts(connection, statement, 1, ids, text -> text);
            statement.setString(2, cloud);
            statement.setBoolean(3, reach.isEverything());
            Sql.texts(connection, statement, 4, List.copyOf(reach.devices()), text -> text);
            Sql.texts(connection, statement, 5, List.copyOf(reach.products()), text -> text);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    unknown.add(result.getString(1));
                }
            }
        }
        return unknown;
    }

    /** Whether there is a cloud of a name. */
    public static boolean isCloud(Connection connection, String cloud) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT to_regclass(?) IS NOT NULL")) {
            statement.setString(1, Sql.table(cloud, "command"));
            try (ResultSet result = statement.executeQuery()) {
                return result.next() && result.getBoolean(1);
            }
        }
    }

    /** Writes the rows that take a command down to devices, until they expire. */
    public static void send(Connection connection, String cloud, String command, List<String> devices)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO " + Sql.table(cloud, "command")
                + " (device_id, account_id, id, command, args, description, expires)"
                + " SELECT e.device, e.account, c.id, c.name, c.args, c.description, e.deadline"
                + " FROM messaging.execution e JOIN messaging.command c ON c.id = e.command"
                + " WHERE c.id = ? AND e.device = ANY (?) ON CONFLICT DO NOTHING")) {
            statement.setString(1, command);
            Sql.texts(connection, statement, 2, devices, text -> text);
            statement.executeUpdate();
        }
    }

    /** Removes the rows of devices that need them no longer. */
    public static void withdraw(Connection connection, String cloud, List<ExecutionStore.Key> keys)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM " + Sql.table(cloud, "command")
                + " WHERE (device_id, id) IN (SELECT * FROM unnest(?::text[], ?::text[]))")) {
            Sql.texts(connection, statement, 1, keys, ExecutionStore.Key::device);
            Sql.texts(connection, statement, 2, keys, ExecutionStore.Key::command);
            statement.executeUpdate();
        }
    }
}
