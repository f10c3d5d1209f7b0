package io.mooring.messaging.db;

import io.mooring.messaging.db.ExecutionStore.Entry;
import io.mooring.messaging.db.ExecutionStore.Key;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Commands that somebody wrote into a cloud's table by plain SQL, as applications of the base protocol do. */
public final class AdoptionStore {
    /** Who asked. */
    public static final String CALLER = "sql";

    /** A row of the model Command. */
    public record Row(
            String cloud,
            String device,
            @Nullable String account,
            String command,
            String name,
            @Nullable String args,
            @Nullable String description,
            @Nullable Instant expires) {}

    /** In seconds, where the row does not say until when it is good. */
    private static final int LONGEST = 30 * 24 * 60 * 60;

    private static final int TIMEOUT = 60;

    private AdoptionStore() {}

    /** Takes note of those that nobody knows yet; they are sent already. */
    public static List<Entry> adopt(Connection connection, List<Row> rows, Instant now) throws SQLException {
        List<String> unknown = unknown(connection, rows);
        List<Row> fresh =
                rows.stream().filter(row -> unknown.contains(row.command())).toList();
        if (fresh.isEmpty()) {
            return List.of();
        }
        List<Key> keys = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                WITH row AS (
                  SELECT id, cloud, device, account, name, args::jsonb AS args, description,
                    coalesce(expires::timestamptz, now() + make_interval(secs => ?)) AS expires
                  FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
                    AS u(id, cloud, device, account, name, args, description, expires)),
                made AS (
                  INSERT INTO messaging.command (id, cloud, caller, request_hash, name, args, description, target, state,
                    starts, rate_per_minute, stop_share, stop_after, expires_seconds, timeout_seconds, total, created)
                  SELECT id, min(cloud), '%1$s', '', min(name), (array_agg(args))[1], min(description),
                    jsonb_build_object('devices', jsonb_agg(device)), 'running', now(), 0, 1, 1, ?, ?, count(*), now()
                  FROM row GROUP BY id ON CONFLICT DO NOTHING RETURNING id)
                INSERT INTO messaging.execution (command, device, account, state, final, deadline, changed)
                SELECT row.id, row.device, row.account, 'sent', false, row.expires, ? FROM row JOIN made ON made.id = row.id
                ON CONFLICT DO NOTHING RETURNING command, device""".formatted(CALLER))) {
            statement.setInt(1, LONGEST);
            Sql.texts(connection, statement, 2, fresh, Row::command);
            Sql.texts(connection, statement, 3, fresh, Row::cloud);
            Sql.texts(connection, statement, 4, fresh, Row::device);
            Sql.texts(connection, statement, 5, fresh, Row::account);
            Sql.texts(connection, statement, 6, fresh, Row::name);
            Sql.texts(connection, statement, 7, fresh, Row::args);
            Sql.texts(connection, statement, 8, fresh, Row::description);
            Sql.texts(
                    connection,
                    statement,
                    9,
                    fresh,
                    row -> row.expires() == null ? null : row.expires().toString());
            statement.setInt(10, LONGEST);
            statement.setInt(11, TIMEOUT);
            Sql.time(statement, 12, now);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    keys.add(new Key(result.getString(1), result.getString(2)));
                }
            }
        }
        return keys.isEmpty() ? List.of() : ExecutionStore.lock(connection, keys);
    }

    /** Keeps the receipts of commands that nobody knows yet. */
    public static void keepEarly(Connection connection, Collection<Key> keys, Instant now) throws SQLException {
        List<Key> sorted = keys.stream().sorted().toList();
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO messaging.early_receipt (command, device, received)
                SELECT u.command, u.device, ? FROM unnest(?::text[], ?::text[]) AS u(command, device)
                WHERE NOT EXISTS (SELECT FROM messaging.execution e
                  WHERE e.command = u.command AND e.device = u.device)
                ON CONFLICT DO NOTHING""")) {
            Sql.time(statement, 1, now);
            Sql.texts(connection, statement, 2, sorted, Key::command);
            Sql.texts(connection, statement, 3, sorted, Key::device);
            statement.executeUpdate();
        }
    }

    /** Takes out the receipts that were kept of some. */
    public static List<Key> takeEarly(Connection connection, List<Entry> adopted) throws SQLException {
        List<Key> keys = new ArrayList<>();
        if (adopted.isEmpty()) {
            return keys;
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                DELETE FROM messaging.early_receipt
                WHERE (command, device) IN (SELECT * FROM unnest(?::text[], ?::text[])) RETURNING command, device""")) {
            Sql.texts(connection, statement, 1, adopted, entry -> entry.key().command());
            Sql.texts(connection, statement, 2, adopted, entry -> entry.key().device());
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    keys.add(new Key(result.getString(1), result.getString(2)));
                }
            }
        }
        return keys;
    }

    /** Lets go of receipts that nobody came for. */
    public static void forgetEarly(Connection connection, Instant before) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM messaging.early_receipt WHERE received < ?")) {
            Sql.time(statement, 1, before);
            statement.executeUpdate();
        }
    }

    private static List<String> unknown(Connection connection, List<Row> rows) throws SQLException {
        List<String> ids = rows.stream().map(Row::command).distinct().toList();
        List<String> unknown = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT u.id FROM unnest(?::text[]) AS u(id)
                WHERE NOT EXISTS (SELECT FROM messaging.command c WHERE c.id = u.id)""")) {
            Sql.texts(connection, statement, 1, ids, text -> text);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    unknown.add(result.getString(1));
                }
            }
        }
        return unknown;
    }
}
