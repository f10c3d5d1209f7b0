package io.mooring.sync.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The versions of schemas, of clouds and of their products. None is ever changed or lost. */
public final class SchemaStore {
    /** How many versions are listed at most, the newest ones. */
    private static final int MOST_LISTED = 1000;

    /**
     * A schema that a product brings.
     *
     * @param version which of its versions, from 1
     * @param source as its owner wrote it
     */
    public record Product(int version, String source) {}

    /**
     * A version of a cloud's schema.
     *
     * @param version from 1
     * @param source as its owner wrote it
     * @param core the models every cloud had when it came into force
     * @param products what products brought to it
     * @param created when it came into force
     */
    public record Version(
            int version, String source, String core, SortedMap<String, Product> products, Instant created) {}

    /**
     * A version, without what it says.
     *
     * @param products which versions of products' schemas a cloud's was made with
     */
    public record Listed(int version, Instant created, SortedMap<String, Integer> products) {}

    private SchemaStore() {}

    /** The version of a cloud's schema that is in force, if there is such a cloud. */
    public static Optional<Version> current(Connection connection, String cloud) throws SQLException {
        return version(connection, cloud, CloudStore.version(connection, cloud));
    }

    /** A version of a cloud's schema. */
    public static Optional<Version> version(Connection connection, String cloud, int version) throws SQLException {
        SortedMap<String, Product> products = new TreeMap<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT p.product, p.version, p.source FROM sync.schema_version v
                CROSS JOIN LATERAL jsonb_each_text(v.products) AS made_with(product, version)
                JOIN sync.product_schema p ON p.cloud = v.cloud AND p.product = made_with.product
                  AND p.version = made_with.version::integer
                WHERE v.cloud = ? AND v.version = ?""")) {
            statement.setString(1, cloud);
            statement.setInt(2, version);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    products.put(result.getString(1), new Product(result.getInt(2), result.getString(3)));
                }
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT source, core, created FROM sync.schema_version WHERE cloud = ? AND version = ?")) {
            statement.setString(1, cloud);
            statement.setInt(2, version);
            try (ResultSet result = statement.executeQuery()) {
                return result.next()
                        ? Optional.of(new Version(
                                version,
                                result.getString(1),
                                result.getString(2),
                                products,
                                result.getTimestamp(3).toInstant()))
                        : Optional.empty();
            }
        }
    }

    /** A cloud's versions, the newest first. */
    public static List<Listed> list(Connection connection, String cloud) throws SQLException {
        List<Listed> versions = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT v.version, v.created, made_with.product, made_with.version::integer
                FROM (SELECT * FROM sync.schema_version WHERE cloud = ? ORDER BY version DESC LIMIT ?) AS v
                LEFT JOIN LATERAL jsonb_each_text(v.products) AS made_with(product, version) ON true
                ORDER BY v.version DESC""")) {
            statement.setString(1, cloud);
            statement.setInt(2, MOST_LISTED);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    int version = result.getInt(1);
                    if (versions.isEmpty() || versions.getLast().version() != version) {
                        versions.add(new Listed(version, result.getTimestamp(2).toInstant(), new TreeMap<>()));
                    }
                    if (result.getString(3) != null) {
                        versions.getLast().products().put(result.getString(3), result.getInt(4));
                    }
                }
            }
        }
        return versions;
    }

    /** A product's versions, the newest first. */
    public static List<Listed> list(Connection connection, String cloud, String product) throws SQLException {
        List<Listed> versions = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT version, created FROM sync.product_schema WHERE cloud = ? AND product = ?
                ORDER BY version DESC LIMIT ?""")) {
            statement.setString(1, cloud);
            statement.setString(2, product);
            statement.setInt(3, MOST_LISTED);
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    versions.add(
                            new Listed(result.getInt(1), result.getTimestamp(2).toInstant(), new TreeMap<>()));
                }
            }
        }
        return versions;
    }

    /** What a product's version says. */
    public static Optional<Product> product(Connection connection, String cloud, String product, int version)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT source FROM sync.product_schema WHERE cloud = ? AND product = ? AND version = ?")) {
            statement.setString(1, cloud);
            statement.setString(2, product);
            statement.setInt(3, version);
            try (ResultSet result = statement.executeQuery()) {
                return result.next() ? Optional.of(new Product(version, result.getString(1))) : Optional.empty();
            }
        }
    }

    /** Notes a version of a cloud's schema as the one in force, and versions of products' that are new with it. */
    public static void save(Connection connection, String cloud, Version next) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO sync.cloud (name, schema_version) VALUES (?, ?)
                ON CONFLICT (name) DO UPDATE SET schema_version = excluded.schema_version""")) {
            statement.setString(1, cloud);
            statement.setInt(2, next.version());
            statement.executeUpdate();
        }
        for (Map.Entry<String, Product> product : next.products().entrySet()) {
            try (PreparedStatement statement = connection.prepareStatement("""
                    INSERT INTO sync.product_schema (cloud, product, version, source) VALUES (?, ?, ?, ?)
                    ON CONFLICT DO NOTHING""")) {
                statement.setString(1, cloud);
                statement.setString(2, product.getKey());
                statement.setInt(3, product.getValue().version());
                statement.setString(4, product.getValue().source());
                statement.executeUpdate();
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO sync.schema_version (cloud, version, source, core, products)
                VALUES (?, ?, ?, ?, (SELECT coalesce(jsonb_object_agg(product, version), '{}')
                  FROM unnest(?::text[], ?::integer[]) AS made_with(product, version)))""")) {
            statement.setString(1, cloud);
            statement.setInt(2, next.version());
            statement.setString(3, next.source());
            statement.setString(4, next.core());
            statement.setArray(
                    5, connection.createArrayOf("text", next.products().keySet().toArray()));
            statement.setArray(
                    6,
                    connection.createArrayOf(
                            "integer",
                            next.products().values().stream()
                                    .map(Product::version)
                                    .toArray()));
            statement.executeUpdate();
        }
    }
}
