package io.mooring.audit.db;

import io.mooring.audit.core.TrailRecord;
import io.mooring.contracts.audit.AuditPosition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Which numbers each source has used. */
public final class SourceStore {
    /**
     * One count of a source.
     *
     * @param highest the highest number seen
     * @param missing numbers below it that were not, as ranges; empty if none
     * @param repeated numbers that came once more with another record; empty if none
     */
    public record Count(
            String source,
            String epoch,
            long highest,
            String missing,
            long missingCount,
            String repeated,
            Instant firstAt,
            Instant lastAt) {}

    private record Key(String source, String epoch) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int bySource = source.compareTo(other.source);
            return bySource != 0 ? bySource : epoch.compareTo(other.epoch);
        }
    }

    private static final String ADD = """
        INSERT INTO audit.source AS known (source, epoch, seen, repeated, first_at, last_at)
        SELECT ?, ?, numbers.seen, numbers.repeated, ?, ?
        FROM (SELECT (SELECT range_agg(int8range(n, n + 1)) FROM unnest(?::bigint[]) n) AS seen,
                     coalesce((SELECT range_agg(int8range(n, n + 1)) FROM unnest(?::bigint[]) n), '{}') AS repeated) numbers
        ON CONFLICT (source, epoch) DO UPDATE SET
          repeated = known.repeated + excluded.repeated + known.seen * excluded.seen,
          seen = known.seen + excluded.seen,
          last_at = greatest(known.last_at, excluded.last_at)
        """;

    private SourceStore() {}

    /** Notes the numbers of records that were not taken before. */
    public static void add(Connection connection, List<TrailRecord> records, Instant now) throws SQLException {
        Map<Key, List<Long>> numbers = new TreeMap<>();
        for (TrailRecord record : records) {
            AuditPosition position = record.position();
            if (position != null) {
                numbers.computeIfAbsent(new Key(position.source(), position.epoch()), fresh -> new ArrayList<>())
                        .add(position.number());
            }
        }
        try (PreparedStatement insert = connection.prepareStatement(ADD)) {
            for (Map.Entry<Key, List<Long>> count : numbers.entrySet()) {
                Set<Long> distinct = new HashSet<>();
                List<Long> repeated = new ArrayList<>(count.getValue());
                repeated.removeIf(distinct::add);
                insert.setString(1, count.getKey().source());
                insert.setString(2, count.getKey().epoch());
                Sql.time(insert, 3, now);
                Sql.time(insert, 4, now);
                insert.setArray(5, connection.createArrayOf("bigint", distinct.toArray()));
                insert.setArray(6, connection.createArrayOf("bigint", repeated.toArray()));
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** All counts, the latest of each source last. */
    public static List<Count> all(Connection connection) throws SQLException {
        List<Count> counts = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement("""
                SELECT source, epoch, highest, missing::text AS missing, repeated::text AS repeated, first_at, last_at,
                  (SELECT coalesce(sum(upper(r) - lower(r)), 0) FROM unnest(missing) r) AS missing_count
                FROM (SELECT *, upper(seen) - 1 AS highest, int8multirange(int8range(1, upper(seen))) - seen AS missing
                      FROM audit.source) counts
                ORDER BY source, first_at
                """);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                counts.add(new Count(
                        rows.getString("source"),
                        rows.getString("epoch"),
                        rows.getLong("highest"),
                        ranges(rows.getString("missing")),
                        rows.getLong("missing_count"),
                        ranges(rows.getString("repeated")),
                        rows.getTimestamp("first_at").toInstant(),
                        rows.getTimestamp("last_at").toInstant()));
            }
        }
        return counts;
    }

    /** {@code {[3,6),[9,10)}} as {@code 3-5, 9}. */
    private static String ranges(String multirange) {
        List<String> ranges = new ArrayList<>();
        String inner = multirange.substring(1, multirange.length() - 1);
        for (String range : inner.isEmpty() ? new String[0] : inner.split("\\),")) {
            String[] ends = range.replaceAll("[\\[)]", "").split(",", 2);
            long first = Long.parseLong(ends[0]);
            long last = Long.parseLong(ends[1]) - 1;
            ranges.add(first == last ? ends[0] : first + "-" + last);
        }
        return String.join(", ", ranges);
    }
}
