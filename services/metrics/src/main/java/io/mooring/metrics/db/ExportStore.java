package io.mooring.metrics.db;

import io.mooring.metrics.core.Dimensions;
import io.mooring.metrics.core.Owner;
import io.mooring.metrics.core.SeriesKey;
import io.mooring.metrics.core.Window;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;

/** What is to be handed on, and up to when it has been. */
public final class ExportStore {
    private ExportStore() {}

    /**
     * Up to when windows were handed on; nobody else hands on to that receiver until the transaction ends.
     *
     * @param first where to begin with a new receiver
     * @return empty if somebody else is at it
     */
    public static OptionalLong lock(Connection connection, String target, long first) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO metrics.export (target, upto) VALUES (?, ?) ON CONFLICT DO NOTHING")) {
            statement.setString(1, target);
            statement.setLong(2, first);
            statement.executeUpdate();
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT upto FROM metrics.export WHERE target = ? FOR UPDATE SKIP LOCKED")) {
            statement.setString(1, target);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? OptionalLong.of(result.getLong(1)) : OptionalLong.empty();
            }
        }
    }

    /** All before some time was handed on. */
    public static void moved(Connection connection, String target, long upto) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE metrics.export SET upto = ? WHERE target = ?")) {
            statement.setLong(1, upto);
            statement.setString(2, target);
            statement.executeUpdate();
        }
    }

    /** A window, and whose it is. */
    public record Due(SeriesKey key, long series, long start, Window window) {}

    /**
     * Windows of the spans up to one that begin within some time and are not in the next span yet, by series; at most so many.
     *
     * @param after of which series the page before was the last
     */
    public static List<Due> due(
            Connection connection, int coarsest, Collection<String> kinds, long from, long to, long after, int most)
            throws SQLException {
        StringBuilder windows = new StringBuilder();
        for (int span = 0; span <= coarsest; span++) {
            windows.append(span == 0 ? "" : " UNION ALL ")
                    .append("SELECT * FROM metrics.window_" + span + " WHERE start >= ? AND start < ? AND series > ?")
                    .append(" AND start >= (SELECT folded FROM metrics.fold WHERE span = " + span + ")");
        }
        List<Due> due = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT s.cloud, s.kind, s.owner, s.generation, s.metric, s.dimensions, w.series, w.start, w.count, w.sum,
                       w.min, w.max, w.last, w.last_millis, w.sketch
                  FROM (%s) w JOIN metrics.series s ON s.id = w.series
                 WHERE s.kind = ANY (?)
                 ORDER BY w.series, w.start LIMIT ?""".formatted(windows))) {
            int at = 1;
            for (int span = 0; span <= coarsest; span++) {
                statement.setLong(at++, from);
                statement.setLong(at++, to);
                statement.setLong(at++, after);
            }
            statement.setArray(at++, connection.createArrayOf("text", kinds.toArray()));
            statement.setInt(at, most);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    due.add(due(result));
                }
            }
        }
        return due;
    }

    private static Due due(ResultSet result) throws SQLException {
        return new Due(
                new SeriesKey(
                        result.getString(1),
                        new Owner(Owner.Kind.of(result.getString(2)), result.getString(3)),
                        result.getInt(4),
                        result.getString(5),
                        Dimensions.parse(result.getString(6))),
                result.getLong(7),
                result.getLong(8),
                new Window(
                        result.getLong(9),
                        result.getDouble(10),
                        result.getDouble(11),
                        result.getDouble(12),
                        result.getDouble(13),
                        result.getLong(14),
                        result.getBytes(15)));
    }
}
