package io.mooring.sync.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Catch-ups that are owed. Kept here rather than in Kafka so that a long one holds up nobody and one that
 * was cut short is taken up again.
 */
public final class CatchUpStore {
    /**
     * A catch-up that is owed.
     *
     * @param since what the device said of where it stands
     * @param origin the record in which it asked, empty if it did not
     * @param asked how often it asked; if it asks again meanwhile it is owed another
     */
    public record CatchUp(
            String device, String cloud, @Nullable String account, String since, String origin, long asked) {}

    private CatchUpStore() {}

    /** Notes requests; of a device's several only the last. */
    public static void request(Connection connection, List<CatchUp> requests) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO sync.catch_up (device, cloud, account, since, origin)
                SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
                ON CONFLICT (device) DO UPDATE SET cloud = excluded.cloud, account = excluded.account,
                  since = excluded.since, origin = excluded.origin, asked = catch_up.asked + 1, requested = now()""")) {
            Object[][] columns = {
                requests.stream().map(CatchUp::device).toArray(),
                requests.stream().map(CatchUp::cloud).toArray(),
                requests.stream().map(CatchUp::account).toArray(),
                requests.stream().map(CatchUp::since).toArray(),
                requests.stream().map(CatchUp::origin).toArray()
            };
            for (int i = 0; i < columns.length; i++) {
                statement.setArray(i + 1, connection.createArrayOf("text", columns[i]));
            }
            statement.executeUpdate();
        }
    }

    /** Takes one that nobody is at, for a while. */
    public static Optional<CatchUp> take(Connection connection, int leaseSeconds) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                UPDATE sync.catch_up SET leased_until = now() + make_interval(secs => ?)
                WHERE device = (SELECT device FROM sync.catch_up WHERE leased_until < now()
                  ORDER BY leased_until, requested LIMIT 1 FOR UPDATE SKIP LOCKED)
                RETURNING device, cloud, account, since, origin, asked""")) {
            statement.setInt(1, leaseSeconds);
            try (ResultSet result = statement.executeQuery()) {
                return result.next()
                        ? Optional.of(new CatchUp(
                                result.getString(1),
                                result.getString(2),
                                result.getString(3),
                                result.getString(4),
                                result.getString(5),
                                result.getLong(6)))
                        : Optional.empty();
            }
        }
    }

    /** Keeps one for another while. False if it is no longer owed, or the device has asked anew. */
    public static boolean renew(Connection connection, CatchUp catchUp, int leaseSeconds) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE sync.catch_up SET leased_until = now() + make_interval(secs => ?) WHERE device = ? AND asked = ?")) {
            statement.setInt(1, leaseSeconds);
            statement.setString(2, catchUp.device());
            statement.setLong(3, catchUp.asked());
            return statement.executeUpdate() == 1;
        }
    }

    /** One is done. If the device asked again meanwhile it stays owed, to be taken at once. */
    public static void done(Connection connection, CatchUp catchUp) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement("DELETE FROM sync.catch_up WHERE device = ? AND asked = ?")) {
            delete.setString(1, catchUp.device());
            delete.setLong(2, catchUp.asked());
            if (delete.executeUpdate() == 1) {
                return;
            }
        }
        release(connection, catchUp.device(), 0);
    }

    /** Gives one back, to be taken again after a while. */
    public static void release(Connection connection, String device, int afterSeconds) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE sync.catch_up SET leased_until = now() + make_interval(secs => ?) WHERE device = ?")) {
            statement.setInt(1, afterSeconds);
            statement.setString(2, device);
            statement.executeUpdate();
        }
    }

    /** How many are owed. */
    public static long owed(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT count(*) FROM sync.catch_up");
                ResultSet result = statement.executeQuery()) {
            return result.next() ? result.getLong(1) : 0;
        }
    }
}
