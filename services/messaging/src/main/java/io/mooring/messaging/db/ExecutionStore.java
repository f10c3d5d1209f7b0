package io.mooring.messaging.db;

import io.mooring.messaging.core.Execution;
import io.mooring.messaging.core.ExecutionDecider.Answering;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What has become of commands, on each of their devices. */
public final class ExecutionStore {
    /** A command on a device. */
    public record Key(String command, String device) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int commands = command.compareTo(other.command);
            return commands != 0 ? commands : device.compareTo(other.device);
        }
    }

    /**
     * What has become of a command on a device, and what is needed to go on.
     *
     * @param changed when it came into this state
     */
    public record Entry(
            Key key,
            @Nullable String account,
            Execution execution,
            Instant changed,
            String cloud,
            String name,
            String caller,
            Duration expires,
            Duration timeout,
            Answering answering) {
        public Entry with(Execution next, Instant now) {
            return new Entry(key, account, next, now, cloud, name, caller, expires, timeout, answering);
        }
    }

    private static final String SELECT = """
            SELECT e.*, c.cloud, c.name, c.caller, c.expires_seconds, c.timeout_seconds, a.answers
            FROM messaging.execution e JOIN messaging.command c ON c.id = e.command
            LEFT JOIN messaging.answering_device a ON a.device = e.device
            """;

    private ExecutionStore() {}

    /** Those there are of some keys, locked until the transaction ends. */
    public static List<Entry> lock(Connection connection, Collection<Key> keys) throws SQLException {
        List<Key> sorted = keys.stream().sorted().toList();
        try (PreparedStatement statement = connection.prepareStatement(SELECT + """
                WHERE (e.command, e.device) IN (SELECT * FROM unnest(?::text[], ?::text[]))
                ORDER BY e.command, e.device FOR UPDATE OF e""")) {
            Sql.texts(connection, statement, 1, sorted, Key::command);
            Sql.texts(connection, statement, 2, sorted, Key::device);
            return all(statement);
        }
    }

    /** The first of a command's devices that are in a state, locked until the transaction ends. */
    public static List<Key> lockIn(Connection connection, String command, List<String> states, int limit)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT command, device FROM messaging.execution WHERE command = ? AND state = ANY (?) AND NOT final
                ORDER BY device LIMIT ? FOR UPDATE""")) {
            statement.setString(1, command);
            Sql.texts(connection, statement, 2, states, text -> text);
            statement.setInt(3, limit);
            return keys(statement);
        }
    }

    /** Those whose deadline has passed, locked until the transaction ends. */
    public static List<Key> lockDue(Connection connection, Instant now, int limit) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT command, device FROM messaging.execution WHERE deadline <= ?
                ORDER BY deadline LIMIT ? FOR UPDATE SKIP LOCKED""")) {
            Sql.time(statement, 1, now);
            statement.setInt(2, limit);
            return keys(statement);
        }
    }

    /** What is open on some devices that are not whose they were when it was asked; locked until the transaction ends. */
    public static List<Key> lockMisplaced(Connection connection, Collection<String> devices) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT e.command, e.device FROM messaging.execution e JOIN messaging.command c ON c.id = e.command
                WHERE e.device = ANY (?) AND e.state IN ('queued', 'sent') AND NOT EXISTS (
                  SELECT FROM messaging.device d WHERE d.id = e.device AND d.cloud = c.cloud
                    AND d.account IS NOT DISTINCT FROM e.account AND d.state <> 'released')
                ORDER BY e.command, e.device FOR UPDATE OF e""")) {
            statement.setArray(1, connection.createArrayOf("text", devices.toArray()));
            return keys(statement);
        }
    }

    /** Writes what became of them. */
    public static void save(Connection connection, List<Entry> entries) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                UPDATE messaging.execution e SET state = u.state, final = u.final::boolean,
                  answered = u.answered::boolean, progress = u.progress::double precision, output = u.output::jsonb,
                  message = u.message, late = u.late::jsonb, deadline = u.deadline::timestamptz,
                  changed = u.changed::timestamptz
                FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
                  ?::text[], ?::text[], ?::text[])
                  AS u(command, device, state, final, answered, progress, output, message, late, deadline, changed)
                WHERE e.command = u.command AND e.device = u.device""")) {
            List<Columns> columns =
                    entries.stream().map(entry -> Columns.of(entry.execution())).toList();
            Sql.texts(connection, statement, 1, entries, entry -> entry.key().command());
            Sql.texts(connection, statement, 2, entries, entry -> entry.key().device());
            Sql.texts(
                    connection,
                    statement,
                    3,
                    entries,
                    entry -> entry.execution().label());
            Sql.texts(
                    connection,
                    statement,
                    4,
                    entries,
                    entry -> Boolean.toString(entry.execution().isFinal()));
            Sql.texts(connection, statement, 5, columns, column -> Boolean.toString(column.answered()));
            Sql.texts(connection, statement, 6, columns, column -> text(column.progress()));
            Sql.texts(connection, statement, 7, columns, Columns::output);
            Sql.texts(connection, statement, 8, columns, Columns::message);
            Sql.texts(connection, statement, 9, columns, Columns::late);
            Sql.texts(
                    connection,
                    statement,
                    10,
                    entries,
                    entry -> text(entry.execution().deadline()));
            Sql.texts(
                    connection, statement, 11, entries, entry -> entry.changed().toString());
            statement.executeUpdate();
        }
    }

    /** How a command stands on one device. */
    public static Optional<Entry> find(Connection connection, String command, String device) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(SELECT + "WHERE e.command = ? AND e.device = ?")) {
            statement.setString(1, command);
            statement.setString(2, device);
            return all(statement).stream().findFirst();
        }
    }

    /** How a command stands on its devices behind one, in the order of their ids; in one state only, if it is given. */
    public static List<Entry> page(
            Connection connection, String command, @Nullable String state, String after, int limit)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SELECT + """
                WHERE e.command = ? AND e.device > ? AND (?::text IS NULL OR e.state = ?)
                ORDER BY e.device LIMIT ?""")) {
            statement.setString(1, command);
            statement.setString(2, after);
            statement.setString(3, state);
            statement.setString(4, state);
            statement.setInt(5, limit);
            return all(statement);
        }
    }

    /** How many devices of a command are in each state. */
    public static List<StateCount> counts(Connection connection, String command) throws SQLException {
        List<StateCount> counts = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT state, count(*) FROM messaging.execution WHERE command = ? GROUP BY state ORDER BY state")) {
            statement.setString(1, command);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    counts.add(new StateCount(result.getString(1), result.getInt(2)));
                }
            }
        }
        return counts;
    }

    /** So many devices are in this state. */
    public record StateCount(String state, int devices) {}

    private static List<Key> keys(PreparedStatement statement) throws SQLException {
        List<Key> keys = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                keys.add(new Key(result.getString(1), result.getString(2)));
            }
        }
        return keys;
    }

    private static List<Entry> all(PreparedStatement statement) throws SQLException {
        List<Entry> entries = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                entries.add(read(result));
            }
        }
        return entries;
    }

    private static Entry read(ResultSet result) throws SQLException {
        Boolean answers = result.getObject("answers", Boolean.class);
        return new Entry(
                new Key(result.getString("command"), result.getString("device")),
                result.getString("account"),
                execution(result),
                Objects.requireNonNull(Sql.time(result, "changed")),
                result.getString("cloud"),
                result.getString("name"),
                result.getString("caller"),
                Duration.ofSeconds(result.getInt("expires_seconds")),
                Duration.ofSeconds(result.getInt("timeout_seconds")),
                answers == null ? Answering.UNKNOWN : answers ? Answering.YES : Answering.NO);
    }

    private static Execution execution(ResultSet result) throws SQLException {
        String state = result.getString("state");
        Instant deadline = Sql.time(result, "deadline");
        Double progress = result.getObject("progress", Double.class);
        String output = result.getString("output");
        String message = result.getString("message");
        if (state.equals("queued")) {
            return new Execution.Queued();
        }
        if (result.getBoolean("final") || deadline == null) {
            return new Execution.Ended(
                    state, progress, output, message, result.getBoolean("answered"), result.getString("late"));
        }
        return switch (state) {
            case "sent" -> new Execution.Sent(deadline);
            case "delivered" -> new Execution.Delivered(deadline);
            default -> new Execution.Running(progress, output, message, deadline);
        };
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    /** The columns that only some states fill. */
    private record Columns(
            boolean answered,
            @Nullable Double progress,
            @Nullable String output,
            @Nullable String message,
            @Nullable String late) {
        static Columns of(Execution execution) {
            return switch (execution) {
                case Execution.Queued _, Execution.Sent _, Execution.Delivered _ ->
                    new Columns(false, null, null, null, null);
                case Execution.Running running ->
                    new Columns(false, running.progress(), running.output(), running.message(), null);
                case Execution.Ended ended ->
                    new Columns(ended.answered(), ended.progress(), ended.output(), ended.message(), ended.late());
            };
        }
    }
}
