package io.mooring.provisioning.db;

import io.mooring.provisioning.core.Owner;
import io.mooring.provisioning.core.Product;
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
import java.util.Optional;

/** Products, and the accounts that are known. */
@ApplicationScoped
public class ProductStore {
    private static final String COLUMNS = "id, name, cloud, account, created";

    /** Makes an account known, if it is not. */
    public void addAccount(Connection connection, Owner owner, Instant now) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "insert into provisioning.account (cloud, name, created) values (?, ?, ?) on conflict do nothing")) {
            statement.setString(1, owner.cloud());
            statement.setString(2, owner.account());
            statement.setObject(3, now.atOffset(ZoneOffset.UTC));
            statement.executeUpdate();
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

    /** Adds a product. */
    public void add(Connection connection, Product product, String tokenHash) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "insert into provisioning.product (" + COLUMNS + ", token_hash) values (?, ?, ?, ?, ?, ?)")) {
            statement.setString(1, product.id());
            statement.setString(2, product.name());
            statement.setString(3, product.owner().cloud());
            statement.setString(4, product.owner().account());
            statement.setObject(5, product.created().atOffset(ZoneOffset.UTC));
            statement.setString(6, tokenHash);
            statement.executeUpdate();
        }
    }

    /** The product whose token has this hash. */
    public Optional<Product> findByToken(Connection connection, String tokenHash) throws SQLException {
        return find(connection, "token_hash = ?", tokenHash);
    }

    /** The product with this id. */
    public Optional<Product> find(Connection connection, String id) throws SQLException {
        return find(connection, "id = ?", id);
    }

    /** All products, by age. */
    public List<Product> list(Connection connection) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("select " + COLUMNS + " from provisioning.product order by created, id")) {
            return read(statement);
        }
    }

    private static Optional<Product> find(Connection connection, String condition, String value) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("select " + COLUMNS + " from provisioning.product where " + condition)) {
            statement.setString(1, value);
            return read(statement).stream().findFirst();
        }
    }

    private static List<Product> read(PreparedStatement statement) throws SQLException {
        List<Product> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(new Product(
                        rows.getString("id"),
                        rows.getString("name"),
                        new Owner(rows.getString("cloud"), rows.getString("account")),
                        rows.getObject("created", OffsetDateTime.class).toInstant()));
            }
        }
        return found;
    }
}
