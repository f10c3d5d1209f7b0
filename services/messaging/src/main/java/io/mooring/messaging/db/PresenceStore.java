package io.mooring.messaging.db;

import io.mooring.messaging.core.Presence;
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

/** Which devices are connected, here and in the clouds' Device rows. */
public final class PresenceStore {
    /** A device and whether it is connected. */
    public record Seen(
            String device, String cloud, @Nullable String account, Presence presence) {}

    private PresenceStore() {}

    /** What is known of some devices, locked until the transaction ends. */
    public static Map<String, Seen> lock(Connection connection, Collection<String> devices) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT * FROM messaging.presence WHERE device = ANY (?) ORDER BY device FOR UPDATE")) {
            statement.setArray(1, connection.createArrayOf("text", devices.toArray()));
            Map<String, Seen> known = new HashMap<>();
            read(statement).forEach(seen -> known.put(seen.device(), seen));
            return known;
        }
    }

    /**
     * Devices that are said to be connected to a node, by sessions that began before a time; locked until the
     * transaction ends.
     */
    public static List<Seen> lockOn(Connection connection, String node, Instant before, int limit) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT * FROM messaging.presence WHERE node = ? AND connected AND began < ?
                ORDER BY device LIMIT ? FOR UPDATE""")) {
            statement.setString(1, node);
            Sql.time(statement, 2, before);
            statement.setInt(3, limit);
            return read(statement);
        }
    }

    /** Devices that were believed gone with a process of a node, which began at a time; locked until the transaction ends. */
    public static List<Seen> lockSilenced(Connection connection, String node, Instant started, int limit)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT * FROM messaging.presence WHERE node = ? AND silenced AND began >= ?
                ORDER BY device LIMIT ? FOR UPDATE""")) {
            statement.setString(1, node);
            Sql.time(statement, 2, started);
            statement.setInt(3, limit);
            return read(statement);
        }
    }

    /** The devices behind one, in their order, kept as they are until the transaction ends. */
    public static List<Seen> lockPage(Connection connection, String after, int limit) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT * FROM messaging.presence WHERE device > ? ORDER BY device LIMIT ? FOR SHARE")) {
            statement.setString(1, after);
            statement.setInt(2, limit);
            return read(statement);
        }
    }

    private static List<Seen> read(PreparedStatement statement) throws SQLException {
        List<Seen> seen = new ArrayList<>();
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                seen.add(new Seen(
                        result.getString("device"),
                        result.getString("cloud"),
                        result.getString("account"),
                        presence(result)));
            }
        }
        return seen;
    }

    /** Of a row with the columns of the table. */
    static Presence presence(ResultSet result) throws SQLException {
        return new Presence(
                result.getBoolean("connected"),
                Objects.requireNonNull(Sql.time(result, "since")),
                Objects.requireNonNull(Sql.time(result, "last_seen")),
                Objects.requireNonNull(Sql.time(result, "began")),
                result.getBoolean("silenced"),
                result.getString("node"),
                result.getString("session"),
                result.getString("address"),
                result.getString("protocol"));
    }

    /** Writes what is known now. */
    public static void save(Connection connection, List<Seen> seen) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO messaging.presence (device, cloud, account, connected, since, last_seen, node, session,
                  address, protocol, began, silenced)
                SELECT device, cloud, account, connected::boolean, since::timestamptz, last_seen::timestamptz, node,
                  session, address, protocol, began::timestamptz, silenced::boolean
                FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
                    ?::text[], ?::text[], ?::text[], ?::text[])
                  AS u(device, cloud, account, connected, since, last_seen, node, session, address, protocol, began,
                    silenced)
                ON CONFLICT (device) DO UPDATE SET cloud = excluded.cloud, account = excluded.account,
                  connected = excluded.connected, since = excluded.since, last_seen = excluded.last_seen,
                  node = excluded.node, session = excluded.session, address = excluded.address,
                  protocol = excluded.protocol, began = excluded.began, silenced = excluded.silenced""")) {
            int next = set(connection, statement, seen);
            Sql.texts(connection, statement, next, seen, one -> one.presence().protocol());
            Sql.texts(
                    connection,
                    statement,
                    next + 1,
                    seen,
                    one -> one.presence().began().toString());
            Sql.texts(
                    connection,
                    statement,
                    next + 2,
                    seen,
                    one -> Boolean.toString(one.presence().silenced()));
            statement.executeUpdate();
        }
    }

    private static int set(Connection connection, PreparedStatement statement, List<Seen> seen) throws SQLException {
        Sql.texts(connection, statement, 1, seen, Seen::device);
        Sql.texts(connection, statement, 2, seen, Seen::cloud);
        Sql.texts(connection, statement, 3, seen, Seen::account);
        Sql.texts(
                connection,
                statement,
                4,
                seen,
                one -> Boolean.toString(one.presence().connected()));
        Sql.texts(connection, statement, 5, seen, one -> one.presence().since().toString());
        Sql.texts(
                connection, statement, 6, seen, one -> one.presence().lastSeen().toString());
        Sql.texts(connection, statement, 7, seen, one -> one.presence().node());
        Sql.texts(connection, statement, 8, seen, one -> one.presence().session());
        Sql.texts(connection, statement, 9, seen, one -> one.presence().address());
        return 10;
    }

    /**
     * Writes it into the Device rows of a cloud, each field with a clock of its own, so that what devices say of
     * themselves is left alone. A device that has no row yet gets one; one that is in its grave, none.
     *
     * @param clock of the fields of a row that is made: the cloud's, now
     */
    public static void publish(Connection connection, String cloud, List<Seen> seen, String clock) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                """
                    INSERT INTO %1$s AS d (device_id, id, account_id, sk, connected, connected_since, last_seen, node, address,
                      protocol, updated, _clock)
                    SELECT u.device, u.device, u.account, 'd#' || u.device, u.connected::boolean,
                      CASE WHEN u.connected::boolean THEN u.since::timestamptz END, u.last_seen::timestamptz, u.node,
                      u.address, u.protocol, left(?, 24)::timestamptz,
                      (SELECT jsonb_object_agg(field, ?::text) FROM unnest(ARRAY['connected', 'connectedSince', 'lastSeen',
                        'node', 'address', 'protocol']) AS f(field))
                    FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[])
                      AS u(device, account, connected, since, last_seen, node, address, protocol)
                    WHERE u.account IS NOT NULL AND NOT EXISTS (SELECT FROM %2$s g
                      WHERE g.owner = u.device AND g.model = 'Device' AND g.sk = 'd#' || u.device)
                    ORDER BY u.device
                    ON CONFLICT (device_id, sk) DO UPDATE SET connected = excluded.connected,
                      connected_since = excluded.connected_since, last_seen = excluded.last_seen, node = excluded.node,
                      address = excluded.address, protocol = excluded.protocol""".formatted(Sql.table(cloud, "device"), Sql.table(cloud, "_tombstone")))) {
            statement.setString(1, clock);
            statement.setString(2, clock);
            Sql.texts(connection, statement, 3, seen, Seen::device);
            Sql.texts(connection, statement, 4, seen, Seen::account);
            Sql.texts(
                    connection,
                    statement,
                    5,
                    seen,
                    one -> Boolean.toString(one.presence().connected()));
            Sql.texts(
                    connection,
                    statement,
                    6,
                    seen,
                    one -> one.presence().since().toString());
            Sql.texts(
                    connection,
                    statement,
                    7,
                    seen,
                    one -> one.presence().lastSeen().toString());
            Sql.texts(connection, statement, 8, seen, one -> one.presence().node());
            Sql.texts(connection, statement, 9, seen, one -> one.presence().address());
            Sql.texts(connection, statement, 10, seen, one -> one.presence().protocol());
            statement.executeUpdate();
        }
    }

    /**
     * A broker node as it was last heard of.
     *
     * @param started when its process began, by its clock
     * @param said when it last said something, by its clock
     * @param heard the same by ours
     */
    public record Node(String name, Instant started, Instant said, Instant heard, boolean gone) {}

    /** Notes what nodes said. */
    public static void heard(Connection connection, List<Node> nodes) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO messaging.node AS n (name, started, said, heard, gone)
                SELECT name, started::timestamptz, said::timestamptz, heard::timestamptz, gone::boolean
                FROM unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[]) AS u(name, started, said, heard, gone)
                ON CONFLICT (name) DO UPDATE SET started = excluded.started, said = excluded.said, heard = excluded.heard,
                  gone = excluded.gone WHERE excluded.said >= n.said""")) {
            Sql.texts(connection, statement, 1, nodes, Node::name);
            Sql.texts(connection, statement, 2, nodes, node -> node.started().toString());
            Sql.texts(connection, statement, 3, nodes, node -> node.said().toString());
            Sql.texts(connection, statement, 4, nodes, node -> node.heard().toString());
            Sql.texts(connection, statement, 5, nodes, node -> Boolean.toString(node.gone()));
            statement.executeUpdate();
        }
    }

    /** All nodes. */
    public static List<Node> nodes(Connection connection) throws SQLException {
        List<Node> nodes = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM messaging.node ORDER BY name");
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                nodes.add(new Node(
                        result.getString("name"),
                        Objects.requireNonNull(Sql.time(result, "started")),
                        Objects.requireNonNull(Sql.time(result, "said")),
                        Objects.requireNonNull(Sql.time(result, "heard")),
                        result.getBoolean("gone")));
            }
        }
        return nodes;
    }
}
