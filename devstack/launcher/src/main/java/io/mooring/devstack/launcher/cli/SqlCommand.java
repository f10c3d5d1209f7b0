package io.mooring.devstack.launcher.cli;

import io.mooring.devstack.launcher.process.StartException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./mooring sql}. What it changes reaches the devices, as what anybody changes by SQL does. */
@Command(name = "sql", description = "Runs SQL in the cloud database, as the role mooring_operator.")
final class SqlCommand implements Callable<Integer> {
    @Mixin
    private CloudOptions cloud = new CloudOptions();

    @Option(
            names = "--json",
            description = "Print one JSON document: {\"columns\":[…],\"rows\":[{…}]} or {\"changed\":N}.")
    private boolean json;

    @Option(
            names = "--cloud",
            paramLabel = "NAME",
            defaultValue = "main",
            description = "Whose tables are meant by names without a schema. Default: ${DEFAULT-VALUE}.")
    private String tenant = "main";

    @Parameters(paramLabel = "SQL", description = "A statement, such as: SELECT * FROM device")
    private String sql = "";

    @Override
    public Integer call() {
        try (Connection connection = connect(cloud.running());
                Statement statement = connection.createStatement()) {
            boolean hasRows = statement.execute(sql);
            if (hasRows) {
                try (ResultSet rows = statement.getResultSet()) {
                    print(rows);
                }
            } else if (json) {
                Output.json(Map.of("changed", statement.getUpdateCount()));
            } else {
                System.out.println(statement.getUpdateCount() + " changed");
            }
            return 0;
        } catch (SQLException refused) {
            throw new StartException("the database refused: " + refused.getMessage(), refused);
        }
    }

    private Connection connect(RunningCloud running) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", running.get("PGUSER"));
        properties.setProperty("password", running.get("PGPASSWORD"));
        properties.setProperty("currentSchema", "cloud_" + tenant + ",public");
        properties.setProperty("ApplicationName", "mooring sql");
        return DriverManager.getConnection(running.get("MOORING_JDBC"), properties);
    }

    private void print(ResultSet rows) throws SQLException {
        ResultSetMetaData columns = rows.getMetaData();
        List<String> names = new ArrayList<>();
        for (int column = 1; column <= columns.getColumnCount(); column++) {
            names.add(columns.getColumnLabel(column));
        }
        if (json) {
            List<Map<String, @Nullable Object>> found = new ArrayList<>();
            while (rows.next()) {
                found.add(object(rows, names));
            }
            Output.json(Map.of("columns", names, "rows", found));
            return;
        }
        List<List<String>> table = new ArrayList<>();
        table.add(names);
        while (rows.next()) {
            List<String> row = new ArrayList<>();
            for (int column = 1; column <= names.size(); column++) {
                String value = rows.getString(column);
                row.add(value == null ? "" : value.replace("\n", "\\n"));
            }
            table.add(row);
        }
        Output.table(table).forEach(System.out::println);
        System.err.println("(" + (table.size() - 1) + (table.size() == 2 ? " row)" : " rows)"));
    }

    private static Map<String, @Nullable Object> object(ResultSet rows, List<String> names) throws SQLException {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        for (int column = 1; column <= names.size(); column++) {
            Object value = rows.getObject(column);
            // What JSON has as such stays such; all else as PostgreSQL writes it.
            object.put(
                    names.get(column - 1),
                    value instanceof Number || value instanceof Boolean || value == null
                            ? value
                            : rows.getString(column));
        }
        return object;
    }
}
