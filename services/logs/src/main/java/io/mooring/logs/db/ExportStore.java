package io.mooring.logs.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** Up to which line all was handed on. */
public final class ExportStore {
    /**
     * Where a receiver is.
     *
     * @param upto the last line that it has
     * @param planned up to where the part reaches that was begun; the same if none was
     */
    public record Place(long upto, long planned) {}

    private ExportStore() {}

    /**
     * Where a receiver is; nobody else hands on to it until the transaction ends.
     *
     * @return empty if somebody else is at it
     */
    public static Optional<Place> lock(Connection connection, String target) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO logs.export (target, upto, planned) VALUES (?, 0, 0) ON CONFLICT DO NOTHING")) {
            statement.setString(1, target);
            statement.executeUpdate();
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT upto, planned FROM logs.export WHERE target = ? FOR UPDATE SKIP LOCKED")) {
            statement.setString(1, target);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? Optional.of(new Place(result.getLong(1), result.getLong(2))) : Optional.empty();
            }
        }
    }

    /** Where it is now. */
    public static void save(Connection connection, String target, Place place) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE logs.export SET upto = ?, planned = ? WHERE target = ?")) {
            statement.setLong(1, place.upto());
            statement.setLong(2, place.planned());
            statement.setString(3, target);
            statement.executeUpdate();
        }
    }
}
