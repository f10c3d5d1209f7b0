package io.mooring.logs.db;

import io.mooring.logs.core.Reach;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Applications, as messaging last spoke of them. */
public final class ApplicationStore {
    /**
     * An application.
     *
     * @param tokens SHA-256 in hex of each token, and when it ends, if it does
     */
    public record Application(
            String id, String cloud, Set<String> rights, Reach reach, Map<String, Optional<Instant>> tokens) {}

    private ApplicationStore() {}

    /** Notes an application, in place of what it was. */
    public static void save(Connection connection, Application application) throws SQLException {
        forget(connection, List.of(application.id()));
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO logs.application (id, cloud, rights, products, devices) VALUES (?, ?, ?, ?, ?)")) {
            statement.setString(1, application.id());
            statement.setString(2, application.cloud());
            statement.setArray(3, array(connection, application.rights()));
            statement.setArray(4, array(connection, application.reach().products()));
            statement.setArray(5, array(connection, application.reach().devices()));
            statement.executeUpdate();
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO logs.application_token (sha256, application, expires) VALUES (?, ?, ?)")) {
            for (Map.Entry<String, Optional<Instant>> token :
                    application.tokens().entrySet()) {
                statement.setString(1, token.getKey());
                statement.setString(2, application.id());
                statement.setObject(
                        3,
                        token.getValue()
                                .map(time -> time.atOffset(ZoneOffset.UTC))
                                .orElse(null));
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** Forgets applications. */
    public static void forget(Connection connection, Collection<String> ids) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM logs.application WHERE id = ANY (?)")) {
            statement.setArray(1, array(connection, ids));
            statement.executeUpdate();
        }
    }

    /** The application that a token is of, if it is good now. */
    public static Optional<Application> bearer(Connection connection, String sha256, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT a.id, a.cloud, a.rights, a.products, a.devices FROM logs.application a
                  JOIN logs.application_token t ON t.application = a.id
                 WHERE t.sha256 = ? AND (t.expires IS NULL OR t.expires > ?)""")) {
            statement.setString(1, sha256);
            statement.setObject(2, now.atOffset(ZoneOffset.UTC));
            try (ResultSet result = statement.executeQuery()) {
                return Optional.ofNullable(result.next() ? application(result) : null);
            }
        }
    }

    private static @Nullable Application application(ResultSet result) throws SQLException {
        return new Application(
                result.getString(1),
                result.getString(2),
                set(result, 3),
                new Reach(set(result, 4), set(result, 5)),
                Map.of());
    }

    private static Set<String> set(ResultSet result, int column) throws SQLException {
        return Set.of((String[]) result.getArray(column).getArray());
    }

    private static java.sql.Array array(Connection connection, Collection<String> texts) throws SQLException {
        return connection.createArrayOf("text", texts.toArray());
    }
}
