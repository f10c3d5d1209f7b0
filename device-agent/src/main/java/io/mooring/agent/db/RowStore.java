package io.mooring.agent.db;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.mooring.agent.db.TableLayout.Column;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Rows with their clocks. What it writes must be written unnoticed, or it is taken for new. */
public final class RowStore {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final TypeReference<TreeMap<String, String>> TEXTS = new TypeReference<>() {};

    private final Map<String, String> selects = new HashMap<>();
    private final Map<String, String> upserts = new HashMap<>();

    /** A row as it stands, a removed or unknown one included. */
    public RowState<JsonNode> load(LocalDatabase database, TableLayout layout, String key) throws SQLException {
        return new RowState<>(clock(database, layout.model().name(), key), values(database, layout, key));
    }

    /** The values of a row; none if there is no such row. */
    public SortedMap<String, JsonNode> values(LocalDatabase database, TableLayout layout, String key)
            throws SQLException {
        SortedMap<String, JsonNode> values = new TreeMap<>();
        String sql = selects.computeIfAbsent(layout.table(), table -> select(layout));
        try (ResultSet row = database.statement(sql, key).executeQuery()) {
            if (!row.next()) {
                return values;
            }
            int i = 1;
            for (Column column : layout.columns().values()) {
                JsonNode value = Values.fromColumn(column.type(), row.getObject(i++));
                if (value != null) {
                    values.put(column.field().name(), value);
                }
            }
            String extra = row.getString(i);
            if (extra != null) {
                json(extra).properties().forEach(field -> values.put(field.getKey(), field.getValue()));
            }
            return values;
        }
    }

    /** The fields of a row as applications see them: with those that say whose it is; none if it is not there. */
    public SortedMap<String, JsonNode> full(LocalDatabase database, TableLayout layout, String key)
            throws SQLException {
        SortedMap<String, JsonNode> values = values(database, layout, key);
        if (values.isEmpty()) {
            return values;
        }
        for (var owner : layout.ownerFields().entrySet()) {
            String value = owner(database, layout, key, owner.getValue());
            if (value != null) {
                values.put(owner.getKey(), new TextNode(value));
            }
        }
        for (Column column : layout.computed().values()) {
            String sql = "SELECT " + TableSql.name(column.name()) + " FROM " + TableSql.name(layout.table())
                    + " WHERE sk = ?";
            try (ResultSet row = database.statement(sql, key).executeQuery()) {
                if (row.next() && row.getString(1) != null) {
                    values.put(column.field().name(), new TextNode(row.getString(1)));
                }
            }
        }
        return values;
    }

    private static @Nullable String owner(LocalDatabase database, TableLayout layout, String key, String setting)
            throws SQLException {
        String named = layout.ownerInKey(key, setting);
        return named == null ? Settings.get(database, setting) : named;
    }

    private static String select(TableLayout layout) {
        StringBuilder sql = new StringBuilder("SELECT ");
        layout.columns()
                .values()
                .forEach(column -> sql.append(TableSql.name(column.name())).append(", "));
        return sql.append("_extra FROM ")
                .append(TableSql.name(layout.table()))
                .append(" WHERE sk = ?")
                .toString();
    }

    /** When the fields of a row were written. */
    public RowClock clock(LocalDatabase database, String model, String key) throws SQLException {
        try (ResultSet row = database.statement("SELECT clock FROM _clock WHERE model = ? AND sk = ?", model, key)
                .executeQuery()) {
            return row.next() ? RowClock.parse(texts(row.getString(1))) : RowClock.NEVER;
        }
    }

    /** Keeps a row's clock. */
    public void saveClock(LocalDatabase database, String model, String key, RowClock clock) throws SQLException {
        database.statement(
                        "INSERT INTO _clock (model, sk, clock) VALUES (?, ?, ?) ON CONFLICT (model, sk) DO UPDATE SET"
                                + " clock = excluded.clock",
                        model,
                        key,
                        JSON.valueToTree(clock.texts()).toString())
                .executeUpdate();
    }

    /** Makes a row what it is said to be: its values, or gone. */
    public void save(LocalDatabase database, TableLayout layout, String key, RowState<JsonNode> row)
            throws SQLException {
        saveClock(database, layout.model().name(), key, row.clock());
        if (!row.clock().isLive()) {
            database.statement("DELETE FROM " + TableSql.name(layout.table()) + " WHERE sk = ?", key)
                    .executeUpdate();
            return;
        }
        List<@Nullable Object> parameters = new ArrayList<>();
        parameters.add(key);
        SortedMap<String, JsonNode> others = new TreeMap<>(row.values());
        // A field written after a removal brings the row back with that field alone: it is still named by its key.
        Map<String, String> names = layout.keyTexts(key);
        for (Column column : layout.columns().values()) {
            JsonNode value = others.remove(column.field().name());
            String named = names.get(column.field().name());
            parameters.add(
                    value == null && named != null
                            ? Values.keyColumn(column.type(), named)
                            : Values.toColumn(column.type(), value));
        }
        for (String setting : layout.owners().values()) {
            parameters.add(setting.isEmpty() ? null : owner(database, layout, key, setting));
        }
        HybridTimestamp latest = row.clock().latest();
        parameters.add(latest == null ? null : latest.isoMillis());
        parameters.add(others.isEmpty() ? null : JSON.valueToTree(others).toString());
        String sql = upserts.computeIfAbsent(layout.table(), table -> upsert(layout));
        database.statement(sql, parameters.toArray()).executeUpdate();
    }

    /** Has the device know nothing of a row, as if it had never been. */
    void forget(LocalDatabase database, TableLayout layout, String key) throws SQLException {
        String model = layout.model().name();
        database.statement("DELETE FROM " + TableSql.name(layout.table()) + " WHERE sk = ?", key)
                .executeUpdate();
        database.statement("DELETE FROM _clock WHERE model = ? AND sk = ?", model, key)
                .executeUpdate();
        database.statement("DELETE FROM _pending WHERE model = ? AND sk = ?", model, key)
                .executeUpdate();
    }

    private static String upsert(TableLayout layout) {
        List<String> names = new ArrayList<>();
        names.add("sk");
        layout.columns().values().forEach(column -> names.add(TableSql.name(column.name())));
        layout.owners().keySet().forEach(owner -> names.add(TableSql.name(owner)));
        names.add("updated");
        names.add("_extra");
        List<String> sets =
                names.stream().skip(1).map(name -> name + " = excluded." + name).toList();
        return "INSERT INTO " + TableSql.name(layout.table()) + " (" + String.join(", ", names) + ") VALUES (?"
                + ", ?".repeat(names.size() - 1) + ") ON CONFLICT (sk) DO UPDATE SET " + String.join(", ", sets);
    }

    private static ObjectNode json(String text) throws SQLException {
        try {
            return JSON.readTree(text) instanceof ObjectNode object ? object : JSON.createObjectNode();
        } catch (JsonProcessingException e) {
            throw new SQLException("what the database holds of undeclared fields is not JSON", e);
        }
    }

    private static Map<String, String> texts(String json) throws SQLException {
        try {
            return JSON.readValue(json, TEXTS);
        } catch (JsonProcessingException e) {
            throw new SQLException("a row's clock in the database is not JSON", e);
        }
    }
}
