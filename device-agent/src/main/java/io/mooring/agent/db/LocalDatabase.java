package io.mooring.agent.db;

import io.mooring.contracts.schema.SyncSchema;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One device's SQLite file: write-ahead log, every commit synced to the disk, one connection that
 * its users take turns with. Other processes may have the file open and write to it at any time.
 */
public final class LocalDatabase implements AutoCloseable {
    /** How long to wait for another process that is writing, ms. */
    private static final int BUSY_TIMEOUT_MILLIS = 10_000;

    private static final int MAX_STATEMENTS = 24;

    private final Path file;
    private final Connection connection;
    private final ReentrantLock turn = new ReentrantLock();
    private final Map<String, TableLayout> layouts = new LinkedHashMap<>();
    private final Map<String, PreparedStatement> statements = new LinkedHashMap<>(32, 0.75f, true);
    private long seenVersion;

    /**
     * Something done within a transaction.
     *
     * @param <T> what comes of it
     */
    @FunctionalInterface
    public interface Work<T> {
        T run(LocalDatabase database) throws SQLException;
    }

    /** Something done within a transaction that nothing comes of. */
    @FunctionalInterface
    public interface Change {
        void run(LocalDatabase database) throws SQLException;
    }

    private LocalDatabase(Path file, Connection connection) {
        this.file = file;
        this.connection = connection;
    }

    /**
     * Opens the file, makes it if it is not there, and brings its tables up to the schema.
     *
     * @param cacheKilobytes how much of it to keep in memory
     * @throws SQLException if it cannot be opened or is no database of ours
     */
    public static LocalDatabase open(Path file, SyncSchema schema, String deviceId, int cacheKilobytes)
            throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("busy_timeout", Integer.toString(BUSY_TIMEOUT_MILLIS));
        properties.setProperty("transaction_mode", "IMMEDIATE");
        Connection connection = DriverManager.getConnection(url(file), properties);
        LocalDatabase database = new LocalDatabase(file, connection);
        try {
            database.prepare(schema, deviceId, cacheKilobytes);
            return database;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** The JDBC URL under which any process can open a database file. */
    public static String url(Path file) {
        return "jdbc:sqlite:" + file.toAbsolutePath();
    }

    private void prepare(SyncSchema schema, String deviceId, int cacheKilobytes) throws SQLException {
        execute("PRAGMA journal_mode = WAL");
        execute("PRAGMA synchronous = FULL");
        execute("PRAGMA cache_size = -" + cacheKilobytes);
        execute("PRAGMA temp_store = MEMORY");
        for (var model : schema.models().values()) {
            layouts.put(model.name(), TableLayout.of(model));
        }
        change(database -> {
            DatabaseLayout.bringUpToDate(database, layouts.values());
            Settings.put(database, Settings.DEVICE, deviceId);
        });
        changedByOthers();
    }

    /** Where it lies. */
    public Path file() {
        return file;
    }

    /** How a model lies in it; empty if the schema has no such model. */
    public Optional<TableLayout> layout(String model) {
        return Optional.ofNullable(layouts.get(model));
    }

    /** All models by name. */
    public Map<String, TableLayout> layouts() {
        return Map.copyOf(layouts);
    }

    /** Runs work in a transaction of its own: all of it is kept, safely on the disk, or nothing. */
    public <T> T write(Work<T> work) throws SQLException {
        turn.lock();
        try {
            connection.setAutoCommit(false);
            try {
                T result = work.run(this);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException | Error e) {
                rollBack(e);
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        } finally {
            turn.unlock();
        }
    }

    /** Runs work that only reads. */
    public <T> T read(Work<T> work) throws SQLException {
        turn.lock();
        try {
            return work.run(this);
        } finally {
            turn.unlock();
        }
    }

    /** Like {@link #write}, for what nothing comes of. */
    public void change(Change change) throws SQLException {
        write(database -> {
            change.run(database);
            return true;
        });
    }

    /** Like {@link #change}, with the triggers told not to note what is written. */
    public void changeUnnoticed(Change change) throws SQLException {
        change(database -> {
            execute("UPDATE _capture SET applying = 1");
            change.run(database);
            execute("UPDATE _capture SET applying = 0");
        });
    }

    private void rollBack(Throwable cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /** Whether another connection has committed something since this was last asked. */
    public boolean changedByOthers() throws SQLException {
        return read(database -> {
            try (ResultSet row = statement("PRAGMA data_version").executeQuery()) {
                long version = row.next() ? row.getLong(1) : 0;
                boolean changed = version != seenVersion;
                seenVersion = version;
                return changed;
            }
        });
    }

    /** A statement ready to run, its parameters set; it is kept for the next time: do not close it. */
    PreparedStatement statement(String sql, @Nullable Object... parameters) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
            if (statements.size() > MAX_STATEMENTS) {
                var eldest = statements.entrySet().iterator();
                eldest.next().getValue().close();
                eldest.remove();
            }
        }
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        return statement;
    }

    /** Runs a statement of the moment, for applications and for SQL that is not worth keeping. */
    PreparedStatement fresh(String sql) throws SQLException {
        return connection.prepareStatement(sql);
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        turn.lock();
        try {
            connection.close();
        } finally {
            turn.unlock();
        }
    }
}
