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
import org.jspecify.annotations.Nullable;

/** Products and their tokens. */
@ApplicationScoped
public class ProductStore {
    private static final String COLUMNS =
            "p.id, p.name, p.cloud, p.account, p.created, p.cloud_made_keys, p.issued_ids_only, p.suspended";

    /** Writes a product as it is now. */
    public void save(Connection connection, Product product) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                insert into provisioning.product
                  (id, name, cloud, account, created, cloud_made_keys, issued_ids_only, suspended)
                values (?, ?, ?, ?, ?, ?, ?, ?)
                on conflict (id) do update set name = excluded.name, cloud_made_keys = excluded.cloud_made_keys,
                  issued_ids_only = excluded.issued_ids_only, suspended = excluded.suspended
                """)) {
            statement.setString(1, product.id());
            statement.setString(2, product.name());
            statement.setString(3, product.owner().cloud());
            statement.setString(4, product.owner().account());
            statement.setObject(5, time(product.created()));
            statement.setBoolean(6, product.rules().cloudMadeKeys());
            statement.setBoolean(7, product.rules().issuedIdsOnly());
            statement.setObject(8, time(product.suspended().orElse(null)));
            statement.executeUpdate();
        }
    }

    /** Gives a product one more token. */
    public void addToken(Connection connection, String product, String hash, Instant now, Optional<Instant> expires)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "insert into provisioning.product_token (hash, product, created, expires) values (?, ?, ?, ?)")) {
            statement.setString(1, hash);
            statement.setString(2, product);
            statement.setObject(3, time(now));
            statement.setObject(4, time(expires.orElse(null)));
            statement.executeUpdate();
        }
    }

    /** Lets no token of a product be good beyond some time, and forgets those that ended long ago. */
    public void expireTokens(Connection connection, String product, Instant end, Instant forgetBefore)
            throws SQLException {
        try (PreparedStatement expire = connection.prepareStatement("""
                        update provisioning.product_token set expires = least(coalesce(expires, 'infinity'), ?)
                        where product = ?
                        """);
                PreparedStatement forget = connection.prepareStatement(
                        "delete from provisioning.product_token where product = ? and expires < ?")) {
            expire.setObject(1, time(end));
            expire.setString(2, product);
            expire.executeUpdate();
            forget.setString(1, product);
            forget.setObject(2, time(forgetBefore));
            forget.executeUpdate();
        }
    }

    /** The token with this hash, and its product. */
    public Optional<Product.Token> findByToken(Connection connection, String hash) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("select " + COLUMNS
                + ", t.expires from provisioning.product_token t join provisioning.product p on p.id = t.product"
                + " where t.hash = ?")) {
            statement.setString(1, hash);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(new Product.Token(product(row), instant(row, "expires")))
                        : Optional.empty();
            }
        }
    }

    /** The product with this id. */
    public Optional<Product> find(Connection connection, String id) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("select " + COLUMNS + " from provisioning.product p where id = ?")) {
            statement.setString(1, id);
            return read(statement).stream().findFirst();
        }
    }

    /** The same, which nobody else can change until the transaction ends. */
    public Optional<Product> lock(Connection connection, String id) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "select " + COLUMNS + " from provisioning.product p where id = ? for update")) {
            statement.setString(1, id);
            return read(statement).stream().findFirst();
        }
    }

    /** All products, by age. */
    public List<Product> list(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "select " + COLUMNS + " from provisioning.product p order by created, id")) {
            return read(statement);
        }
    }

    private static List<Product> read(PreparedStatement statement) throws SQLException {
        List<Product> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(product(rows));
            }
        }
        return found;
    }

    private static Product product(ResultSet row) throws SQLException {
        return new Product(
                row.getString("id"),
                row.getString("name"),
                new Owner(row.getString("cloud"), row.getString("account")),
                row.getObject("created", OffsetDateTime.class).toInstant(),
                new Product.Rules(row.getBoolean("cloud_made_keys"), row.getBoolean("issued_ids_only")),
                instant(row, "suspended"));
    }

    private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, OffsetDateTime.class)).map(OffsetDateTime::toInstant);
    }

    private static @Nullable OffsetDateTime time(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }
}
