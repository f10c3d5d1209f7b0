package io.mooring.messaging.db;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.messaging.core.shadow.ShadowDocument;
import io.mooring.messaging.core.shadow.ShadowLimits;
import io.mooring.messaging.core.shadow.ShadowRequestReader;
import io.mooring.messaging.core.shadow.StoredShadow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Shadows, as rows that anybody may read and write with SQL. */
public final class ShadowStore {
    /**
     * Which shadow.
     *
     * @param name empty for the classic one
     */
    public record Key(String cloud, String device, String name) {}

    /** A shadow as it is to be from now on. */
    public record Written(Key key, StoredShadow shadow) {}

    private static final String KEYS = "unnest(?::text[], ?::text[], ?::text[]) AS k (cloud, device, name)";

    private ShadowStore() {}

    /** Says what holds for those who write with SQL. */
    public static void configure(Connection connection, ShadowLimits limits, String topic) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO messaging.shadow_setting (document_bytes, levels, named_shadows, topic) VALUES (?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET document_bytes = excluded.document_bytes, levels = excluded.levels,
                  named_shadows = excluded.named_shadows, topic = excluded.topic""")) {
            statement.setInt(1, limits.documentBytes());
            statement.setInt(2, limits.levels());
            statement.setInt(3, limits.namedShadows());
            statement.setString(4, topic);
            statement.executeUpdate();
        }
    }

    /**
     * What is known of shadows. Until the transaction ends nobody else writes a shadow of these devices, but for those
     * who make a row with SQL: then this one fails, and is to be tried again.
     */
    public static Map<Key, StoredShadow> lock(Connection connection, Collection<Key> keys) throws SQLException {
        List<Key> list = List.copyOf(keys);
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT pg_advisory_xact_lock(k.hash) FROM (
                  SELECT DISTINCT hashtextextended('shadow/' || cloud || '/' || device, 0) AS hash
                    FROM %s ORDER BY hash) AS k""".formatted(KEYS))) {
            set(connection, statement, list);
            statement.execute();
        }
        Map<Key, StoredShadow> shadows = new HashMap<>();
        list.forEach(key -> shadows.put(key, new StoredShadow.Absent()));
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT cloud, device, name, version, deleted FROM messaging.deleted_shadow JOIN %s USING (cloud, device, name)
                """.formatted(KEYS))) {
            set(connection, statement, list);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    shadows.put(
                            key(result),
                            new StoredShadow.Deleted(
                                    result.getLong("version"), Objects.requireNonNull(Sql.time(result, "deleted"))));
                }
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT cloud, device, name, desired, reported, metadata, version FROM messaging.shadow AS s
                  JOIN %s USING (cloud, device, name) ORDER BY cloud, device, name FOR UPDATE OF s""".formatted(KEYS))) {
            set(connection, statement, list);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    shadows.put(key(result), new StoredShadow.Present(document(result)));
                }
            }
        }
        return shadows;
    }

    /** A shadow, to be read only. */
    public static StoredShadow find(Connection connection, Key key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT desired, reported, metadata, version FROM messaging.shadow
                 WHERE cloud = ? AND device = ? AND name = ?""")) {
            statement.setString(1, key.cloud());
            statement.setString(2, key.device());
            statement.setString(3, key.name());
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? new StoredShadow.Present(document(result)) : new StoredShadow.Absent();
            }
        }
    }

    /** How many named shadows devices have, by device id. */
    public static Map<String, Integer> named(Connection connection, Collection<String> devices) throws SQLException {
        Map<String, Integer> counts = new HashMap<>();
        if (devices.isEmpty()) {
            return counts;
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT s.device, count(*) FROM messaging.shadow s JOIN messaging.device d ON d.id = s.device AND d.cloud = s.cloud
                 WHERE s.device = ANY (?) AND s.name <> '' GROUP BY s.device""")) {
            statement.setArray(1, connection.createArrayOf("text", devices.toArray()));
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    counts.put(result.getString(1), result.getInt(2));
                }
            }
        }
        return counts;
    }

    /** The names of a device's named shadows, in order, from after one on. */
    public static List<String> names(Connection connection, String cloud, String device, String after, int most)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT name FROM messaging.shadow
                 WHERE cloud = ? AND device = ? AND name COLLATE "C" > ? ORDER BY name COLLATE "C" LIMIT ?""")) {
            statement.setString(1, cloud);
            statement.setString(2, device);
            statement.setString(3, after);
            statement.setInt(4, most);
            List<String> names = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    names.add(result.getString(1));
                }
            }
            return names;
        }
    }

    /** Writes shadows that were locked. */
    public static void save(Connection connection, List<Written> written, Instant now) throws SQLException {
        List<Written> present = written.stream()
                .filter(one -> one.shadow() instanceof StoredShadow.Present)
                .toList();
        List<Written> deleted = written.stream()
                .filter(one -> one.shadow() instanceof StoredShadow.Deleted)
                .toList();
        if (!present.isEmpty()) {
            savePresent(connection, present, now);
        }
        if (!deleted.isEmpty()) {
            saveDeleted(connection, deleted);
        }
    }

    private static void savePresent(Connection connection, List<Written> present, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO messaging.shadow (cloud, device, name, desired, reported, metadata, version, updated)
                SELECT k.cloud, k.device, k.name, k.desired::jsonb, k.reported::jsonb, k.metadata::jsonb, k.version, ?
                  FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[])
                    AS k (cloud, device, name, desired, reported, metadata, version)
                ON CONFLICT (cloud, device, name) DO UPDATE SET desired = excluded.desired, reported = excluded.reported,
                  metadata = excluded.metadata, version = excluded.version, updated = excluded.updated""")) {
            Sql.time(statement, 1, now);
            Sql.texts(connection, statement, 2, present, one -> one.key().cloud());
            Sql.texts(connection, statement, 3, present, one -> one.key().device());
            Sql.texts(connection, statement, 4, present, one -> one.key().name());
            Sql.texts(
                    connection,
                    statement,
                    5,
                    present,
                    one -> text(content(one).desired().state()));
            Sql.texts(
                    connection,
                    statement,
                    6,
                    present,
                    one -> text(content(one).reported().state()));
            Sql.texts(
                    connection, statement, 7, present, one -> text(content(one).metadata()));
            statement.setArray(
                    8,
                    connection.createArrayOf(
                            "int8",
                            present.stream().map(one -> content(one).version()).toArray()));
            statement.executeUpdate();
        }
        delete(connection, "deleted_shadow", present);
    }

    private static void saveDeleted(Connection connection, List<Written> deleted) throws SQLException {
        delete(connection, "shadow", deleted);
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO messaging.deleted_shadow (cloud, device, name, version, deleted) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (cloud, device, name) DO UPDATE SET version = excluded.version, deleted = excluded.deleted""")) {
            for (Written one : deleted) {
                StoredShadow.Deleted shadow = (StoredShadow.Deleted) one.shadow();
                statement.setString(1, one.key().cloud());
                statement.setString(2, one.key().device());
                statement.setString(3, one.key().name());
                statement.setLong(4, shadow.version());
                Sql.time(statement, 5, shadow.at());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private static void delete(Connection connection, String table, List<Written> written) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM messaging." + table + " AS s USING "
                + KEYS + " WHERE s.cloud = k.cloud AND s.device = k.device AND s.name = k.name")) {
            set(connection, statement, written.stream().map(Written::key).toList());
            statement.executeUpdate();
        }
    }

    /** Forgets the versions of shadows that were deleted before a time. */
    public static void sweep(Connection connection, Instant before) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM messaging.deleted_shadow WHERE deleted < ?")) {
            Sql.time(statement, 1, before);
            statement.executeUpdate();
        }
    }

    private static ShadowDocument content(Written written) {
        return written.shadow().content();
    }

    private static ShadowDocument document(ResultSet result) throws SQLException {
        ObjectNode metadata = Objects.requireNonNull(object(result.getString("metadata")));
        return new ShadowDocument(
                section(result.getString("desired"), metadata.get("desired")),
                section(result.getString("reported"), metadata.get("reported")),
                result.getLong("version"));
    }

    private static ShadowDocument.Section section(@Nullable String state, @Nullable JsonNode metadata) {
        return new ShadowDocument.Section(object(state), metadata instanceof ObjectNode stamps ? stamps : null);
    }

    private static @Nullable ObjectNode object(@Nullable String json) {
        try {
            return json == null ? null : (ObjectNode) ShadowRequestReader.JSON.readTree(json);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a column of JSON holds none", impossible);
        }
    }

    private static @Nullable String text(@Nullable JsonNode json) {
        return json == null ? null : json.toString();
    }

    private static Key key(ResultSet result) throws SQLException {
        return new Key(result.getString("cloud"), result.getString("device"), result.getString("name"));
    }

    private static void set(Connection connection, PreparedStatement statement, List<Key> keys) throws SQLException {
        Sql.texts(connection, statement, 1, keys, Key::cloud);
        Sql.texts(connection, statement, 2, keys, Key::device);
        Sql.texts(connection, statement, 3, keys, Key::name);
    }
}
