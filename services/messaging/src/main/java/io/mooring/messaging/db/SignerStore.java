package io.mooring.messaging.db;

import io.mooring.messaging.core.Caller;
import io.mooring.messaging.core.Reach;
import io.mooring.messaging.core.Right;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Whether the owner of an access key is still the one who got it. */
public final class SignerStore {
    private static final String ACTIVE =
            "SELECT a.id, a.cloud, a.rights, a.products, a.devices FROM messaging.application a"
                    + " WHERE a.id = ? AND a.state = 'active'";

    private SignerStore() {}

    /** Whether a device is active and has been so, as this account's, since a time. */
    public static boolean isSame(Connection connection, String device, String cloud, String account, Instant since)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT 1 FROM messaging.device WHERE id = ? AND cloud = ? AND account = ? AND state = 'active'
                  AND (since IS NULL OR date_trunc('milliseconds', since) = ?)""")) {
            statement.setString(1, device);
            statement.setString(2, cloud);
            statement.setString(3, account);
            Sql.time(statement, 4, since);
            try (ResultSet result = statement.executeQuery()) {
                return result.next();
            }
        }
    }

    /**
     * An application that has a good token, which its key was made with.
     *
     * @param hashes one of which is the SHA-256 of the token
     */
    public static Optional<Caller> application(Connection connection, String id, Set<String> hashes)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ACTIVE + """
                 AND EXISTS (SELECT FROM messaging.application_token t WHERE t.application = a.id
                   AND t.sha256 = ANY (?) AND (t.expires IS NULL OR t.expires > now()))""")) {
            statement.setString(1, id);
            statement.setArray(2, connection.createArrayOf("text", hashes.toArray()));
            return caller(statement);
        }
    }

    /** An application that the broker let in. */
    public static Optional<Caller> application(Connection connection, String id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ACTIVE)) {
            statement.setString(1, id);
            return caller(statement);
        }
    }

    private static Optional<Caller> caller(PreparedStatement statement) throws SQLException {
        try (ResultSet result = statement.executeQuery()) {
            return result.next() ? Optional.of(caller(result)) : Optional.empty();
        }
    }

    private static Caller caller(ResultSet result) throws SQLException {
        Set<Right> rights = Sql.set(result, "rights").stream()
                .flatMap(right -> Right.of(right).stream())
                .collect(Collectors.toSet());
        return new Caller(
                result.getString("id"),
                result.getString("cloud"),
                rights,
                new Reach(Sql.set(result, "products"), Sql.set(result, "devices")));
    }
}
