package io.mooring.messaging.db;

import io.mooring.messaging.core.Command;
import io.mooring.messaging.core.CommandRequest;
import io.mooring.messaging.core.Pace;
import io.mooring.messaging.core.StopRule;
import io.mooring.messaging.core.Target;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Commands, as they stand for all their devices. */
public final class CommandStore {
    private static final String SELECT = "SELECT * FROM messaging.command ";

    private CommandStore() {}

    /** Who asked the same before, and for what. */
    public record Earlier(String id, String requestHash) {}

    /**
     * Writes a new command.
     *
     * @param target as JSON
     * @return false if the caller has used the key before
     */
    public static boolean insert(
            Connection connection, Command command, @Nullable String idempotencyKey, String requestHash, String target)
            throws SQLException {
        CommandRequest request = command.request();
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO messaging.command (id, cloud, caller, idempotency_key, request_hash, name, args, description,
                  target, state, starts, rate_per_minute, stop_share, stop_after, expires_seconds, timeout_seconds,
                  next_dispatch, created)
                VALUES (?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?::jsonb, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING""")) {
            statement.setString(1, command.id());
            statement.setString(2, request.cloud());
            statement.setString(3, command.caller());
            statement.setString(4, idempotencyKey);
            statement.setString(5, requestHash);
            statement.setString(6, request.name());
            statement.setString(7, request.args());
            statement.setString(8, request.description());
            statement.setString(9, target);
            statement.setString(10, command.state().label());
            Sql.time(statement, 11, command.starts());
            statement.setInt(12, request.pace().perMinute());
            statement.setDouble(13, request.stop().share());
            statement.setInt(14, request.stop().after());
            statement.setInt(15, request.expiresSeconds());
            statement.setInt(16, request.timeoutSeconds());
            Sql.time(statement, 17, command.nextDispatch());
            Sql.time(statement, 18, command.created());
            return statement.executeUpdate() == 1;
        }
    }

    /** What a caller asked under a key before. */
    public static Optional<Earlier> earlier(Connection connection, String caller, String key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id, request_hash FROM messaging.command WHERE caller = ? AND idempotency_key = ?")) {
            statement.setString(1, caller);
            statement.setString(2, key);
            try (ResultSet result = statement.executeQuery()) {
                return result.next()
                        ? Optional.of(new Earlier(result.getString(1), result.getString(2)))
                        : Optional.empty();
            }
        }
    }

    /** A command. */
    public static Optional<Command> find(Connection connection, String id) throws SQLException {
        return one(connection, SELECT + "WHERE id = ?", id);
    }

    /** A command, locked until the transaction ends. */
    public static Optional<Command> lock(Connection connection, String id) throws SQLException {
        return one(connection, SELECT + "WHERE id = ? FOR UPDATE", id);
    }

    /** A command for which something is to be done, locked until the transaction ends. */
    public static Optional<Command> lockDue(Connection connection, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                SELECT + "WHERE next_dispatch <= ? ORDER BY next_dispatch LIMIT 1 FOR UPDATE SKIP LOCKED")) {
            Sql.time(statement, 1, now);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? Optional.of(read(result)) : Optional.empty();
            }
        }
    }

    /** When there is next something to be done for any command. */
    public static Optional<Instant> nextDue(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                        connection.prepareStatement("SELECT min(next_dispatch) AS next FROM messaging.command");
                ResultSet result = statement.executeQuery()) {
            return result.next() ? Optional.ofNullable(Sql.time(result, "next")) : Optional.empty();
        }
    }

    /** Writes how a command goes on. */
    public static void save(Connection connection, Command command) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                UPDATE messaging.command SET state = ?, next_dispatch = ?, total = ? WHERE id = ?""")) {
            statement.setString(1, command.state().label());
            Sql.time(statement, 2, command.nextDispatch());
            statement.setInt(3, command.total());
            statement.setString(4, command.id());
            statement.executeUpdate();
        }
    }

    /** How many more devices a command is over for. */
    public record Count(int ended, int failures) {}

    /** Counts devices for which commands are over; the commands as they stand then. */
    public static List<Command> count(Connection connection, Map<String, Count> counts) throws SQLException {
        List<Map.Entry<String, Count>> entries =
                counts.entrySet().stream().sorted(Map.Entry.comparingByKey()).toList();
        try (PreparedStatement statement = connection.prepareStatement("""
                UPDATE messaging.command c SET ended = c.ended + u.ended, failures = c.failures + u.failures
                FROM (SELECT id, ended::int, failures::int FROM unnest(?::text[], ?::text[], ?::text[])
                  AS t(id, ended, failures) ORDER BY id) u
                WHERE c.id = u.id RETURNING c.*""")) {
            Sql.texts(connection, statement, 1, entries, Map.Entry::getKey);
            Sql.texts(
                    connection,
                    statement,
                    2,
                    entries,
                    entry -> Integer.toString(entry.getValue().ended()));
            Sql.texts(
                    connection,
                    statement,
                    3,
                    entries,
                    entry -> Integer.toString(entry.getValue().failures()));
            return all(statement);
        }
    }

    /** Notes that a command is over for all its devices. */
    public static void finish(Connection connection, String id, Command.State state, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE messaging.command SET state = ?, next_dispatch = NULL, finished = ? WHERE id = ?")) {
            statement.setString(1, state.label());
            Sql.time(statement, 2, now);
            statement.setString(3, id);
            statement.executeUpdate();
        }
    }

    /**
     * Commands before an id, the newest first.
     *
     * @param cloud of these only, or null for all
     * @param caller of this only, or null for all
     */
    public static List<Command> page(
            Connection connection, @Nullable String cloud, @Nullable String caller, String before, int limit)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SELECT + """
                WHERE (?::text IS NULL OR cloud = ?) AND (?::text IS NULL OR caller = ?) AND (? = '' OR id < ?)
                ORDER BY id DESC LIMIT ?""")) {
            statement.setString(1, cloud);
            statement.setString(2, cloud);
            statement.setString(3, caller);
            statement.setString(4, caller);
            statement.setString(5, before);
            statement.setString(6, before);
            statement.setInt(7, limit);
            return all(statement);
        }
    }

    private static Optional<Command> one(Connection connection, String sql, String parameter) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, parameter);
            return all(statement).stream().findFirst();
        }
    }

    private static List<Command> all(PreparedStatement statement) throws SQLException {
        List<Command> commands = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                commands.add(read(result));
            }
        }
        return commands;
    }

    private static Command read(ResultSet result) throws SQLException {
        CommandRequest request = new CommandRequest(
                result.getString("cloud"),
                result.getString("name"),
                result.getString("args"),
                result.getString("description"),
                new Target.Stored(result.getString("target")),
                Sql.time(result, "starts"),
                new Pace(result.getInt("rate_per_minute")),
                new StopRule(result.getDouble("stop_share"), result.getInt("stop_after")),
                result.getInt("expires_seconds"),
                result.getInt("timeout_seconds"));
        return new Command(
                result.getString("id"),
                result.getString("caller"),
                request,
                Command.State.of(result.getString("state")),
                Objects.requireNonNull(Sql.time(result, "starts")),
                Sql.time(result, "next_dispatch"),
                result.getInt("total"),
                result.getInt("ended"),
                result.getInt("failures"),
                Objects.requireNonNull(Sql.time(result, "created")),
                Sql.time(result, "finished"));
    }
}
