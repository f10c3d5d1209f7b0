package io.mooring.provisioning.db;

import io.mooring.provisioning.core.Owner;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** Device clouds, and the accounts in them. */
@ApplicationScoped
public class TenantStore {
    /** A device cloud. */
    public record Cloud(String name, Instant created) {}

    /** An account in a cloud. */
    public record Account(Owner owner, Instant created) {}

    /** Makes a cloud known, if it is not; whether it was not. */
    public boolean addCloud(Connection connection, String cloud, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "insert into provisioning.cloud (name, created) values (?, ?) on conflict do nothing")) {
            statement.setString(1, cloud);
            statement.setObject(2, now.atOffset(ZoneOffset.UTC));
            return statement.executeUpdate() == 1;
        }
    }

    /** Whether a cloud is known. */
    public boolean isCloud(Connection connection, String cloud) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("select from provisioning.cloud where name = ?")) {
            statement.setString(1, cloud);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    /** All clouds, by name. */
    public List<Cloud> clouds(Connection connection) throws SQLException {
        List<Cloud> found = new ArrayList<>();
        try (PreparedStatement statement =
                        connection.prepareStatement("select name, created from provisioning.cloud order by name");
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(new Cloud(rows.getString(1), instant(rows, 2)));
            }
        }
        return found;
    }

    /** Makes an account of a known cloud known, if it is not; whether it was not. */
    public boolean addAccount(Connection connection, Owner owner, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "insert into provisioning.account (cloud, name, created) values (?, ?, ?) on conflict do nothing")) {
            statement.setString(1, owner.cloud());
            statement.setString(2, owner.account());
            statement.setObject(3, now.atOffset(ZoneOffset.UTC));
            return statement.executeUpdate() == 1;
        }
    }

    /** Whether an account is known. */
    public boolean isAccount(Connection connection, Owner owner) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("select from provisioning.account where cloud = ? and name = ?")) {
            statement.setString(1, owner.cloud());
            statement.setString(2, owner.account());
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    /** All accounts, by cloud and name. */
    public List<Account> accounts(Connection connection) throws SQLException {
        List<Account> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                        "select cloud, name, created from provisioning.account order by cloud, name");
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(new Account(new Owner(rows.getString(1), rows.getString(2)), instant(rows, 3)));
            }
        }
        return found;
    }

    private static Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
