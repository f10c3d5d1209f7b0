package io.mooring.chassis.db;

import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;

/** The service's connection to PostgreSQL: work in transactions. */
@ApplicationScoped
public class Database {
    /** Work in one transaction. */
    @FunctionalInterface
    public interface Work<T> {
        T in(Connection connection) throws SQLException;
    }

    /** Work in one transaction that yields nothing. */
    @FunctionalInterface
    public interface Task {
        void in(Connection connection) throws SQLException;
    }

    private final AgroalDataSource source;

    public Database(AgroalDataSource source) {
        this.source = source;
    }

    /** Does work in a transaction of its own; commits it, or rolls it back if the work fails. */
    public <T> T transact(Work<T> work) throws SQLException {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            try {
                T result = work.in(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                rollBack(connection, e);
                throw e;
            }
        }
    }

    /** As {@link #transact}, for work that yields nothing. */
    public void run(Task task) throws SQLException {
        transact(connection -> {
            task.in(connection);
            return true;
        });
    }

    /** Reads, outside of any transaction. */
    public <T> T read(Work<T> work) throws SQLException {
        try (Connection connection = source.getConnection()) {
            return work.in(connection);
        }
    }

    private static void rollBack(Connection connection, Exception cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }
}
