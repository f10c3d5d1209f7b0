package io.mooring.bench.sync;

import io.mooring.bench.sync.BenchModel.Reading;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * The limit: the same rows into a table with the same columns and key in the same database, by the fastest statement there
 * is for it, without triggers, merging or anybody who listens.
 */
final class RawUpserts {
    private static final int BATCH = 500;
    private static final String[] COLUMNS = {
        "device_id",
        "account_id",
        "sk",
        "id",
        "round",
        "place",
        "celsius",
        "humidity",
        "alarm",
        "unit",
        "note",
        "updated",
        "_clock",
        "_extra"
    };
    private static final String[] TYPES = {
        "text",
        "text",
        "text",
        "text",
        "float8",
        "text",
        "float8",
        "float8",
        "bool",
        "text",
        "text",
        "timestamptz",
        "jsonb",
        "jsonb"
    };

    private final SyncStack stack;
    private final int connections;

    RawUpserts(SyncStack stack, int connections) throws SQLException {
        this.stack = stack;
        this.connections = connections;
        try (Connection connection = stack.superuser();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA IF NOT EXISTS bench");
            statement.execute("CREATE TABLE bench.reading (LIKE " + BenchModel.TABLE + " INCLUDING DEFAULTS,"
                    + " PRIMARY KEY (device_id, sk))");
        }
    }

    /** Writes rows; gives the seconds it took. */
    double write(List<Reading> rows) throws Exception {
        List<Future<Boolean>> writing = new ArrayList<>();
        int share = (rows.size() + connections - 1) / connections;
        long start = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
            for (int from = 0; from < rows.size(); from += share) {
                List<Reading> part = rows.subList(from, Math.min(rows.size(), from + share));
                writing.add(threads.submit(() -> writeAll(part)));
            }
            for (Future<Boolean> one : writing) {
                one.get();
            }
        } catch (ExecutionException failed) {
            throw new SQLException("upserts failed", failed.getCause());
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private boolean writeAll(List<Reading> rows) throws SQLException {
        try (Connection connection = stack.superuser()) {
            connection.setAutoCommit(false);
            for (int from = 0; from < rows.size(); from += BATCH) {
                write(connection, rows.subList(from, Math.min(rows.size(), from + BATCH)));
                connection.commit();
            }
        }
        return true;
    }

    private static void write(Connection connection, List<Reading> rows) throws SQLException {
        List<String> arrays = new ArrayList<>();
        List<String> sets = new ArrayList<>();
        for (int i = 0; i < COLUMNS.length; i++) {
            arrays.add("?::" + TYPES[i] + "[]");
            if (i > 2) {
                sets.add(COLUMNS[i] + " = excluded." + COLUMNS[i]);
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO bench.reading ("
                + String.join(", ", COLUMNS) + ") SELECT * FROM unnest(" + String.join(", ", arrays)
                + ") ON CONFLICT (device_id, sk) DO UPDATE SET " + String.join(", ", sets))) {
            bind(connection, statement, 1, rows, Reading::device);
            bind(connection, statement, 2, rows, row -> SyncStack.ACCOUNT);
            bind(connection, statement, 3, rows, Reading::sk);
            List<List<Object>> values = rows.stream().map(Reading::values).toList();
            for (int i = 0; i < 8; i++) {
                int field = i;
                bind(connection, statement, 4 + i, values, row -> row.get(field).toString());
            }
            bind(connection, statement, 12, rows, Reading::updated);
            bind(connection, statement, 13, rows, Reading::clocks);
            bind(connection, statement, 14, rows, row -> "{}");
            statement.executeUpdate();
        }
    }

    /** An array of texts, which the driver sends as they are. */
    private static <T> void bind(
            Connection connection, PreparedStatement statement, int at, List<T> rows, Function<T, String> text)
            throws SQLException {
        statement.setArray(
                at, connection.createArrayOf("text", rows.stream().map(text).toArray(String[]::new)));
    }
}
