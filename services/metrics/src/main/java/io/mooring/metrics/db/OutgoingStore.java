package io.mooring.metrics.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Requests that are to be made once. */
public final class OutgoingStore {
    private OutgoingStore() {}

    /**
     * A request.
     *
     * @param begun since when it is not known whether it was taken; null: it was not
     */
    public record Outgoing(long id, Instant made, @Nullable Instant begun, String body) {}

    /** Adds one. */
    public static void add(Connection connection, String body, Instant now) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT INTO metrics.outgoing (made, due, body) VALUES (?, ?, ?)")) {
            statement.setObject(1, now.atOffset(ZoneOffset.UTC));
            statement.setObject(2, now.atOffset(ZoneOffset.UTC));
            statement.setString(3, body);
            statement.executeUpdate();
        }
    }

    /** How many there are, as far as it matters. */
    public static int count(Connection connection, int most) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT count(*) FROM (SELECT FROM metrics.outgoing LIMIT ?) AS waiting")) {
            statement.setInt(1, most);
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getInt(1);
            }
        }
    }

    /** Those to be dealt with by now, the oldest first. */
    public static List<Outgoing> due(Connection connection, Instant now, int most) throws SQLException {
        List<Outgoing> due = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id, made, begun, body FROM metrics.outgoing WHERE due <= ? ORDER BY due, id LIMIT ?")) {
            statement.setObject(1, now.atOffset(ZoneOffset.UTC));
            statement.setInt(2, most);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    due.add(new Outgoing(
                            result.getLong(1),
                            result.getObject(2, OffsetDateTime.class).toInstant(),
                            Optional.ofNullable(result.getObject(3, OffsetDateTime.class))
                                    .map(OffsetDateTime::toInstant)
                                    .orElse(null),
                            result.getString(4)));
                }
            }
        }
        return due;
    }

    /** Notes what is known of one, and when to deal with it next. */
    public static void note(Connection connection, long id, @Nullable Instant begun, Instant due) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE metrics.outgoing SET begun = ?, due = ? WHERE id = ?")) {
            statement.setObject(1, begun == null ? null : begun.atOffset(ZoneOffset.UTC));
            statement.setObject(2, due.atOffset(ZoneOffset.UTC));
            statement.setLong(3, id);
            statement.executeUpdate();
        }
    }

    /** It is done with. */
    public static void remove(Connection connection, long id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM metrics.outgoing WHERE id = ?")) {
            statement.setLong(1, id);
            statement.executeUpdate();
        }
    }
}
