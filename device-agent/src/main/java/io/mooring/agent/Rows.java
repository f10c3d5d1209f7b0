package io.mooring.agent;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.agent.db.RowAccess;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a device, for its application. Values are texts, numbers, booleans, maps, lists, byte
 * arrays and {@link java.time.Instant}s; they come back as JSON has them. What is written here is on
 * the disk when the call returns, and goes up as soon as there is a connection. Plain SQL on the same
 * file from anywhere does just as well.
 */
public final class Rows {
    private final Supplier<RowAccess> access;
    private final Lock lock;
    private final Runnable written;

    /** Something done with the database. */
    @FunctionalInterface
    private interface Use<T> {
        T with(RowAccess rows) throws SQLException;
    }

    /**
     * @param access the database there is at the moment; it may be put aside, and another be there
     * @param lock held, it is not put aside
     * @param written runs after each write
     */
    Rows(Supplier<RowAccess> access, Lock lock, Runnable written) {
        this.access = access;
        this.lock = lock;
        this.written = written;
    }

    private <T> T use(Use<T> use) throws SQLException {
        lock.lock();
        try {
            return use.with(access.get());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes a whole row: fields not given have no value afterwards.
     *
     * @return the row's key
     * @throws IllegalArgumentException if the schema has no such model or field
     * @throws SQLException if the database refuses it
     */
    public String put(String model, Map<String, ? extends @Nullable Object> values) throws SQLException {
        return putAll(model, List.of(values)).getFirst();
    }

    /** Writes whole rows, all or none of them. */
    public List<String> putAll(String model, List<? extends Map<String, ? extends @Nullable Object>> rows)
            throws SQLException {
        List<String> keys = use(local -> local.putAll(model, rows));
        written.run();
        return keys;
    }

    /**
     * Changes some fields of a row; null takes a field's value away.
     *
     * @return whether there is such a row
     */
    public boolean patch(String model, String key, Map<String, ? extends @Nullable Object> values) throws SQLException {
        boolean there = use(local -> local.patch(model, key, values));
        written.run();
        return there;
    }

    /**
     * Removes a row.
     *
     * @return whether there was one
     */
    public boolean delete(String model, String key) throws SQLException {
        boolean there = use(local -> local.delete(model, key));
        written.run();
        return there;
    }

    /** A row by its key, without the key itself. */
    public Optional<Map<String, JsonNode>> get(String model, String key) throws SQLException {
        return use(local -> local.get(model, key));
    }

    /** The rows a query gives, column by column. */
    public List<Map<String, @Nullable Object>> query(String sql, @Nullable Object... parameters) throws SQLException {
        return use(local -> local.query(sql, parameters));
    }

    /**
     * Runs SQL that writes.
     *
     * @return how many rows it wrote
     */
    public int execute(String sql, @Nullable Object... parameters) throws SQLException {
        int count = use(local -> local.execute(sql, parameters));
        written.run();
        return count;
    }
}
