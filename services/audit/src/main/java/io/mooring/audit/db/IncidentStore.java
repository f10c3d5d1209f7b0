package io.mooring.audit.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What was found to be wrong with the trail itself. */
public final class IncidentStore {
    /** Something that was wrong. */
    public record Incident(Instant at, String code, String detail) {}

    private IncidentStore() {}

    public static void add(Connection connection, String code, String detail) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO audit.incident (code, detail) VALUES (?, ?)")) {
            insert.setString(1, code);
            insert.setString(2, detail);
            insert.executeUpdate();
        }
    }

    /** The latest, the latest first. */
    public static List<Incident> latest(Connection connection, int most) throws SQLException {
        List<Incident> incidents = new ArrayList<>();
        try (PreparedStatement select =
                connection.prepareStatement("SELECT at, code, detail FROM audit.incident ORDER BY id DESC LIMIT ?")) {
            select.setInt(1, most);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    incidents.add(new Incident(rows.getTimestamp(1).toInstant(), rows.getString(2), rows.getString(3)));
                }
            }
        }
        return incidents;
    }
}
