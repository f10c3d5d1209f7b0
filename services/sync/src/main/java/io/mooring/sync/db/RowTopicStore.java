package io.mooring.sync.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collection;
import java.util.Optional;

/** Topics of rows, and how far each was filled with the rows there were before it. */
public final class RowTopicStore {
    /**
     * A topic that is not filled yet.
     *
     * @param progress how far it is, as {@link io.mooring.sync.core.CatchUpCursor} has it; empty at the beginning
     */
    public record Unfilled(String cloud, String model, String progress) {}

    private RowTopicStore() {}

    /** Notes that a cloud has tables of these models, and so topics. */
    public static void note(Connection connection, String cloud, Collection<String> models) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO sync.row_topic (cloud, model) SELECT ?, * FROM unnest(?::text[]) ON CONFLICT DO NOTHING")) {
            statement.setString(1, cloud);
            statement.setArray(2, connection.createArrayOf("text", models.toArray()));
            statement.executeUpdate();
        }
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM sync.row_topic WHERE cloud = ? AND model <> ALL (?)")) {
            statement.setString(1, cloud);
            statement.setArray(2, connection.createArrayOf("text", models.toArray()));
            statement.executeUpdate();
        }
    }

    /** Has all topics filled anew. */
    public static void forgetAll(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("DELETE FROM sync.row_topic");
        }
    }

    /** One that is not filled and that nobody is at; nobody else gets it until the transaction ends. */
    public static Optional<Unfilled> take(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT cloud, model, progress FROM sync.row_topic"
                        + " WHERE NOT filled ORDER BY cloud, model LIMIT 1 FOR UPDATE SKIP LOCKED")) {
            return result.next()
                    ? Optional.of(new Unfilled(result.getString(1), result.getString(2), result.getString(3)))
                    : Optional.empty();
        }
    }

    /** Notes how far one is. */
    public static void advance(Connection connection, Unfilled topic, String progress, boolean filled)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE sync.row_topic SET progress = ?, filled = ? WHERE cloud = ? AND model = ?")) {
            statement.setString(1, progress);
            statement.setBoolean(2, filled);
            statement.setString(3, topic.cloud());
            statement.setString(4, topic.model());
            statement.executeUpdate();
        }
    }
}
