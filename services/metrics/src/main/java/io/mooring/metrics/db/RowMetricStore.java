package io.mooring.metrics.db;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.metrics.core.RowMetric;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Which numbers of rows are metrics, as operators said. */
public final class RowMetricStore {
    private RowMetricStore() {}

    /** One of a cloud. */
    public record Declared(String cloud, RowMetric metric) {}

    /** All of them. */
    public static List<Declared> all(Connection connection) throws SQLException {
        List<Declared> all = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                        "SELECT cloud, model, fields, dimensions, since FROM metrics.row_metric ORDER BY cloud, model");
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                SortedMap<String, String> fields = new TreeMap<>();
                JsonNode named = Json.column(result.getString(3));
                if (named != null) {
                    named.properties()
                            .forEach(field ->
                                    fields.put(field.getKey(), field.getValue().asText()));
                }
                String[] dimensions = (String[]) result.getArray(4).getArray();
                all.add(new Declared(
                        result.getString(1),
                        new RowMetric(result.getString(2), fields, List.of(dimensions), result.getLong(5))));
            }
        }
        return all;
    }

    /** Sets what holds of a model; what was said before of fields that stay holds on. */
    public static void save(Connection connection, String cloud, RowMetric metric) throws SQLException {
        ObjectNode fields = Json.object();
        metric.fields().forEach(fields::put);
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO metrics.row_metric (cloud, model, fields, dimensions, since) VALUES (?, ?, ?::jsonb, ?, ?)
                ON CONFLICT (cloud, model) DO UPDATE SET fields = excluded.fields, dimensions = excluded.dimensions""")) {
            statement.setString(1, cloud);
            statement.setString(2, metric.model());
            statement.setString(3, fields.toString());
            statement.setArray(
                    4, connection.createArrayOf("text", metric.dimensions().toArray()));
            statement.setLong(5, metric.sinceMillis());
            statement.executeUpdate();
        }
    }

    /** Its rows are no metrics any more; whether they were. */
    public static boolean remove(Connection connection, String cloud, String model) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM metrics.row_metric WHERE cloud = ? AND model = ?")) {
            statement.setString(1, cloud);
            statement.setString(2, model);
            return statement.executeUpdate() > 0;
        }
    }
}
