package io.mooring.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.DeviceAgent;
import io.mooring.agent.db.TableLayout;
import io.mooring.contracts.schema.Direction;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.schema.Scope;
import io.mooring.contracts.schema.SyncSchema;
import io.mooring.e2e.verdict.StandingRow;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads what stands, in the cloud and on devices. */
final class Replicas {
    private Replicas() {}

    /** All rows of a cloud, and its graves. */
    static List<StandingRow> inCloud(Connection connection, SyncSchema schema) throws SQLException, IOException {
        List<StandingRow> rows = new ArrayList<>();
        connection.setAutoCommit(false);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        try (Statement statement = connection.createStatement()) {
            for (Model model : schema.models().values()) {
                if (model.sync() == Direction.NONE) {
                    continue;
                }
                String owner = owner(model.scope());
                try (ResultSet row = statement.executeQuery("SELECT " + owner
                        + ", sk, to_jsonb(t)::text, _clock::text FROM cloud_main.\"" + TableLayout.snake(model.name())
                        + "\" AS t")) {
                    while (row.next()) {
                        rows.add(new StandingRow(
                                model.name(),
                                row.getString(1),
                                row.getString(2),
                                fields(model, History.JSON.readTree(row.getString(3))),
                                History.JSON.readTree(row.getString(4))));
                    }
                }
            }
            try (ResultSet grave =
                    statement.executeQuery("SELECT model, owner, sk, clock FROM cloud_main._tombstone")) {
                while (grave.next()) {
                    rows.add(new StandingRow(
                            grave.getString(1),
                            grave.getString(2),
                            grave.getString(3),
                            null,
                            JsonNodeFactory.instance.objectNode().put("-", grave.getString(4))));
                }
            }
        } finally {
            connection.rollback();
        }
        return rows;
    }

    static String owner(Scope scope) {
        return switch (scope) {
            case DEVICE -> "device_id";
            case ACCOUNT -> "account_id";
            case CLOUD -> "''";
        };
    }

    /** A row's fields by their names in the schema, of its columns; what no column holds besides. */
    static ObjectNode fields(Model model, JsonNode columns) {
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        TableLayout layout = TableLayout.of(model);
        for (TableLayout.Column column : layout.columns().values()) {
            JsonNode value = columns.path(column.name());
            if (!value.isMissingNode() && !value.isNull()) {
                fields.set(column.field().name(), value);
            }
        }
        if (columns.path("_extra") instanceof ObjectNode extra) {
            fields.setAll(extra);
        }
        return fields;
    }

    /** All rows of an agent's database, and what it remembers of those that are gone. */
    static List<StandingRow> onAgent(DeviceAgent device, String id, String account, SyncSchema schema, boolean base)
            throws SQLException, IOException {
        Map<String, JsonNode> clocks = new HashMap<>();
        for (var clock : device.rows().query("SELECT model, sk, clock FROM _clock")) {
            clocks.put(
                    clock.get("model") + " " + clock.get("sk"),
                    History.JSON.readTree(String.valueOf(clock.get("clock"))));
        }
        List<StandingRow> rows = new ArrayList<>();
        for (Model model : schema.models().values()) {
            if (model.sync() == Direction.NONE) {
                continue;
            }
            String owner = switch (model.scope()) {
                case DEVICE -> id;
                case ACCOUNT -> account;
                case CLOUD -> "";
            };
            for (var row : device.rows().query("SELECT sk FROM \"" + TableLayout.snake(model.name()) + "\"")) {
                String sk = String.valueOf(row.get("sk"));
                ObjectNode values = JsonNodeFactory.instance.objectNode();
                device.rows().get(model.name(), sk).orElse(Map.of()).forEach((field, value) -> {
                    if (!TableLayout.isOwner(model, field)) {
                        values.set(field, value);
                    }
                });
                JsonNode clock = clocks.remove(model.name() + " " + sk);
                rows.add(new StandingRow(model.name(), owner, sk, values, base ? null : clock));
            }
            clocks.forEach((name, clock) -> {
                if (!base && name.startsWith(model.name() + " ")) {
                    rows.add(new StandingRow(
                            model.name(), owner, name.substring(model.name().length() + 1), null, clock));
                }
            });
        }
        return rows;
    }
}
