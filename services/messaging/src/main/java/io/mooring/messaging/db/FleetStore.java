package io.mooring.messaging.db;

import io.mooring.messaging.core.Presence;
import io.mooring.messaging.core.Query;
import io.mooring.messaging.core.Reach;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Devices of a cloud as applications see them: what the registry says, and whether they are connected. */
public final class FleetStore {
    /**
     * A device.
     *
     * @param presence null if it was never connected
     */
    public record Member(
            DeviceStore.Device device, @Nullable Presence presence) {}

    private FleetStore() {}

    /**
     * Devices within reach behind one, in the order of their ids.
     *
     * @param query which of them; null for all
     */
    public static List<Member> page(
            Connection connection, String cloud, Reach reach, @Nullable Query query, String after, int limit)
            throws SQLException {
        QuerySql condition = query == null ? null : QuerySql.of(query);
        String where = condition == null ? "true" : condition.sql();
        List<Member> members = new ArrayList<>();
        try (PreparedStatement statement =
                connection.prepareStatement("""
                        SELECT d.id, d.cloud, d.account, d.product, d.state, d.since AS state_since, p.device, p.connected, p.since,
                          greatest(p.last_seen, n.heard) AS last_seen, p.began, p.silenced, p.node, p.session, p.address, p.protocol
                        FROM messaging.device d LEFT JOIN messaging.presence p ON p.device = d.id
                        LEFT JOIN messaging.node n ON n.name = p.node AND p.connected
                        LEFT JOIN %s r ON r.device_id = d.id
                        WHERE d.cloud = ? AND d.id > ? AND (? OR d.id = ANY (?::text[]) OR d.product = ANY (?::text[]))
                          AND (%s) ORDER BY d.id LIMIT ?""".formatted(Sql.table(cloud, "device"), where))) {
            statement.setString(1, cloud);
            statement.setString(2, after);
            statement.setBoolean(3, reach.isEverything());
            Sql.texts(connection, statement, 4, List.copyOf(reach.devices()), text -> text);
            Sql.texts(connection, statement, 5, List.copyOf(reach.products()), text -> text);
            int next = condition == null ? 6 : condition.set(connection, statement, 6);
            statement.setInt(next, limit);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    members.add(new Member(
                            new DeviceStore.Device(
                                    result.getString("id"),
                                    result.getString("cloud"),
                                    result.getString("account"),
                                    result.getString("product"),
                                    result.getString("state"),
                                    Sql.time(result, "state_since")),
                            result.getString("device") == null ? null : PresenceStore.presence(result)));
                }
            }
        }
        return members;
    }
}
