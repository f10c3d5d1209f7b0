package io.mooring.agent.db;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.agent.db.TableLayout.Column;
import io.mooring.contracts.schema.Field;
import io.mooring.contracts.schema.Model;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An application's reads and writes. They are plain SQL: the triggers notice them as they do any other. */
public final class RowAccess {
    private final LocalDatabase database;
    private final RowStore rows;

    public RowAccess(LocalDatabase database, RowStore rows) {
        this.database = database;
        this.rows = rows;
    }

    private TableLayout layout(String model) {
        return database.layout(model)
                .orElseThrow(() -> new IllegalArgumentException("the schema has no model " + model));
    }

    /** Writes whole rows in one transaction and gives their keys. */
    public List<String> putAll(String model, List<? extends Map<String, ? extends @Nullable Object>> values)
            throws SQLException {
        TableLayout layout = layout(model);
        return database.write(db -> {
            List<String> keys = new ArrayList<>();
            for (var row : values) {
                keys.add(put(db, layout, row));
            }
            return keys;
        });
    }

    private static String put(LocalDatabase db, TableLayout layout, Map<String, ? extends @Nullable Object> values)
            throws SQLException {
        Map<String, @Nullable Object> columns = columns(layout, values);
        String key = key(db, layout, values);
        if (key != null) {
            columns.put(TableLayout.SORT_KEY, key);
        }
        List<String> sets = new ArrayList<>();
        for (Column column : layout.columns().values()) {
            Field field = column.field();
            boolean given = columns.containsKey(column.name());
            if (given || field.generate() == Field.Generate.NONE) {
                String name = TableSql.name(column.name());
                sets.add(name + " = " + (given ? "excluded." + name : "NULL"));
            }
        }
        String names =
                String.join(", ", columns.keySet().stream().map(TableSql::name).toList());
        String into = "INSERT INTO " + TableSql.name(layout.table())
                + (columns.isEmpty()
                        ? " DEFAULT VALUES"
                        : " (" + names + ") VALUES (?" + ", ?".repeat(columns.size() - 1) + ")");
        String conflict = key == null
                ? ""
                : " ON CONFLICT (sk) DO " + (sets.isEmpty() ? "NOTHING" : "UPDATE SET " + String.join(", ", sets));
        db.statement(into + conflict, columns.values().toArray()).executeUpdate();
        return key != null ? key : lastKey(db, layout);
    }

    private static String lastKey(LocalDatabase db, TableLayout layout) throws SQLException {
        try (ResultSet row = db.statement(
                        "SELECT sk FROM " + TableSql.name(layout.table()) + " WHERE _rowid_ = last_insert_rowid()")
                .executeQuery()) {
            String key = row.next() ? row.getString(1) : null;
            if (key == null) {
                throw new SQLException("a row of " + layout.model().name()
                        + " cannot have its key before the device knows its account");
            }
            return key;
        }
    }

    private static @Nullable String key(
            LocalDatabase db, TableLayout layout, Map<String, ? extends @Nullable Object> values) throws SQLException {
        Map<String, @Nullable Object> known = new HashMap<>();
        String account = Settings.get(db, Settings.ACCOUNT);
        if (account != null) {
            known.put(Model.ACCOUNT_ID, account);
        }
        known.put(layout.model().deviceIdField(), Settings.get(db, Settings.DEVICE));
        values.forEach((name, value) -> {
            Column column = layout.columns().get(name);
            JsonNode json = column == null ? null : Values.fromApplication(column.type(), value);
            if (json != null) {
                known.put(name, json);
            }
        });
        return layout.key(known);
    }

    private static Map<String, @Nullable Object> columns(
            TableLayout layout, Map<String, ? extends @Nullable Object> values) {
        Map<String, @Nullable Object> columns = new LinkedHashMap<>();
        // sorted, so that rows alike share a statement
        new TreeMap<>(values).forEach((name, value) -> {
            Column column = layout.columns().get(name);
            if (TableLayout.isOwner(layout.model(), name)) {
                return;
            }
            if (column == null) {
                throw new IllegalArgumentException(
                        "model " + layout.model().name() + " has no field " + name + " to be written");
            }
            columns.put(column.name(), Values.toColumn(column.type(), Values.fromApplication(column.type(), value)));
        });
        return columns;
    }

    /** Changes some fields of a row; false if there is none. */
    public boolean patch(String model, String key, Map<String, ? extends @Nullable Object> values) throws SQLException {
        TableLayout layout = layout(model);
        Map<String, @Nullable Object> columns = columns(layout, values);
        if (columns.isEmpty()) {
            return get(model, key).isPresent();
        }
        List<String> sets = columns.keySet().stream()
                .map(name -> TableSql.name(name) + " = ?")
                .toList();
        List<@Nullable Object> parameters = new ArrayList<>(columns.values());
        parameters.add(key);
        return database.write(db -> db.statement(
                                "UPDATE " + TableSql.name(layout.table()) + " SET " + String.join(", ", sets)
                                        + " WHERE sk = ?",
                                parameters.toArray())
                        .executeUpdate())
                > 0;
    }

    /** Removes a row; false if there is none. */
    public boolean delete(String model, String key) throws SQLException {
        String table = TableSql.name(layout(model).table());
        return database.write(db -> db.statement("DELETE FROM " + table + " WHERE sk = ?", key)
                        .executeUpdate())
                > 0;
    }

    /** The fields of a row, empty if there is none. */
    public Optional<Map<String, JsonNode>> get(String model, String key) throws SQLException {
        TableLayout layout = layout(model);
        return database.read(db -> {
            try (ResultSet row = db.statement("SELECT 1 FROM " + TableSql.name(layout.table()) + " WHERE sk = ?", key)
                    .executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
            }
            return Optional.of(rows.full(db, layout, key));
        });
    }

    /** What a query gives. */
    public List<Map<String, @Nullable Object>> query(String sql, @Nullable Object... parameters) throws SQLException {
        return database.read(db -> {
            try (PreparedStatement statement = db.fresh(sql)) {
                set(statement, parameters);
                try (ResultSet row = statement.executeQuery()) {
                    return all(row);
                }
            }
        });
    }

    private static List<Map<String, @Nullable Object>> all(ResultSet row) throws SQLException {
        ResultSetMetaData columns = row.getMetaData();
        List<Map<String, @Nullable Object>> all = new ArrayList<>();
        while (row.next()) {
            Map<String, @Nullable Object> values = new LinkedHashMap<>();
            for (int i = 1; i <= columns.getColumnCount(); i++) {
                values.put(columns.getColumnLabel(i), row.getObject(i));
            }
            all.add(values);
        }
        return all;
    }

    /** Runs SQL that writes; gives how many rows it wrote. */
    public int execute(String sql, @Nullable Object... parameters) throws SQLException {
        return database.write(db -> {
            try (PreparedStatement statement = db.fresh(sql)) {
                set(statement, parameters);
                return statement.executeUpdate();
            }
        });
    }

    private static void set(PreparedStatement statement, @Nullable Object... parameters) throws SQLException {
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
    }
}
