package io.mooring.sync.db;

import io.mooring.contracts.schema.FieldType;
import io.mooring.contracts.sync.RowState;
import io.mooring.sync.StoredValues;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.Row;
import io.mooring.sync.core.RowKey;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.core.Value;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rows of one model in the cloud's table, many at a time. */
public final class RowStore {
    private static final String ISO = "'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'";

    private final TableLayout layout;
    private final String table;
    private final @Nullable String owner;

    public RowStore(CloudSchema cloud, TableLayout layout) {
        this.layout = layout;
        this.table = Sql.table(cloud, layout);
        this.owner = layout.ownerColumn();
    }

    /** The rows there are of some keys, locked until the transaction ends. */
    public List<Row> lock(Connection connection, Collection<RowKey> keys) throws SQLException {
        return byKeys(connection, keys, " ORDER BY 1, 2 FOR UPDATE OF t");
    }

    /** The rows there are of some keys. */
    public List<Row> read(Connection connection, Collection<RowKey> keys) throws SQLException {
        return byKeys(connection, keys, "");
    }

    private List<Row> byKeys(Connection connection, Collection<RowKey> keys, String end) throws SQLException {
        String sql = "SELECT " + selection() + " FROM unnest(?::text[], ?::text[]) AS k(owner, sk) JOIN " + table
                + " AS t ON " + (owner == null ? "" : "t." + owner + " = k.owner AND ") + "t.sk = k.sk" + end;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, Sql.texts(connection, keys, RowKey::owner));
            statement.setArray(2, Sql.texts(connection, keys, RowKey::sk));
            return rows(statement);
        }
    }

    /** An owner's rows after a sort key, in its order, at most {@code limit}. */
    public List<Row> page(Connection connection, String ownerId, String afterSk, int limit) throws SQLException {
        String sql = "SELECT " + selection() + " FROM " + table + " AS t WHERE "
                + (owner == null ? "?::text IS NOT NULL" : "t." + owner + " = ?")
                + " AND t.sk > ? ORDER BY t.sk LIMIT ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, ownerId);
            statement.setString(2, afterSk);
            statement.setInt(3, limit);
            return rows(statement);
        }
    }

    /** All owners' rows after one of them, by owner and sort key, at most {@code limit}. */
    public List<Row> pageOfAll(Connection connection, String afterOwner, String afterSk, int limit)
            throws SQLException {
        return pageOfAll(connection, afterOwner, afterSk, limit, "");
    }

    /** The same, of rows that nobody may change until the transaction ends. */
    public List<Row> keepAll(Connection connection, String afterOwner, String afterSk, int limit) throws SQLException {
        return pageOfAll(connection, afterOwner, afterSk, limit, " FOR SHARE OF t");
    }

    private List<Row> pageOfAll(Connection connection, String afterOwner, String afterSk, int limit, String end)
            throws SQLException {
        String sql = "SELECT " + selection() + " FROM " + table + " AS t WHERE "
                + (owner == null ? "('', t.sk) > (?, ?)" : "(t." + owner + ", t.sk) > (?, ?)")
                + " ORDER BY " + (owner == null ? "" : "t." + owner + ", ") + "t.sk LIMIT ?" + end;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, afterOwner);
            statement.setString(2, afterSk);
            statement.setInt(3, limit);
            return rows(statement);
        }
    }

    /** How many rows an owner has, or all together where that is null. */
    public long count(Connection connection, @Nullable String ownerId) throws SQLException {
        String sql = "SELECT count(*) FROM " + table + " AS t"
                + (owner == null || ownerId == null ? " WHERE ?::text IS NULL OR true" : " WHERE t." + owner + " = ?");
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, ownerId);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? result.getLong(1) : 0;
            }
        }
    }

    /** Inserts rows; answers the keys of those that were not, since somebody else just had inserted them. */
    public Set<RowKey> insert(Connection connection, List<Row> rows) throws SQLException {
        List<String> columns = columnNames();
        String sql = "INSERT INTO " + table + " (" + String.join(", ", columns) + ") SELECT "
                + String.join(", ", expressions("u.")) + " FROM " + unnest(columns)
                + " ON CONFLICT (" + (owner == null ? "" : owner + ", ") + "sk) DO NOTHING RETURNING "
                + (owner == null ? "''" : owner) + ", sk";
        Set<RowKey> missing = new HashSet<>();
        rows.forEach(row -> missing.add(row.key()));
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(connection, statement, rows);
            try (ResultSet inserted = statement.executeQuery()) {
                while (inserted.next()) {
                    missing.remove(key(inserted));
                }
            }
        }
        return missing;
    }

    /** Writes rows that are there and locked. */
    public void update(Connection connection, List<Row> rows) throws SQLException {
        List<String> columns = columnNames();
        List<String> values = expressions("u.");
        List<String> sets = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            if (!columns.get(i).equals("sk") && !columns.get(i).equals(owner)) {
                sets.add(columns.get(i) + " = " + values.get(i));
            }
        }
        String sql = "UPDATE " + table + " AS t SET " + String.join(", ", sets) + " FROM " + unnest(columns) + " WHERE "
                + (owner == null ? "" : "t." + owner + " = u." + owner + " AND ") + "t.sk = u.sk";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(connection, statement, rows);
            statement.executeUpdate();
        }
    }

    /** Deletes rows. Their graves must have been dug before, or they get the cloud's clock. */
    public void delete(Connection connection, Collection<RowKey> keys) throws SQLException {
        String sql = "DELETE FROM " + table + " AS t USING unnest(?::text[], ?::text[]) AS k(owner, sk) WHERE "
                + (owner == null ? "" : "t." + owner + " = k.owner AND ") + "t.sk = k.sk";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, Sql.texts(connection, keys, RowKey::owner));
            statement.setArray(2, Sql.texts(connection, keys, RowKey::sk));
            statement.executeUpdate();
        }
    }

    /** Gives a device's rows to an account; devices learn of it as of any change. */
    public void moveToAccount(Connection connection, List<String> devices, List<String> accounts) throws SQLException {
        String sql = "UPDATE " + table + " AS t SET account_id = u.account"
                + " FROM unnest(?::text[], ?::text[]) AS u(device, account)"
                + " WHERE t.device_id = u.device AND t.account_id IS DISTINCT FROM u.account";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, Sql.texts(connection, devices, id -> id));
            statement.setArray(2, Sql.texts(connection, accounts, id -> id));
            statement.executeUpdate();
        }
    }

    private List<String> columnNames() {
        List<String> names = new ArrayList<>();
        if (owner != null) {
            names.add(owner);
        }
        if (TableLayout.DEVICE_COLUMN.equals(owner)) {
            names.add(TableLayout.ACCOUNT_COLUMN);
        }
        names.add("sk");
        layout.columns().forEach(column -> names.add(Sql.name(column.name())));
        names.add("updated");
        names.add("_clock");
        names.add("_extra");
        return names;
    }

    private List<String> expressions(String alias) {
        List<String> expressions = new ArrayList<>();
        if (owner != null) {
            expressions.add(alias + owner);
        }
        if (TableLayout.DEVICE_COLUMN.equals(owner)) {
            expressions.add(alias + TableLayout.ACCOUNT_COLUMN);
        }
        expressions.add(alias + "sk");
        for (TableLayout.Column column : layout.columns()) {
            expressions.add(Sql.fromText(column.type(), alias + Sql.name(column.name())));
        }
        expressions.add(alias + "updated::timestamptz");
        expressions.add(alias + "_clock::jsonb");
        expressions.add(alias + "_extra::jsonb");
        return expressions;
    }

    private static String unnest(List<String> columns) {
        return "unnest(" + columns.stream().map(column -> "?::text[]").collect(Collectors.joining(", ")) + ") AS u("
                + String.join(", ", columns) + ")";
    }

    private void bind(Connection connection, PreparedStatement statement, List<Row> rows) throws SQLException {
        int at = 1;
        if (owner != null) {
            statement.setArray(
                    at++, Sql.texts(connection, rows, row -> row.key().owner()));
        }
        if (TableLayout.DEVICE_COLUMN.equals(owner)) {
            statement.setArray(at++, Sql.texts(connection, rows, Row::accountId));
        }
        statement.setArray(at++, Sql.texts(connection, rows, row -> row.key().sk()));
        int columns = layout.columns().size();
        String[][] cells = new String[columns + 1][rows.size()];
        for (int i = 0; i < rows.size(); i++) {
            String[] texts = RowTexts.columns(rows.get(i), layout);
            for (int column = 0; column <= columns; column++) {
                cells[column][i] = texts[column];
            }
        }
        for (int column = 0; column < columns; column++) {
            statement.setArray(at++, Sql.texts(connection, cells[column]));
        }
        statement.setArray(at++, Sql.texts(connection, rows, RowTexts::updated));
        statement.setArray(
                at++,
                Sql.texts(connection, rows, row -> RowTexts.clock(row.state().clock())));
        statement.setArray(at, Sql.texts(connection, cells[columns]));
    }

    private String selection() {
        List<String> columns = new ArrayList<>();
        columns.add(owner == null ? "''" : "t." + owner);
        columns.add("t.sk");
        columns.add(owner == null ? "NULL::text" : "t." + TableLayout.ACCOUNT_COLUMN);
        columns.add("t._clock::text");
        columns.add("t._extra::text");
        layout.columns().forEach(column -> columns.add(text(column.type(), "t." + Sql.name(column.name()))));
        return String.join(", ", columns);
    }

    /** A column's value as text, as {@link StoredValues} reads it. */
    static String text(FieldType type, String column) {
        return switch (type) {
            case STRING -> column;
            case NUMBER, BOOLEAN, OBJECT, ARRAY, SET -> column + "::text";
            case DATE -> "to_char(" + column + " AT TIME ZONE 'UTC', " + ISO + ")";
            case BUFFER -> "replace(encode(" + column + ", 'base64'), E'\\n', '')";
        };
    }

    private List<Row> rows(PreparedStatement statement) throws SQLException {
        List<Row> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                SortedMap<String, Value> values = new TreeMap<>(StoredValues.extra(result.getString(5)));
                for (int i = 0; i < layout.columns().size(); i++) {
                    TableLayout.Column column = layout.columns().get(i);
                    Value value = StoredValues.of(column.type(), result.getString(6 + i));
                    if (value != null) {
                        values.put(column.field().name(), value);
                    }
                }
                rows.add(new Row(
                        key(result),
                        result.getString(3),
                        new RowState<>(StoredValues.clock(result.getString(4)), values)));
            }
        }
        return rows;
    }

    private RowKey key(ResultSet result) throws SQLException {
        return new RowKey(layout.model().name(), result.getString(1), result.getString(2));
    }
}
