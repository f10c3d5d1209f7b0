package io.mooring.sync.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Versions of rows, as triggers note them. */
public final class HistoryStore {
    /**
     * What happened to a row.
     *
     * @param op {@code insert}, {@code update} or {@code delete}
     * @param role the database role that wrote
     * @param clocks JSON: which fields were written when and by whom
     * @param before JSON: the values that changed, as they were; null if there was no row
     * @param after JSON: as they became; null if there is no row
     */
    public record Version(
            long id,
            Instant at,
            String model,
            String owner,
            String sk,
            String op,
            String role,
            String clocks,
            @Nullable String before,
            @Nullable String after) {}

    /**
     * Which are asked for.
     *
     * @param before only those noted before the one with this id
     * @param limit at most so many
     */
    public record Query(
            String cloud,
            String model,
            @Nullable String owner,
            @Nullable String sk,
            long before,
            int limit) {}

    private HistoryStore() {}

    /** Versions, the latest first. */
    public static List<Version> page(Connection connection, Query query) throws SQLException {
        String sql = "SELECT id, at, model, owner, sk, op, role, clocks::text, before::text, after::text"
                + " FROM sync.row_history WHERE cloud = ? AND model = ? AND id < ?"
                + (query.owner() == null ? "" : " AND owner = ?")
                + (query.sk() == null ? "" : " AND sk = ?")
                + " ORDER BY id DESC LIMIT ?";
        List<Version> versions = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            int at = 1;
            statement.setString(at++, query.cloud());
            statement.setString(at++, query.model());
            statement.setLong(at++, query.before());
            if (query.owner() != null) {
                statement.setString(at++, query.owner());
            }
            if (query.sk() != null) {
                statement.setString(at++, query.sk());
            }
            statement.setInt(at, query.limit());
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    versions.add(new Version(
                            result.getLong(1),
                            result.getTimestamp(2).toInstant(),
                            result.getString(3),
                            result.getString(4),
                            result.getString(5),
                            result.getString(6),
                            result.getString(7),
                            result.getString(8),
                            result.getString(9),
                            result.getString(10)));
                }
            }
        }
        return versions;
    }

    /** Lets go of versions older than so many days; answers how many. */
    public static int prune(Connection connection, int days) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "DELETE FROM sync.row_history WHERE at < now() - make_interval(days => ?)")) {
            statement.setInt(1, days);
            return statement.executeUpdate();
        }
    }
}
