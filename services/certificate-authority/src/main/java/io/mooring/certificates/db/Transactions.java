package io.mooring.certificates.db;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** Runs work in one database transaction, committed if it returns and rolled back if it throws. */
@ApplicationScoped
public class Transactions {
    private final DataSource dataSource;

    Transactions(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /** Work on a connection. */
    @FunctionalInterface
    public interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** The database could not do what was asked; trying again later may help. */
    public static final class Unavailable extends RuntimeException {
        Unavailable(SQLException cause) {
            super("the database did not answer as it should: SQLSTATE " + cause.getSQLState(), cause);
        }
    }

    /**
     * Runs the work.
     *
     * @throws Unavailable on any {@link SQLException}
     */
    public <T> T call(Work<T> work) {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try {
                T result = work.on(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException | Error e) {
                rollback(connection, e);
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw new Unavailable(e);
        }
    }

    /** Runs work that reads only, all of it as things stood at one moment. */
    public <T> T atOneMoment(Work<T> work) {
        return call(connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("set transaction isolation level repeatable read, read only");
            }
            return work.on(connection);
        });
    }

    private static void rollback(Connection connection, Throwable cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }
}
