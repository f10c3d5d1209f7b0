package io.mooring.logs.db;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** For how many days lines are kept, where somebody said so. */
public final class RetentionStore {
    /** What is set. */
    public static final class Set {
        private final Map<String, Map<String, Integer>> days = new TreeMap<>();
        private final int otherwise;

        Set(int otherwise) {
            this.otherwise = otherwise;
        }

        /** For how many days lines of a product's devices are kept. */
        public int days(String cloud, @Nullable String product) {
            Map<String, Integer> products = days.getOrDefault(cloud, Map.of());
            Integer own = product == null ? null : products.get(product);
            return own != null ? own : products.getOrDefault("", otherwise);
        }

        /** What is set of a cloud, by product; that of all of it under the empty name. */
        public Map<String, Integer> of(String cloud) {
            return days.getOrDefault(cloud, Map.of());
        }

        /** Where nothing is set. */
        public int otherwise() {
            return otherwise;
        }
    }

    private RetentionStore() {}

    /** All that is set. */
    public static Set all(Connection connection, int otherwise) throws SQLException {
        Set set = new Set(otherwise);
        try (PreparedStatement statement =
                        connection.prepareStatement("SELECT cloud, product, days FROM logs.retention");
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                set.days
                        .computeIfAbsent(result.getString(1), cloud -> new TreeMap<>())
                        .put(result.getString(2), result.getInt(3));
            }
        }
        return set;
    }

    /** Sets it for a product, or, with an empty name, for all of a cloud that has none of its own. */
    public static void save(Connection connection, String cloud, String product, int days) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO logs.retention (cloud, product, days) VALUES (?, ?, ?)
                ON CONFLICT (cloud, product) DO UPDATE SET days = excluded.days""")) {
            statement.setString(1, cloud);
            statement.setString(2, product);
            statement.setInt(3, days);
            statement.executeUpdate();
        }
    }
}
