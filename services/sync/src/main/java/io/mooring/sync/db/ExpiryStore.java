package io.mooring.sync.db;

import io.mooring.contracts.schema.FieldType;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.TableLayout;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Rows whose time has come. */
public final class ExpiryStore {
    private ExpiryStore() {}

    /**
     * Deletes rows that have expired, as anybody would by SQL: they leave graves. Passes over rows that somebody is
     * just writing; they may be prolonged.
     *
     * @return how many; fewer than {@code most} if there are no more
     */
    public static int expire(Connection connection, CloudSchema cloud, TableLayout layout, int most)
            throws SQLException {
        TableLayout.Column column = layout.expiry();
        if (column == null) {
            return 0;
        }
        String table = Sql.table(cloud, layout);
        String name = Sql.name(column.name());
        String now = column.type() == FieldType.DATE ? "now()" : "extract(epoch FROM now())";
        String sql = "DELETE FROM " + table + " WHERE ctid = ANY (ARRAY(SELECT ctid FROM " + table + " WHERE " + name
                + " < " + now + " ORDER BY " + name + " LIMIT ? FOR UPDATE SKIP LOCKED))";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, most);
            return statement.executeUpdate();
        }
    }
}
