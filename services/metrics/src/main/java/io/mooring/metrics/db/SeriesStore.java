package io.mooring.metrics.db;

import io.mooring.chassis.Json;
import io.mooring.metrics.core.Dimensions;
import io.mooring.metrics.core.Owner;
import io.mooring.metrics.core.SeriesAdmission;
import io.mooring.metrics.core.SeriesKey;
import io.mooring.metrics.core.SeriesLimits;
import io.mooring.metrics.core.Source;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Series and their numbers. */
public final class SeriesStore {
    /** How many series a cloud has in all is counted as of this owner. */
    private static final String TOTAL = "total";

    private static final String FIND = """
        SELECT s.id, u.place FROM metrics.series s
        JOIN unnest(?::text[], ?::text[], ?::text[], ?::int[], ?::text[], ?::text[]) WITH ORDINALITY
          AS u(cloud, kind, owner, generation, metric, dimensions, place)
        USING (cloud, kind, owner, generation, metric, dimensions)""";

    private static final String CREATE = """
        INSERT INTO metrics.series (cloud, kind, owner, generation, metric, dimensions, labels)
        SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::int[], ?::text[], ?::text[], ?::jsonb[])
        ON CONFLICT DO NOTHING""";

    private SeriesStore() {}

    /** The numbers of those series that there are. */
    public static Map<SeriesKey, Long> find(Connection connection, Collection<SeriesKey> keys) throws SQLException {
        List<SeriesKey> asked = List.copyOf(keys);
        Map<SeriesKey, Long> found = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            set(connection, statement, asked);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    found.put(asked.get(result.getInt(2) - 1), result.getLong(1));
                }
            }
        }
        return found;
    }

    /** Makes the series of these sources as far as the limits let; the numbers of all their series that there are then. */
    public static Map<SeriesKey, Long> create(Connection connection, Collection<Source> sources, SeriesLimits limits)
            throws SQLException {
        Set<SeriesKey> keys = new HashSet<>();
        sources.forEach(source -> keys.addAll(source.series()));
        Map<SeriesAdmission.Holder, Integer> counts = new HashMap<>();
        Map<String, Integer> totals = new HashMap<>();
        lockCounts(connection, keys, counts, totals);
        Map<SeriesKey, Long> existing = find(connection, keys);
        SeriesAdmission admission = new SeriesAdmission(limits, existing.keySet(), counts, totals);
        sources.forEach(admission::admit);
        List<SeriesKey> admitted = List.copyOf(admission.admitted());
        if (!admitted.isEmpty()) {
            insert(connection, admitted);
            count(connection, admitted);
            existing.putAll(find(connection, admitted));
        }
        return existing;
    }

    private static void insert(Connection connection, List<SeriesKey> keys) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(CREATE)) {
            set(connection, statement, keys);
            texts(connection, statement, 7, keys, key -> labels(key.dimensions()));
            statement.executeUpdate();
        }
    }

    private static String labels(Dimensions dimensions) {
        return Json.write(dimensions.values());
    }

    /** In one order, so that two who make series wait for each other and never both. */
    private static void lockCounts(
            Connection connection,
            Set<SeriesKey> keys,
            Map<SeriesAdmission.Holder, Integer> counts,
            Map<String, Integer> totals)
            throws SQLException {
        Set<List<String>> rows = rows(keys);
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO metrics.owner (cloud, kind, owner)
                SELECT * FROM unnest(?::text[], ?::text[], ?::text[]) AS u(a, b, c) ORDER BY a, b, c
                ON CONFLICT DO NOTHING""")) {
            owners(connection, statement, rows);
            statement.executeUpdate();
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT cloud, kind, owner, series FROM metrics.owner
                 WHERE (cloud, kind, owner) IN (SELECT * FROM unnest(?::text[], ?::text[], ?::text[]))
                 ORDER BY cloud, kind, owner FOR UPDATE""")) {
            owners(connection, statement, rows);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    if (result.getString(2).equals(TOTAL)) {
                        totals.put(result.getString(1), result.getInt(4));
                    } else {
                        Owner owner = new Owner(Owner.Kind.of(result.getString(2)), result.getString(3));
                        counts.put(new SeriesAdmission.Holder(result.getString(1), owner), result.getInt(4));
                    }
                }
            }
        }
    }

    private static Set<List<String>> rows(Collection<SeriesKey> keys) {
        Set<List<String>> rows = new HashSet<>();
        for (SeriesKey key : keys) {
            rows.add(
                    List.of(key.cloud(), key.owner().kind().label(), key.owner().id()));
            rows.add(List.of(key.cloud(), TOTAL, ""));
        }
        return rows;
    }

    private static void owners(Connection connection, PreparedStatement statement, Set<List<String>> rows)
            throws SQLException {
        List<List<String>> list = List.copyOf(rows);
        for (int i = 0; i < 3; i++) {
            int column = i;
            texts(connection, statement, i + 1, list, row -> row.get(column));
        }
    }

    private static void count(Connection connection, List<SeriesKey> keys) throws SQLException {
        Map<List<String>, Integer> more = new HashMap<>();
        for (SeriesKey key : keys) {
            rows(List.of(key)).forEach(row -> more.merge(row, 1, Integer::sum));
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                UPDATE metrics.owner o SET series = o.series + u.more
                  FROM unnest(?::text[], ?::text[], ?::text[], ?::int[]) AS u(cloud, kind, owner, more)
                 WHERE (o.cloud, o.kind, o.owner) = (u.cloud, u.kind, u.owner)""")) {
            Set<List<String>> rows = more.keySet();
            owners(connection, statement, rows);
            statement.setArray(
                    4,
                    connection.createArrayOf(
                            "int4", List.copyOf(rows).stream().map(more::get).toArray()));
            statement.executeUpdate();
        }
    }

    /** Notes that series had points on a day. */
    public static void seen(Connection connection, Collection<Long> ids, LocalDate day) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE metrics.series SET seen = ? WHERE id = ANY (?) AND seen < ?")) {
            statement.setObject(1, day);
            statement.setArray(2, connection.createArrayOf("int8", ids.toArray()));
            statement.setObject(3, day);
            statement.executeUpdate();
        }
    }

    /**
     * Forgets series that had no points for so long that nothing is left of them, and those of devices that changed
     * hands; at most so many.
     *
     * @return how many
     */
    public static int forget(Connection connection, LocalDate before, int most) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                WITH gone AS (
                  DELETE FROM metrics.series WHERE id IN (
                    SELECT id FROM metrics.series WHERE seen < ?
                    UNION ALL
                    SELECT s.id FROM metrics.series s JOIN metrics.device d ON s.kind = 'device' AND s.owner = d.id
                     WHERE s.generation < d.generation
                    LIMIT ?)
                  RETURNING cloud, kind, owner),
                fewer AS (
                  SELECT cloud, kind, owner, count(*) AS n FROM gone GROUP BY 1, 2, 3
                  UNION ALL
                  SELECT cloud, 'total', '', count(*) FROM gone GROUP BY 1),
                counted AS (
                  UPDATE metrics.owner o SET series = o.series - f.n FROM fewer f
                   WHERE (o.cloud, o.kind, o.owner) = (f.cloud, f.kind, f.owner))
                SELECT count(*) FROM gone""")) {
            statement.setObject(1, before);
            statement.setInt(2, most);
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getInt(1);
            }
        }
    }

    /** A series as it is listed. */
    public record Listed(long id, String metric, Dimensions dimensions) {}

    /** The series of an owner, or those of one of its metrics, in the order of their numbers. */
    public static List<Listed> list(Connection connection, SeriesKey of, boolean ofMetric, long after, int most)
            throws SQLException {
        List<Listed> listed = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT id, metric, dimensions FROM metrics.series
                 WHERE cloud = ? AND kind = ? AND owner = ? AND generation = ? AND (NOT ? OR metric = ?) AND id > ?
                 ORDER BY id LIMIT ?""")) {
            statement.setString(1, of.cloud());
            statement.setString(2, of.owner().kind().label());
            statement.setString(3, of.owner().id());
            statement.setInt(4, of.generation());
            statement.setBoolean(5, ofMetric);
            statement.setString(6, of.metric());
            statement.setLong(7, after);
            statement.setInt(8, most);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    listed.add(
                            new Listed(result.getLong(1), result.getString(2), Dimensions.parse(result.getString(3))));
                }
            }
        }
        return listed;
    }

    private static void set(Connection connection, PreparedStatement statement, List<SeriesKey> keys)
            throws SQLException {
        texts(connection, statement, 1, keys, SeriesKey::cloud);
        texts(connection, statement, 2, keys, key -> key.owner().kind().label());
        texts(connection, statement, 3, keys, key -> key.owner().id());
        statement.setArray(
                4,
                connection.createArrayOf(
                        "int4", keys.stream().map(SeriesKey::generation).toArray()));
        texts(connection, statement, 5, keys, SeriesKey::metric);
        texts(connection, statement, 6, keys, key -> key.dimensions().text());
    }

    private static <T> void texts(
            Connection connection, PreparedStatement statement, int at, List<T> items, Function<T, String> text)
            throws SQLException {
        statement.setArray(
                at, connection.createArrayOf("text", items.stream().map(text).toArray()));
    }
}
