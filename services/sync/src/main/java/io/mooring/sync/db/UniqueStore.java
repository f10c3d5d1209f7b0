package io.mooring.sync.db;

import io.mooring.contracts.schema.Field;
import io.mooring.sync.StoredValues;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.FieldValues;
import io.mooring.sync.core.IncomingChange;
import io.mooring.sync.core.RowKey;
import io.mooring.sync.core.RowRules;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.core.UniqueValues;
import io.mooring.sync.core.Value;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Unique values of devices' changes. Who holds them is looked up without locks; PostgreSQL's constraint has the last
 * word, and then one decides again.
 */
final class UniqueStore {
    private static final String UNIQUE_VIOLATION = "23505";

    /** Work that may meet a constraint; false if it could not be done for another reason. */
    @FunctionalInterface
    interface Save {
        boolean run() throws SQLException;
    }

    private final CloudSchema cloud;

    UniqueStore(CloudSchema cloud) {
        this.cloud = cloud;
    }

    /** The rows that hold the values that changes write. */
    UniqueValues holders(Connection connection, List<IncomingChange> changes) throws SQLException {
        Map<UniqueValues.Place, RowKey> holders = new HashMap<>();
        Map<String, TableLayout> layouts = new HashMap<>();
        changes.forEach(change -> layouts.put(change.key().model(), change.layout()));
        for (TableLayout layout : layouts.values()) {
            for (TableLayout.Column column : layout.unique()) {
                Set<UniqueValues.Place> places = new TreeSet<>(UniqueValues.Place.ORDER);
                for (IncomingChange change : changes) {
                    Value value = change.state().values().get(column.field().name());
                    if (change.layout() == layout && value != null && isIndexed(column, value)) {
                        places.add(UniqueValues.Place.of(column.field(), change.key(), value));
                    }
                }
                if (!places.isEmpty()) {
                    read(connection, layout, column, List.copyOf(places), holders);
                }
            }
        }
        return new UniqueValues(holders);
    }

    private static boolean isIndexed(TableLayout.Column column, Value value) {
        return value.text().length() <= RowRules.MAX_UNIQUE_LENGTH
                && FieldValues.fit(column.type(), value).isPresent();
    }

    private void read(
            Connection connection,
            TableLayout layout,
            TableLayout.Column column,
            List<UniqueValues.Place> places,
            Map<UniqueValues.Place, RowKey> holders)
            throws SQLException {
        String owner = layout.ownerColumn();
        String name = "t." + Sql.name(column.name());
        boolean owned = column.field().unique() == Field.Unique.OWNER && owner != null;
        String sql = "SELECT " + (owner == null ? "''" : "t." + owner) + ", t.sk, "
                + RowStore.text(column.type(), name) + " FROM unnest(?::text[], ?::text[]) AS k(owner, value) JOIN "
                + Sql.table(cloud, layout) + " AS t ON " + (owned ? "t." + owner + " = k.owner AND " : "") + name
                + " = "
                + Sql.fromText(column.type(), "k.value");
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "text",
                            places.stream().map(UniqueValues.Place::owner).toArray()));
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "text",
                            places.stream().map(UniqueValues.Place::value).toArray()));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    RowKey key = new RowKey(layout.model().name(), result.getString(1), result.getString(2));
                    Value value = StoredValues.of(column.type(), result.getString(3));
                    if (value != null) {
                        holders.put(UniqueValues.Place.of(column.field(), key, value), key);
                    }
                }
            }
        }
    }

    /**
     * Saves rows with unique values: they may hand values over to one another, and what somebody else has taken
     * meanwhile undoes all of it. False if that was so, or the work itself said so.
     */
    static boolean save(Connection connection, Save work) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET CONSTRAINTS ALL DEFERRED");
            if (work.run()) {
                statement.execute("SET CONSTRAINTS ALL IMMEDIATE");
                connection.releaseSavepoint(before);
                return true;
            }
        } catch (SQLException e) {
            if (!UNIQUE_VIOLATION.equals(e.getSQLState())) {
                throw e;
            }
        }
        connection.rollback(before);
        return false;
    }
}
