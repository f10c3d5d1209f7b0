package io.mooring.provisioning.db;

import io.mooring.provisioning.core.Revocation;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** Certificates that the certificate authority has still to be told of. */
@ApplicationScoped
public class RevocationStore {
    /** Remembers to tell. */
    public void add(Connection connection, List<Revocation> revocations, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "insert into provisioning.revocation (serial, reason, requested) values (?, ?, ?) on conflict do nothing")) {
            for (Revocation revocation : revocations) {
                statement.setString(1, revocation.serial());
                statement.setString(2, revocation.reason());
                statement.setObject(3, now.atOffset(ZoneOffset.UTC));
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** The oldest that are to be told. */
    public List<Revocation> oldest(Connection connection, int limit) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "select serial, reason from provisioning.revocation order by requested, serial limit ?")) {
            statement.setInt(1, limit);
            List<Revocation> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(new Revocation(rows.getString("serial"), rows.getString("reason")));
                }
            }
            return found;
        }
    }

    /** Forgets one that has been told. */
    public void remove(Connection connection, String serial) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("delete from provisioning.revocation where serial = ?")) {
            statement.setString(1, serial);
            statement.executeUpdate();
        }
    }
}
