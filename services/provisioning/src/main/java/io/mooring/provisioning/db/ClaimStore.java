package io.mooring.provisioning.db;

import io.mooring.provisioning.core.ExpectedDevice;
import io.mooring.provisioning.core.IssuedClaimId;
import io.mooring.provisioning.core.Owner;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Claim ids before their devices come: those issued at the factory, and those claimed beforehand. */
@ApplicationScoped
public class ClaimStore {
    private static final String ISSUED = "select id, product, batch, secret_hash, issued from provisioning.claim_id ";

    /** Writes newly issued ids, without those that are taken; how many were written. */
    public int add(Connection connection, List<IssuedClaimId> issued) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                insert into provisioning.claim_id (id, product, batch, secret_hash, issued)
                select ?, ?, ?, ?, ? where not exists (select from provisioning.device where id = ?)
                on conflict do nothing
                """)) {
            for (IssuedClaimId claimId : issued) {
                statement.setString(1, claimId.id());
                statement.setString(2, claimId.product());
                statement.setString(3, claimId.batch());
                statement.setString(4, claimId.secretHash().orElse(null));
                statement.setObject(5, claimId.issued().atOffset(ZoneOffset.UTC));
                statement.setString(6, claimId.id());
                statement.addBatch();
            }
            int written = 0;
            for (int count : statement.executeBatch()) {
                written += count;
            }
            return written;
        }
    }

    /** The issued id. */
    public Optional<IssuedClaimId> find(Connection connection, String id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(ISSUED + "where id = ?")) {
            statement.setString(1, id);
            return read(statement).stream().findFirst();
        }
    }

    /** Issued ids of a product, after one. */
    public List<IssuedClaimId> list(Connection connection, String product, String after, int limit)
            throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement(ISSUED + "where product = ? and id > ? order by id limit ?")) {
            statement.setString(1, product);
            statement.setString(2, after);
            statement.setInt(3, limit);
            return read(statement);
        }
    }

    private static List<IssuedClaimId> read(PreparedStatement statement) throws SQLException {
        List<IssuedClaimId> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(new IssuedClaimId(
                        rows.getString("id"),
                        rows.getString("product"),
                        rows.getString("batch"),
                        Optional.ofNullable(rows.getString("secret_hash")),
                        rows.getObject("issued", OffsetDateTime.class).toInstant()));
            }
        }
        return found;
    }

    /** Writes whose a device will be when it comes. */
    public void expect(Connection connection, ExpectedDevice expected) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                insert into provisioning.expected_device (id, product, cloud, account, expected) values (?, ?, ?, ?, ?)
                on conflict (id) do update set product = excluded.product, cloud = excluded.cloud,
                  account = excluded.account, expected = excluded.expected
                """)) {
            statement.setString(1, expected.id());
            statement.setString(2, expected.product().orElse(null));
            statement.setString(3, expected.owner().cloud());
            statement.setString(4, expected.owner().account());
            statement.setObject(5, expected.since().atOffset(ZoneOffset.UTC));
            statement.executeUpdate();
        }
    }

    /** Whose a device will be when it comes. */
    public Optional<ExpectedDevice> findExpected(Connection connection, String id) throws SQLException {
        return expected(connection, "where id = ?", id, 1).stream().findFirst();
    }

    /** Expected devices by id, after one. */
    public List<ExpectedDevice> listExpected(Connection connection, String after, int limit) throws SQLException {
        return expected(connection, "where id > ?", after, limit);
    }

    private static List<ExpectedDevice> expected(Connection connection, String condition, String value, int limit)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "select id, product, cloud, account, expected from provisioning.expected_device " + condition
                        + " order by id limit " + limit)) {
            statement.setString(1, value);
            List<ExpectedDevice> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(new ExpectedDevice(
                            rows.getString("id"),
                            Optional.ofNullable(rows.getString("product")),
                            new Owner(rows.getString("cloud"), rows.getString("account")),
                            rows.getObject("expected", OffsetDateTime.class).toInstant()));
                }
            }
            return found;
        }
    }

    /** It came, or is not expected any more; whether it was expected. */
    public boolean forgetExpected(Connection connection, String id) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("delete from provisioning.expected_device where id = ?")) {
            statement.setString(1, id);
            return statement.executeUpdate() == 1;
        }
    }
}
