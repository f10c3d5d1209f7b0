package io.mooring.agent.db;

import io.mooring.contracts.schema.Direction;
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
            "CREATE TABLE IF NOT EXISTS _clock (model TEXT NOT NULL, sk TEXT NOT NULL, clock TEXT NOT NULL,"
                    + " PRIMARY KEY (model, sk)) WITHOUT ROWID",
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
        for (TableLayout layout : layouts) {
            table(database, layout);
            triggers(database, layout);
        }
    }

    private static void table(LocalDatabase database, TableLayout layout) throws SQLException {
        Map<String, String> present = new HashMap<>();
        try (PreparedStatement info = database.fresh("PRAGMA table_info(" + TableSql.name(layout.table()) + ")");
                ResultSet column = info.executeQuery()) {
            while (column.next()) {
                present.put(column.getString("name"), column.getString("type"));
            }
        }
        if (present.isEmpty()) {
            database.execute(TableSql.createTable(layout));
            return;
        }
        Map<String, String> missing = new LinkedHashMap<>(TableSql.columns(layout));
        missing.keySet().removeAll(present.keySet());
        if (missing.isEmpty()) {
            return;
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
