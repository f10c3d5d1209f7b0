package io.mooring.certificates.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;

/**
 * The parameters of a statement that takes many rows at once: each is an array, a column of the rows.
 *
 * @param <T> a row
 */
final class Columns<T> {
    private final Connection connection;
    private final PreparedStatement statement;
    private final List<T> rows;
    private int next = 1;

    Columns(Connection connection, PreparedStatement statement, List<T> rows) {
        this.connection = connection;
        this.statement = statement;
        this.rows = rows;
    }

    /** Sets the next parameter, of this type of the database. */
    void set(String type, Function<T, Object> value) throws SQLException {
        // As texts, which the driver sends without escaping them one by one.
        String[] column = rows.stream().map(value).map(Object::toString).toArray(String[]::new);
        statement.setArray(next++, connection.createArrayOf(type, column));
    }

    /** Sets the next parameter, of bytes. */
    void setBytes(Function<T, byte[]> value) throws SQLException {
        statement.setArray(
                next++,
                connection.createArrayOf("bytea", rows.stream().map(value).toArray(byte[][]::new)));
    }
}
