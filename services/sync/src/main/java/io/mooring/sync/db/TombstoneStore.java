package io.mooring.sync.db;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowState;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.Row;
import io.mooring.sync.core.RowKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/** The graves of a cloud's rows: which were removed, and when. */
public final class TombstoneStore {
    private static final String COLUMNS = "t.owner, t.model, t.sk, t.account_id, t.clock";

    /** So many locks at most for all keys of a cloud. */
    private static final int SPOTS = 256;

    private final String table;
    private final String schema;

    public TombstoneStore(CloudSchema cloud) {
        this.schema = cloud.databaseSchema();
        this.table = Sql.table(cloud.databaseSchema(), "_tombstone");
    }

    /** The graves there are of some keys, locked until the transaction ends. */
    public List<Row> lock(Connection connection, Collection<RowKey> keys) throws SQLException {
        return byKeys(connection, keys, " ORDER BY 1, 2, 3 FOR UPDATE OF t");
    }

    /** The graves there are of some keys. */
    public List<Row> read(Connection connection, Collection<RowKey> keys) throws SQLException {
        return byKeys(connection, keys, "");
    }

    private List<Row> byKeys(Connection connection, Collection<RowKey> keys, String end) throws SQLException {
        String sql = "SELECT " + COLUMNS + " FROM unnest(?::text[], ?::text[], ?::text[]) AS k(owner, model, sk) JOIN "
                + table + " AS t ON t.owner = k.owner AND t.model = k.model AND t.sk = k.sk" + end;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, Sql.texts(connection, keys, RowKey::owner));
            statement.setArray(2, Sql.texts(connection, keys, RowKey::model));
            statement.setArray(3, Sql.texts(connection, keys, RowKey::sk));
            return rows(statement);
        }
    }

    /** A model's graves of an owner after a sort key, in its order, at most {@code limit}. */
    public List<Row> page(Connection connection, String model, String owner, String afterSk, int limit)
            throws SQLException {
        String sql = "SELECT " + COLUMNS + " FROM " + table
                + " AS t WHERE t.owner = ? AND t.model = ? AND t.sk > ? ORDER BY t.sk LIMIT ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, owner);
            statement.setString(2, model);
            statement.setString(3, afterSk);
            statement.setInt(4, limit);
            return rows(statement);
        }
    }

    /** A model's graves of all owners after one of them, by owner and sort key, at most {@code limit}. */
    public List<Row> pageOfAll(Connection connection, String model, String afterOwner, String afterSk, int limit)
            throws SQLException {
        return pageOfAll(connection, model, afterOwner, afterSk, limit, "");
    }

    /** The same, of graves that nobody may change until the transaction ends. */
    public List<Row> keepAll(Connection connection, String model, String afterOwner, String afterSk, int limit)
            throws SQLException {
        return pageOfAll(connection, model, afterOwner, afterSk, limit, " FOR SHARE OF t");
    }

    private List<Row> pageOfAll(
            Connection connection, String model, String afterOwner, String afterSk, int limit, String end)
            throws SQLException {
        String sql = "SELECT " + COLUMNS + " FROM " + table
                + " AS t WHERE (t.owner, t.model, t.sk) > (?, ?, ?) AND t.model = ?"
                + " ORDER BY t.owner, t.model, t.sk LIMIT ?" + end;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, afterOwner);
            statement.setString(2, model);
            statement.setString(3, afterSk);
            statement.setString(4, model);
            statement.setInt(5, limit);
            return rows(statement);
        }
    }

    /** The place of a key among those that are locked together, as SQL. */
    static String spot(String model, String owner, String sk) {
        return "hashtext(" + model + " || ' ' || " + owner + " || ' ' || " + sk + ") & " + (SPOTS - 1);
    }

    /**
     * Waits, until the transaction ends, for those who are inserting rows of some keys, and has others who would wait: a
     * grave for a row that is not there meets no row's lock. What was read before has to be read again.
     */
    public void claim(Connection connection, Collection<RowKey> keys) throws SQLException {
        String sql = "SELECT pg_advisory_xact_lock(hashtext(?), spot) FROM (SELECT DISTINCT "
                + spot("k.model", "k.owner", "k.sk")
                + " AS spot FROM unnest(?::text[], ?::text[], ?::text[]) AS k(owner, model, sk) ORDER BY 1) AS spots";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, schema);
            statement.setArray(2, Sql.texts(connection, keys, RowKey::owner));
            statement.setArray(3, Sql.texts(connection, keys, RowKey::model));
            statement.setArray(4, Sql.texts(connection, keys, RowKey::sk));
            statement.executeQuery().close();
        }
    }

    /** Notes removals, where none later is known. */
    public void bury(Connection connection, List<Row> removed) throws SQLException {
        String sql = "INSERT INTO " + table + " AS t (owner, model, sk, account_id, clock)"
                + " SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[])"
                + " ON CONFLICT (owner, model, sk) DO UPDATE SET clock = excluded.clock, buried = clock_timestamp()"
                + " WHERE t.clock < excluded.clock";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            String[][] columns = new String[5][removed.size()];
            for (int i = 0; i < removed.size(); i++) {
                Row row = removed.get(i);
                columns[0][i] = row.key().owner();
                columns[1][i] = row.key().model();
                columns[2][i] = row.key().sk();
                columns[3][i] = row.accountId();
                columns[4][i] =
                        Objects.requireNonNull(row.state().clock().removed()).toString();
            }
            for (int i = 0; i < columns.length; i++) {
                statement.setArray(i + 1, Sql.texts(connection, columns[i]));
            }
            statement.executeUpdate();
        }
    }

    private static List<Row> rows(PreparedStatement statement) throws SQLException {
        List<Row> graves = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                RowKey key = new RowKey(result.getString(2), result.getString(1), result.getString(3));
                graves.add(new Row(
                        key, result.getString(4), RowState.removed(HybridTimestamp.parse(result.getString(5)))));
            }
        }
        return graves;
    }
}
