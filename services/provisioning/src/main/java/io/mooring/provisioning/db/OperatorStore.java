package io.mooring.provisioning.db;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Operators, known by hashes. */
@ApplicationScoped
public class OperatorStore {
    /** An operator; empty where there is no password or no token. */
    public record Operator(String name, Optional<String> passwordHash, Optional<String> tokenHash) {}

    /** All operators. */
    public List<Operator> list(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                        "select name, password_hash, token_hash from provisioning.operator order by name");
                ResultSet rows = statement.executeQuery()) {
            List<Operator> found = new ArrayList<>();
            while (rows.next()) {
                found.add(new Operator(
                        rows.getString(1),
                        Optional.ofNullable(rows.getString(2)),
                        Optional.ofNullable(rows.getString(3))));
            }
            return found;
        }
    }

    /** Writes an operator as it is now. */
    public void save(Connection connection, Operator operator, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                insert into provisioning.operator (name, password_hash, token_hash, updated) values (?, ?, ?, ?)
                on conflict (name) do update set password_hash = excluded.password_hash,
                  token_hash = excluded.token_hash, updated = excluded.updated
                """)) {
            statement.setString(1, operator.name());
            statement.setString(2, operator.passwordHash().orElse(null));
            statement.setString(3, operator.tokenHash().orElse(null));
            statement.setObject(4, now.atOffset(ZoneOffset.UTC));
            statement.executeUpdate();
        }
    }
}
