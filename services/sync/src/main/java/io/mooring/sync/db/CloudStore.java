package io.mooring.sync.db;

import io.mooring.contracts.schema.Field;
import io.mooring.contracts.sync.StreamPosition;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.SchemaEvolution;
import io.mooring.sync.core.TableLayout;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Clouds, and the tables made of their schemas. */
public final class CloudStore {
    private static final int LOCK_SPACE = 0x6d6f6f72;

    private CloudStore() {}

    /** Waits until nobody uses the cloud's tables by a schema, and keeps it so until the transaction ends. */
    public static void lockExclusively(Connection connection, String cloud) throws SQLException {
        lock(connection, "pg_advisory_xact_lock", cloud);
    }

    /** Keeps the cloud's schema as it is until the transaction ends. */
    public static void lockShared(Connection connection, String cloud) throws SQLException {
        lock(connection, "pg_advisory_xact_lock_shared", cloud);
    }

    private static void lock(Connection connection, String function, String cloud) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT " + function + "(" + LOCK_SPACE + ", hashtext(?))")) {
            statement.setString(1, cloud);
            statement.execute();
        }
    }

    /** The version in force, or 0 if there is no such cloud. */
    public static int version(Connection connection, String cloud) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT schema_version FROM sync.cloud WHERE name = ?")) {
            statement.setString(1, cloud);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? result.getInt(1) : 0;
            }
        }
    }

    /** The names of all clouds. */
    public static List<String> names(Connection connection) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT name FROM sync.cloud ORDER BY name")) {
            while (result.next()) {
                names.add(result.getString(1));
            }
        }
        return names;
    }

    /** Makes the cloud's database schema, with what all tables share. Harmless if it is there. */
    public static void create(Connection connection, CloudSchema cloud) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT public.mooring_create_cloud(?)")) {
            statement.setString(1, cloud.cloud());
            statement.execute();
        }
        execute(connection, new TableDdl(cloud).foundations(cloud.cloud()));
        execute(connection, new HistoryDdl(cloud).foundations());
    }

    /** Whether a table has neither rows nor graves. */
    public static boolean isEmpty(Connection connection, CloudSchema cloud, TableLayout layout) throws SQLException {
        String sql = "SELECT NOT EXISTS (SELECT 1 FROM " + Sql.table(cloud, layout) + ") AND NOT EXISTS (SELECT 1 FROM "
                + Sql.table(cloud.databaseSchema(), "_tombstone") + " WHERE model = ?)";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, layout.model().name());
            try (ResultSet result = statement.executeQuery()) {
                return result.next() && result.getBoolean(1);
            }
        }
    }

    /** How many rows of a table break a rule that it does not have yet. */
    public static long breaking(Connection connection, CloudSchema cloud, SchemaEvolution.Tightened tightened)
            throws SQLException {
        TableLayout layout = tightened.layout();
        String column = Sql.name(tightened.column().name());
        String from = " FROM " + Sql.table(cloud, layout);
        String sql = switch (tightened.rule()) {
            case REQUIRED ->
                "SELECT count(*)" + from + " WHERE " + column + " IS NULL AND NOT _extra ? "
                        + Sql.text(tightened.column().field().name());
            case ENUM, STRUCTURE ->
                "SELECT count(*)" + from + " WHERE "
                        + RuleDdl.of(layout, tightened.column(), column).stream()
                                .map(rule -> "coalesce(" + rule.violated() + ", false)")
                                .reduce("false", (a, b) -> a + " OR " + b);
            case UNIQUE -> {
                boolean owned = tightened.column().field().unique() == Field.Unique.OWNER;
                String group = owned && layout.ownerColumn() != null ? layout.ownerColumn() + ", " + column : column;
                yield "SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n" + from + " WHERE " + column
                        + " IS NOT NULL GROUP BY " + group + " HAVING count(*) > 1) AS shared";
            }
        };
        // '?' is the operator of jsonb here, and there are no parameters: not for a prepared statement.
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? result.getLong(1) : 0;
        }
    }

    /** Brings the tables to a schema, and their triggers with them. */
    public static void apply(Connection connection, CloudSchema next, List<SchemaEvolution.Step> steps)
            throws SQLException {
        TableDdl tables = new TableDdl(next);
        TriggerDdl triggers = new TriggerDdl(next);
        HistoryDdl history = new HistoryDdl(next);
        for (SchemaEvolution.Step step : steps) {
            execute(connection, tables.of(step));
            if (step instanceof SchemaEvolution.DropTable drop) {
                execute(connection, triggers.drop(drop.layout()));
                execute(connection, history.drop(drop.layout()));
            }
        }
        for (TableLayout layout : next.layouts().values()) {
            execute(connection, triggers.of(layout));
            execute(connection, history.of(layout));
        }
    }

    private static void execute(Connection connection, List<String> statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** From here on, devices of the cloud that stand before a place get everything anew. */
    public static void resyncBefore(Connection connection, String cloud, StreamPosition place) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE sync.cloud SET resync_epoch = ?, resync_next = ?"
                        + " WHERE name = ? AND (resync_epoch, resync_next) < (?, ?)")) {
            statement.setInt(1, place.epoch());
            statement.setLong(2, place.offset());
            statement.setString(3, cloud);
            statement.setInt(4, place.epoch());
            statement.setLong(5, place.offset());
            statement.executeUpdate();
        }
    }
}
