package io.mooring.messaging.db;

import io.mooring.messaging.core.request.Pending;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Requests between devices and applications, and who answers what. */
public final class RequestStore {
    private static final String COLUMNS =
            "id, direction, cloud, device, account, application, name, seq, body, deadline";

    /** A declaration: these requests of this product's devices are answered by an application. */
    public record Handler(String cloud, String product, String name, String application) {}

    private RequestStore() {}

    /** A request is asked; false if its asker or asked has too many waiting already. */
    public static boolean add(Connection connection, Pending request, int mostOfDevice, Instant now)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO messaging.request (" + COLUMNS
                + ", state, created) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ? WHERE"
                + " (SELECT count(*) FROM messaging.request r WHERE r.device = ? AND r.state = 'waiting') < ?")) {
            statement.setString(1, request.id());
            statement.setString(2, request.direction().label());
            statement.setString(3, request.cloud());
            statement.setString(4, request.device());
            statement.setString(5, request.account());
            statement.setString(6, request.application());
            statement.setString(7, request.name());
            statement.setString(8, request.seq());
            statement.setString(9, request.body());
            Sql.time(statement, 10, request.deadline());
            Sql.time(statement, 11, now);
            statement.setString(12, request.device());
            statement.setInt(13, mostOfDevice);
            return statement.executeUpdate() == 1;
        }
    }

    /**
     * A request is answered by whoever was asked; empty if it waits for no answer of theirs.
     *
     * @param by the device, or the application
     */
    public static Optional<Pending> answer(
            Connection connection, String id, Pending.Direction direction, String by, String answer, Instant now)
            throws SQLException {
        String asked = direction == Pending.Direction.UP ? "application" : "device";
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE messaging.request SET state = 'answered', answer = ?"
                        + " WHERE id = ? AND direction = ? AND " + asked
                        + " = ? AND state = 'waiting' AND deadline > ? RETURNING " + COLUMNS)) {
            statement.setString(1, answer);
            statement.setString(2, id);
            statement.setString(3, direction.label());
            statement.setString(4, by);
            Sql.time(statement, 5, now);
            return pending(statement).stream().findFirst();
        }
    }

    /** Requests whose time is over from now on. */
    public static List<Pending> expire(Connection connection, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE messaging.request SET state = 'timedOut' WHERE id IN (SELECT id FROM messaging.request"
                        + " WHERE state = 'waiting' AND deadline <= ? ORDER BY deadline LIMIT 1000 FOR UPDATE SKIP LOCKED)"
                        + " RETURNING " + COLUMNS)) {
            Sql.time(statement, 1, now);
            return pending(statement);
        }
    }

    /** Forgets requests whose time was over before. */
    public static void sweep(Connection connection, Instant before) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "DELETE FROM messaging.request WHERE deadline < ? AND state <> 'waiting'")) {
            Sql.time(statement, 1, before);
            statement.executeUpdate();
        }
    }

    /** What an application is asked and has not answered, oldest first. */
    public static List<Pending> waiting(Connection connection, String application, int most, Instant now)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT " + COLUMNS
                + " FROM messaging.request WHERE application = ? AND direction = 'up' AND state = 'waiting'"
                + " AND deadline > ? ORDER BY created LIMIT ?")) {
            statement.setString(1, application);
            Sql.time(statement, 2, now);
            statement.setInt(3, most);
            return pending(statement);
        }
    }

    /** The answer to a request; empty if there is none. */
    public static Optional<String> find(Connection connection, String id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT answer FROM messaging.request WHERE id = ? AND state = 'answered'")) {
            statement.setString(1, id);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? Optional.of(result.getString(1)) : Optional.empty();
            }
        }
    }

    /** The application that answers a device's requests of a name. */
    public static Optional<String> answerer(Connection connection, String cloud, String device, String name)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT h.application FROM messaging.device d
                  JOIN messaging.request_handler h ON h.cloud = d.cloud AND h.product = d.product AND h.name = ?
                  JOIN messaging.application a ON a.id = h.application AND a.state = 'active'
                 WHERE d.id = ? AND d.cloud = ?""")) {
            statement.setString(1, name);
            statement.setString(2, device);
            statement.setString(3, cloud);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? Optional.of(result.getString(1)) : Optional.empty();
            }
        }
    }

    /** An application answers from now on; false if another does. */
    public static boolean declare(Connection connection, Handler handler, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO messaging.request_handler AS h (cloud, product, name, application, created) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (cloud, product, name) DO UPDATE SET created = h.created
                 WHERE h.application = excluded.application""")) {
            statement.setString(1, handler.cloud());
            statement.setString(2, handler.product());
            statement.setString(3, handler.name());
            statement.setString(4, handler.application());
            Sql.time(statement, 5, now);
            return statement.executeUpdate() == 1;
        }
    }

    /** An application answers no more; false if it did not. */
    public static boolean withdraw(Connection connection, Handler handler) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM messaging.request_handler"
                + " WHERE cloud = ? AND product = ? AND name = ? AND application = ?")) {
            statement.setString(1, handler.cloud());
            statement.setString(2, handler.product());
            statement.setString(3, handler.name());
            statement.setString(4, handler.application());
            return statement.executeUpdate() == 1;
        }
    }

    /** What an application answers. */
    public static List<Handler> handlers(Connection connection, String application) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT cloud, product, name, application"
                + " FROM messaging.request_handler WHERE application = ? ORDER BY product, name")) {
            statement.setString(1, application);
            List<Handler> handlers = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    handlers.add(new Handler(
                            result.getString(1), result.getString(2), result.getString(3), result.getString(4)));
                }
            }
            return handlers;
        }
    }

    private static List<Pending> pending(PreparedStatement statement) throws SQLException {
        List<Pending> requests = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                requests.add(new Pending(
                        result.getString("id"),
                        Pending.Direction.of(result.getString("direction")),
                        result.getString("cloud"),
                        result.getString("device"),
                        result.getString("account"),
                        result.getString("application"),
                        result.getString("name"),
                        result.getString("seq"),
                        result.getString("body"),
                        Objects.requireNonNull(Sql.time(result, "deadline"))));
            }
        }
        return requests;
    }
}
