package io.mooring.messaging.db;

import io.mooring.messaging.core.Application;
import io.mooring.messaging.core.Reach;
import io.mooring.messaging.core.Right;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Applications and the hashes of their tokens. */
public final class ApplicationStore {
    private static final String COLUMNS =
            "SELECT id, cloud, name, state, rights, products, devices, certificates, created, updated FROM"
                    + " messaging.application ";

    private ApplicationStore() {}

    /**
     * Which application topics the devices of a product have.
     *
     * @param patterns as JSON
     */
    public record Declared(String cloud, String product, String patterns, Instant updated) {}

    /** Writes an application, in whatever state. */
    public static void save(Connection connection, Application application) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO messaging.application
                  (id, cloud, name, state, rights, products, devices, certificates, created, updated)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, state = excluded.state, rights = excluded.rights,
                  products = excluded.products, devices = excluded.devices, certificates = excluded.certificates,
                  updated = excluded.updated""")) {
            statement.setString(1, application.id());
            statement.setString(2, application.cloud());
            statement.setString(3, application.name());
            statement.setString(4, application.active() ? "active" : "revoked");
            Sql.texts(connection, statement, 5, List.copyOf(application.rights()), Right::label);
            Sql.texts(connection, statement, 6, List.copyOf(application.reach().products()), text -> text);
            Sql.texts(connection, statement, 7, List.copyOf(application.reach().devices()), text -> text);
            Sql.texts(connection, statement, 8, List.copyOf(application.certificates()), text -> text);
            Sql.time(statement, 9, application.created());
            Sql.time(statement, 10, application.updated());
            statement.executeUpdate();
        }
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM messaging.application_token WHERE application = ?")) {
            statement.setString(1, application.id());
            statement.executeUpdate();
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO messaging.application_token (sha256, application, expires, created) VALUES (?, ?, ?,"
                        + " ?)")) {
            for (Application.Token token : application.tokens()) {
                statement.setString(1, token.sha256());
                statement.setString(2, application.id());
                Sql.time(statement, 3, token.expires());
                Sql.time(statement, 4, token.created());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** An application, locked until the transaction ends. */
    public static Optional<Application> lock(Connection connection, String id) throws SQLException {
        return one(connection, COLUMNS + "WHERE id = ? FOR UPDATE", id);
    }

    /** An application. */
    public static Optional<Application> find(Connection connection, String id) throws SQLException {
        return one(connection, COLUMNS + "WHERE id = ?", id);
    }

    /**
     * The application that bears a token.
     *
     * @param sha256 of the token; looking it up by its hash tells a guesser nothing of the token
     */
    public static Optional<Application> bearer(Connection connection, String sha256) throws SQLException {
        return one(
                connection,
                COLUMNS + "WHERE id = (SELECT application FROM messaging.application_token WHERE sha256 = ?)",
                sha256);
    }

    /** The applications behind an id, in the order of their ids. */
    public static List<Application> page(Connection connection, String after, int limit) throws SQLException {
        return page(connection, after, limit, "");
    }

    /** The same, kept as they are until the transaction ends. */
    public static List<Application> lockPage(Connection connection, String after, int limit) throws SQLException {
        return page(connection, after, limit, " FOR SHARE");
    }

    private static List<Application> page(Connection connection, String after, int limit, String lock)
            throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(COLUMNS + "WHERE id > ? ORDER BY id LIMIT ?" + lock)) {
            statement.setString(1, after);
            statement.setInt(2, limit);
            return all(connection, statement);
        }
    }

    private static Optional<Application> one(Connection connection, String sql, String parameter) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, parameter);
            return all(connection, statement).stream().findFirst();
        }
    }

    private static List<Application> all(Connection connection, PreparedStatement statement) throws SQLException {
        List<Application> found = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                found.add(read(result, List.of()));
            }
        }
        List<Application> complete = new ArrayList<>(found.size());
        for (Application application : found) {
            complete.add(withTokens(application, tokens(connection, application.id())));
        }
        return complete;
    }

    private static Application read(ResultSet result, List<Application.Token> tokens) throws SQLException {
        Set<Right> rights = EnumSet.noneOf(Right.class);
        for (String right : Sql.set(result, "rights")) {
            Right.of(right).ifPresent(rights::add);
        }
        return new Application(
                result.getString("id"),
                result.getString("cloud"),
                result.getString("name"),
                result.getString("state").equals("active"),
                rights,
                new Reach(Sql.set(result, "products"), Sql.set(result, "devices")),
                Sql.set(result, "certificates"),
                tokens,
                Objects.requireNonNull(Sql.time(result, "created")),
                Objects.requireNonNull(Sql.time(result, "updated")));
    }

    private static Application withTokens(Application application, List<Application.Token> tokens) {
        return new Application(
                application.id(),
                application.cloud(),
                application.name(),
                application.active(),
                application.rights(),
                application.reach(),
                application.certificates(),
                tokens,
                application.created(),
                application.updated());
    }

    private static List<Application.Token> tokens(Connection connection, String application) throws SQLException {
        List<Application.Token> tokens = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT sha256, created, expires FROM messaging.application_token WHERE application = ? ORDER BY"
                        + " created")) {
            statement.setString(1, application);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    tokens.add(new Application.Token(
                            result.getString(1),
                            Objects.requireNonNull(Sql.time(result, "created")),
                            Sql.time(result, "expires")));
                }
            }
        }
        return tokens;
    }

    /** Says which application topics the devices of a product have. */
    public static void saveTopics(Connection connection, Declared declared) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO messaging.product_topics (cloud, product, patterns, updated) VALUES (?, ?, ?::jsonb, ?)
                ON CONFLICT (cloud, product) DO UPDATE SET patterns = excluded.patterns, updated = excluded.updated""")) {
            statement.setString(1, declared.cloud());
            statement.setString(2, declared.product());
            statement.setString(3, declared.patterns());
            Sql.time(statement, 4, declared.updated());
            statement.executeUpdate();
        }
    }

    /** What was declared behind a cloud's product, in their order, kept as it is until the transaction ends. */
    public static List<Declared> lockTopics(Connection connection, String cloud, String product, int limit)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT cloud, product, patterns, updated FROM messaging.product_topics WHERE (cloud, product) > (?, ?)"
                        + " ORDER BY cloud, product LIMIT ? FOR SHARE")) {
            statement.setString(1, cloud);
            statement.setString(2, product);
            statement.setInt(3, limit);
            List<Declared> found = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    found.add(new Declared(
                            result.getString("cloud"),
                            result.getString("product"),
                            result.getString("patterns"),
                            Objects.requireNonNull(Sql.time(result, "updated"))));
                }
            }
            return found;
        }
    }

    /** Which application topics the devices of a product have, as JSON; empty if none were declared. */
    public static Optional<String> topics(Connection connection, String cloud, String product) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT patterns FROM messaging.product_topics WHERE cloud = ? AND product = ?")) {
            statement.setString(1, cloud);
            statement.setString(2, product);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? Optional.of(result.getString(1)) : Optional.empty();
            }
        }
    }
}
