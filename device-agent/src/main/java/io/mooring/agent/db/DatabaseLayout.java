package io.mooring.agent.db;

import io.mooring.contracts.schema.Direction;
import io.mooring.contracts.schema.Field;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes the tables and triggers, and brings those of an earlier schema up to date. Runs in a transaction. */
final class DatabaseLayout {
    private static final List<String> OWN_TABLES = List.of(
            "CREATE TABLE IF NOT EXISTS _agent (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
            "CREATE TABLE IF NOT EXISTS _capture (applying INTEGER NOT NULL)",
            "INSERT INTO _capture SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM _capture)",
            // what was written by SQL and has no clock yet, in order
            "CREATE TABLE IF NOT EXISTS _change (n INTEGER PRIMARY KEY, model TEXT NOT NULL,"
                    + " sk TEXT NOT NULL, op TEXT NOT NULL, fields TEXT NOT NULL DEFAULT '', at TEXT)",
            // the clock of every row there is or was: io.mooring.contracts.sync.RowClock as JSON
            // and in which listing the cloud last spoke of it
            "CREATE TABLE IF NOT EXISTS _clock (model TEXT NOT NULL, sk TEXT NOT NULL, clock TEXT NOT NULL,"
                    + " seen INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (model, sk)) WITHOUT ROWID",
            // what the cloud has not acknowledged; n is never used twice, and with version, which counts changes,
            // tells an acknowledgement of this from one of something older
            "CREATE TABLE IF NOT EXISTS _pending (n INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL,"
                    + " sk TEXT NOT NULL, dirty TEXT NOT NULL, version INTEGER NOT NULL, UNIQUE (model, sk))",
            // commands that were begun, so that none is done twice; times are ISO texts
            "CREATE TABLE IF NOT EXISTS _command (id TEXT PRIMARY KEY, name TEXT NOT NULL, begun TEXT NOT NULL,"
                    + " ended TEXT) WITHOUT ROWID");

    private DatabaseLayout() {}

    static void bringUpToDate(LocalDatabase database, Collection<TableLayout> layouts) throws SQLException {
        for (String sql : OWN_TABLES) {
            database.execute(sql);
        }
        if (!columns(database, "_clock").containsKey("seen")) {
            database.execute("ALTER TABLE _clock ADD COLUMN seen INTEGER NOT NULL DEFAULT 0");
        }
        boolean known = exists(database, "sync_state");
        boolean more = false;
        for (TableLayout layout : layouts) {
            more |= table(database, layout) && layout.model().sync() != Direction.NONE;
            triggers(database, layout);
            uniqueIndexes(database, layout);
            expiryIndex(database, layout);
        }
        if (known && more) {
            // rows of a model that the device did not have went past it
            SyncProgress.forget(database);
        }
    }

    private static boolean exists(LocalDatabase database, String table) throws SQLException {
        try (PreparedStatement query =
                database.fresh("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?")) {
            query.setString(1, table);
            try (ResultSet row = query.executeQuery()) {
                return row.next();
            }
        }
    }

    /** By which the triggers find who has a value already; they are no constraints, which merging could not keep. */
    private static void uniqueIndexes(LocalDatabase database, TableLayout layout) throws SQLException {
        for (TableLayout.Column column : layout.columns().values()) {
            if (column.field().unique() != Field.Unique.NO) {
                database.execute("CREATE INDEX IF NOT EXISTS "
                        + TableSql.name("_" + layout.table() + "_" + column.name()) + " ON "
                        + TableSql.name(layout.table()) + " (" + TableSql.name(column.name()) + ")");
            }
        }
    }

    private static void expiryIndex(LocalDatabase database, TableLayout layout) throws SQLException {
        TableLayout.Column column = layout.model()
                .ttl()
                .map(field -> layout.columns().get(field.name()))
                .orElse(null);
        if (column != null) {
            String name = TableSql.name(column.name());
            database.execute("CREATE INDEX IF NOT EXISTS "
                    + TableSql.name("_" + layout.table() + "_by_" + column.name()) + " ON "
                    + TableSql.name(layout.table()) + " (" + name + ") WHERE " + name + " IS NOT NULL");
        }
    }

    private static Map<String, String> columns(LocalDatabase database, String table) throws SQLException {
        Map<String, String> columns = new HashMap<>();
        try (PreparedStatement info = database.fresh("PRAGMA table_xinfo(" + TableSql.name(table) + ")");
                ResultSet column = info.executeQuery()) {
            while (column.next()) {
                columns.put(column.getString("name"), column.getString("type"));
            }
        }
        return columns;
    }

    /** True if the table is new. */
    private static boolean table(LocalDatabase database, TableLayout layout) throws SQLException {
        Map<String, String> present = columns(database, layout.table());
        if (present.isEmpty()) {
            database.execute(TableSql.createTable(layout));
            return true;
        }
        dropComputed(database, layout, present);
        Map<String, String> missing = new LinkedHashMap<>(TableSql.columns(layout));
        missing.keySet().removeAll(present.keySet());
        if (missing.isEmpty()) {
            return false;
        }
        database.execute("UPDATE _capture SET applying = 1");
        for (var column : missing.entrySet()) {
            // a default would look like a value somebody wrote to rows that have none
            String declaration = column.getValue().replaceFirst(" DEFAULT .*", "");
            database.execute("ALTER TABLE " + TableSql.name(layout.table()) + " ADD COLUMN "
                    + TableSql.name(column.getKey()) + " " + declaration);
        }
        adoptExtras(database, layout, missing);
        database.execute("UPDATE _capture SET applying = 0");
        return false;
    }

    /** What was computed in another way goes, to be made anew; SQLite cannot alter it. */
    private static void dropComputed(LocalDatabase database, TableLayout layout, Map<String, String> present)
            throws SQLException {
        for (TableLayout.Column column : layout.computed().values()) {
            if (present.containsKey(column.name())
                    && !declaration(database, layout).contains(TableSql.computed(layout, column.field()))) {
                database.execute("ALTER TABLE " + TableSql.name(layout.table()) + " DROP COLUMN "
                        + TableSql.name(column.name()));
                present.remove(column.name());
            }
        }
    }

    private static String declaration(LocalDatabase database, TableLayout layout) throws SQLException {
        try (PreparedStatement query =
                database.fresh("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?")) {
            query.setString(1, layout.table());
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? row.getString(1) : "";
            }
        }
    }

    /** Values that came before the schema knew their field move to the column it has now. */
    private static void adoptExtras(LocalDatabase database, TableLayout layout, Map<String, String> added)
            throws SQLException {
        for (var column : layout.columns().values()) {
            if (added.containsKey(column.name())) {
                String path = TableSql.text("$." + column.field().name());
                database.execute("UPDATE " + TableSql.name(layout.table()) + " SET " + TableSql.name(column.name())
                        + " = json_extract(_extra, " + path + "), _extra = json_remove(_extra, " + path
                        + ") WHERE json_type(_extra, " + path + ") IS NOT NULL");
            }
        }
    }

    private static void triggers(LocalDatabase database, TableLayout layout) throws SQLException {
        Map<String, String> present = new HashMap<>();
        try (PreparedStatement query = database.fresh(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, 1) = '_' AND tbl_name = ?")) {
            query.setString(1, layout.table());
            try (ResultSet trigger = query.executeQuery()) {
                while (trigger.next()) {
                    present.put(trigger.getString(1), trigger.getString(2));
                }
            }
        }
        // a table that does not sync has none
        Map<String, String> wanted = layout.model().sync() == Direction.NONE ? Map.of() : TableSql.triggers(layout);
        for (var trigger : present.entrySet()) {
            if (!trigger.getValue().equals(wanted.get(trigger.getKey()))) {
                database.execute("DROP TRIGGER " + TableSql.name(trigger.getKey()));
            }
        }
        for (var trigger : wanted.entrySet()) {
            if (!trigger.getValue().equals(present.get(trigger.getKey()))) {
                database.execute(trigger.getValue());
            }
        }
        if (present.isEmpty() && !wanted.isEmpty()) {
            // the table did not sync before: what it holds is new to the cloud
            String model = TableSql.text(layout.model().name());
            database.execute("INSERT INTO _change (model, sk, op, at) SELECT " + model + ", sk, 'I', updated FROM "
                    + TableSql.name(layout.table())
                    + " WHERE sk IS NOT NULL AND sk NOT IN (SELECT sk FROM _clock WHERE model = " + model + ")");
        }
    }
}
