package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.mooring.agent.AgentConfig;
import io.mooring.agent.AgentState;
import io.mooring.agent.DeviceAgent;
import io.mooring.agent.Schemas;
import io.mooring.contracts.schema.SyncSchema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The cloud goes on to a later schema; a device with the earlier one goes on working, and follows when it is updated. */
@ExtendWith(WholeCloud.class)
class OlderSchemaIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    /** What the product brings: a field of a model that the device knows, and a model that it does not. */
    private static final String LATER = """
            {
                format: 'onetable:1.1.0',
                models: {
                    Reading: {
                        sk:     {type: 'string', value: 'reading#${id}'},
                        id:     {type: 'string', generate: 'ulid'},
                        colour: {type: 'string', enum: ['red', 'green'], default: 'green'},
                    },
                    Advice: {
                        sk:     {type: 'string', value: 'advice#${deviceId}#${id}'},
                        id:     {type: 'string'},
                        text:   {type: 'string'},
                    },
                },
                process: {Advice: {sync: 'down'}},
            }
            """;

    private final CloudAccess cloud;

    OlderSchemaIT(CloudAccess cloud) {
        this.cloud = cloud;
    }

    @Test
    void aDeviceWithAnEarlierSchemaGoesOnWorking(@TempDir Path folder) throws Exception {
        String product;
        try (OperatorApi operator = new OperatorApi(cloud)) {
            product = operator.createProduct("older");
        }
        AgentConfig config = config(product, folder.resolve("device"), Schemas.demo());
        String id;
        try (DeviceAgent device = DeviceAgent.open(config, event -> {}).start()) {
            assertThat(device.await(AgentState.READY, SOON)).isTrue();
            id = device.id();
            try (OperatorApi operator = new OperatorApi(cloud)) {
                operator.putProductSchema("main", "older", LATER);
            }
            device.rows().put("Reading", Map.of("id", "mine", "value", 1));
            sql("INSERT INTO cloud_main.advice (device_id, id, text) VALUES ('" + id + "', 'a', 'rest')");
            sql("INSERT INTO cloud_main.reading (device_id, id, value, colour) VALUES ('" + id
                    + "', 'theirs', 1, 'red')");

            await("the field that the device does not know is kept by it")
                    .atMost(SOON)
                    .until(() -> device.rows()
                            .get("Reading", "reading#theirs")
                            .map(row -> row.get("colour"))
                            .filter(colour -> colour.asText().equals("red"))
                            .isPresent());
            device.rows().patch("Reading", "reading#theirs", Map.of("value", 2));
            await("and in the cloud")
                    .atMost(SOON)
                    .until(() -> query(
                                    "SELECT value || colour FROM cloud_main.reading WHERE id = 'theirs' AND device_id = '"
                                            + id + "'")
                            .equals("2red"));
            await("a row of the device's own gets what it does not know of")
                    .atMost(SOON)
                    .until(() -> query("SELECT colour FROM cloud_main.reading WHERE id = 'mine' AND device_id = '" + id
                                    + "'")
                            .equals("green"));
            await().atMost(SOON).until(() -> device.backlog() == 0);
            assertThat(device.badMessages()).isZero();
        }

        Path file = Files.writeString(folder.resolve("later.json5"), later());
        AgentConfig updated = config(product, folder.resolve("device"), Schemas.of(file));
        try (DeviceAgent device = DeviceAgent.open(updated, event -> {}).start()) {
            assertThat(device.rows().query("SELECT colour FROM reading WHERE id = 'theirs'"))
                    .containsExactly(Map.of("colour", "red"));
            await("rows of the model that is new to it come")
                    .atMost(SOON)
                    .until(() ->
                            device.rows().get("Advice", "advice#" + id + "#a").isPresent());
        }
    }

    /** The demo's schema, and what the product brings. */
    private static String later() throws Exception {
        return Schemas.demoSource()
                .replace("note:      {", "colour: {type: 'string', enum: ['red', 'green'], default: 'green'}, note: {")
                .replace(
                        "    models: {",
                        "    models: {" + LATER.substring(LATER.indexOf("Advice"), LATER.indexOf("},\n    process")))
                .replace("    process: {", "    process: {Advice: {sync: 'down'},");
    }

    private AgentConfig config(String product, Path data, SyncSchema schema) {
        return AgentConfig.of(cloud.deviceApi(), product, data)
                .owner("main", "main")
                .authority(cloud.authority())
                .schema(schema)
                .build();
    }

    private void sql(String statement) throws SQLException {
        try (Connection connection = cloud.connect();
                Statement sql = connection.createStatement()) {
            sql.execute(statement);
        }
    }

    private String query(String select) throws SQLException {
        try (Connection connection = cloud.connect();
                Statement sql = connection.createStatement();
                ResultSet result = sql.executeQuery(select)) {
            return result.next() ? String.valueOf(result.getString(1)) : "";
        }
    }
}
