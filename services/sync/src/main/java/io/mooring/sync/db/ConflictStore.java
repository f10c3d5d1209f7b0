package io.mooring.sync.db;

import io.mooring.sync.core.LostWrite;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What devices wrote and what does not stand, for a while. */
public final class ConflictStore {
    /** Texts that devices make up are cut, in characters: what is indexed must not be too long for that. */
    private static final int MAX_NAME = 128;

    private static final int MAX_KEY = 1024;

    /** What a device lost. */
    public record Lost(String cloud, String device, LostWrite write) {}

    /**
     * As kept.
     *
     * @param fields JSON: {@code {field: {lost, at, standing, standingAt}}}
     */
    public record Conflict(
            long id,
            String device,
            String model,
            String sk,
            String clock,
            String reason,
            String fields,
            Instant noted) {}

    /**
     * Which are asked for.
     *
     * @param before only those noted before the one with this id
     * @param limit at most so many
     */
    public record Query(
            String cloud,
            @Nullable String device,
            @Nullable String model,
            @Nullable String sk,
            long before,
            int limit) {}

    private ConflictStore() {}

    /** Keeps what was lost; each once, however often it is sent. */
    public static void add(Connection connection, List<Lost> lost) throws SQLException {
        if (lost.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO sync.conflict (cloud, device, model, sk, clock, reason, fields)
                SELECT u.cloud, u.device, u.model, u.sk, u.clock, u.reason, u.fields::jsonb
                FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
                  AS u(cloud, device, model, sk, clock, reason, fields)
                ON CONFLICT DO NOTHING""")) {
            Object[][] columns = {
                lost.stream().map(Lost::cloud).toArray(),
                lost.stream().map(Lost::device).toArray(),
                lost.stream()
                        .map(one -> cut(one.write().key().model(), MAX_NAME))
                        .toArray(),
                lost.stream().map(one -> cut(one.write().key().sk(), MAX_KEY)).toArray(),
                lost.stream().map(one -> cut(one.write().clock(), MAX_NAME)).toArray(),
                lost.stream().map(one -> one.write().reason()).toArray(),
                lost.stream().map(one -> one.write().fieldsJson()).toArray()
            };
            for (int i = 0; i < columns.length; i++) {
                statement.setArray(i + 1, connection.createArrayOf("text", columns[i]));
            }
            statement.executeUpdate();
        }
    }

    private static String cut(String text, int most) {
        String kept = text.length() <= most ? text : text.substring(0, most);
        return kept.replace("\0", ""); // PostgreSQL's texts hold none
    }

    /** Those kept, the latest first. */
    public static List<Conflict> page(Connection connection, Query query) throws SQLException {
        StringBuilder sql = new StringBuilder("SELECT id, device, model, sk, clock, reason, fields::text, noted")
                .append(" FROM sync.conflict WHERE cloud = ? AND id < ?");
        List<String> texts = new ArrayList<>();
        restrict(sql, texts, "device", query.device());
        restrict(sql, texts, "model", query.model());
        restrict(sql, texts, "sk", query.sk());
        sql.append(" ORDER BY id DESC LIMIT ?");
        List<Conflict> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql.toString())) {
            int at = 1;
            statement.setString(at++, query.cloud());
            statement.setLong(at++, query.before());
            for (String text : texts) {
                statement.setString(at++, text);
            }
            statement.setInt(at, query.limit());
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    found.add(new Conflict(
                            result.getLong(1),
                            result.getString(2),
                            result.getString(3),
                            result.getString(4),
                            result.getString(5),
                            result.getString(6),
                            result.getString(7),
                            result.getTimestamp(8).toInstant()));
                }
            }
        }
        return found;
    }

    private static void restrict(StringBuilder sql, List<String> texts, String column, @Nullable String text) {
        if (text != null) {
            sql.append(" AND ").append(column).append(" = ?");
            texts.add(text);
        }
    }

    /**
     * Lets go of what is too old or too much.
     *
     * @param days how long they are kept
     * @param perDevice how many of one device are kept at most, the latest
     * @param sinceSeconds of which devices it is asked: those that lost something in that time
     * @return how many were let go
     */
    public static int prune(Connection connection, int days, int perDevice, int sinceSeconds) throws SQLException {
        int gone;
        try (PreparedStatement old = connection.prepareStatement(
                "DELETE FROM sync.conflict WHERE noted < now() - make_interval(days => ?)")) {
            old.setInt(1, days);
            gone = old.executeUpdate();
        }
        try (PreparedStatement many = connection.prepareStatement("""
                DELETE FROM sync.conflict c USING (
                  SELECT cloud, device, (SELECT id FROM sync.conflict o WHERE o.cloud = n.cloud AND o.device = n.device
                    ORDER BY id DESC OFFSET ? LIMIT 1) AS last
                  FROM (SELECT DISTINCT cloud, device FROM sync.conflict
                    WHERE noted > now() - make_interval(secs => ?)) n) m
                WHERE c.cloud = m.cloud AND c.device = m.device AND c.id <= m.last""")) {
            many.setInt(1, perDevice);
            many.setInt(2, sinceSeconds);
            gone += many.executeUpdate();
        }
        return gone;
    }
}
