package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A device with the Ioto agent, unmodified: what it sends is as recorded in the device protocol, section 3.2. */
@ExtendWith(WholeCloud.class)
class IotoAgentIT {
    private static final int BROADCASTS = 20;
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration SOON = Duration.ofSeconds(20);

    private final CloudAccess cloud;
    private final String id = randomId();
    private OperatorApi operator;
    private IotoDevice device;

    IotoAgentIT(CloudAccess cloud) {
        this.cloud = cloud;
    }

    @BeforeEach
    void open() throws Exception {
        operator = new OperatorApi(cloud);
        device = new IotoDevice(id, cloud);
    }

    @AfterEach
    void close() {
        device.close();
        operator.close();
    }

    @Test
    void joinsWhenAnOperatorClaimsItAndKeepsItsRowsInStep() throws Exception {
        String product = operator.createProduct("ioto-" + id, "main", true);

        // Given it registered, and was claimed
        HttpResponse<String> unclaimed = device.register(product, false);
        assertThat(unclaimed.body()).isEqualTo("{\"registered\":true}");
        assertThat(unclaimed.headers().firstValue("content-length")).isPresent();
        operator.claim(id);
        JsonNode claimed = JSON.readTree(device.register(product, false).body());
        assertThat(claimed.get("cloudType").asText()).isEqualTo("dedicated");

        // When it is provisioned without a CSR
        JsonNode provisioned = device.provision(
                claimed.get("api").asText(), claimed.get("token").asText());
        assertThat(provisioned.get("key").asText()).startsWith("-----BEGIN PRIVATE KEY-----");
        device.connect(provisioned);
        device.tell("db/syncDown", "{\"timestamp\":\"1970-01-01T00:00:00.000Z\"}");
        await().atMost(SOON).until(() -> !device.heard("sync/SYNCDOWN").isEmpty());

        // Then what it writes is in the cloud, acknowledged by seq and key
        String now = Instant.now().toString().substring(0, 23) + "Z";
        device.tell("db/syncToDynamo", """
                {"seq":1424963745,"changes":[
                 {"cmd":"update","key":"service#","item":{"value":7,"sk":"service#","_type":"Service","updated":"%s"}},
                 {"cmd":"update","key":"s#limit","item":{"key":"limit","value":"e+00","type":"number","sk":"s#limit","_type":"Store","updated":"%s"}},
                 {"cmd":"update","key":"d#%s","item":{"id":"%s","accountId":"main","name":"Demo","product":"PROD1",
                  "created":"1970-01-01T00:00:00.000Z","updated":"%s","sk":"d#%s","_type":"Device"}}]}""".formatted(now, now, id, id, now, id));
        await().atMost(SOON).until(() -> !device.heard("sync/SYNC").isEmpty());
        JsonNode acknowledged = device.heard("sync/SYNC").getFirst().json();
        assertThat(acknowledged.get("seq").asLong()).isEqualTo(1424963745);
        assertThat(acknowledged.get("keys"))
                .extracting(JsonNode::asText)
                .containsExactlyInAnyOrder("service#", "s#limit", "d#" + id);
        assertThat(text("SELECT value::text FROM cloud_main.store WHERE device_id = ? AND key = 'limit'"))
                .isEqualTo("\"e+00\"");
        assertThat(text("SELECT value::text FROM cloud_main.service WHERE device_id = ?"))
                .isEqualTo("7");

        // And what SQL changes reaches it
        execute("UPDATE cloud_main.service SET value = 8 WHERE device_id = ?");
        await().atMost(SOON)
                .until(() -> device.heard("sync/MODIFY").stream()
                        .anyMatch(message -> message.json().path("value").asInt() == 8
                                && message.json().path("_type").asText().equals("Service")));

        // And of many rows changed at once it is told one by one, when they change and when it asks again
        insertBroadcasts();
        await().atMost(SOON).until(() -> broadcasts("sync/INSERT") == BROADCASTS);
        device.tell("db/syncDown", "{\"timestamp\":\"1970-01-01T00:00:00.000Z\"}");
        await().atMost(SOON).until(() -> device.heard("sync/SYNCDOWN").size() == 2);
        assertThat(broadcasts("sync/UPSERT")).isEqualTo(BROADCASTS);
        assertThat(device.heard("sync/ROWS")).isEmpty();
    }

    @Test
    void isToldToLeaveWhenItIsReleased() throws Exception {
        String product = operator.createProduct("ioto-" + id, "main", true);
        JsonNode claimed = JSON.readTree(device.register(product, true).body());
        JsonNode provisioned = device.provision(
                claimed.get("api").asText(), claimed.get("token").asText());
        device.connect(provisioned);

        operator.release(id);

        await().atMost(SOON).until(() -> !device.heard("provision/release").isEmpty());
        long told = Long.parseLong(device.heard("provision/release").getFirst().payload());
        assertThat(Math.abs(System.currentTimeMillis() - told)).isLessThan(10_000);
        await().atMost(SOON).until(() -> !device.isConnected());
        assertThat(device.provision(
                                claimed.get("api").asText(),
                                claimed.get("token").asText())
                        .has("error"))
                .isTrue();
    }

    @Test
    void anUnknownProductIsRefused() throws Exception {
        HttpResponse<String> refused = device.register("no-such-token", true);

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(JSON.readTree(refused.body()).has("error")).isTrue();
    }

    private void insertBroadcasts() throws Exception {
        try (Connection connection = cloud.connect();
                PreparedStatement statement = connection.prepareStatement(
                        "INSERT INTO cloud_main.broadcast (device_id, account_id, key, type)"
                                + " SELECT ?, 'main', 'many' || n, 'number' FROM generate_series(1, ?) n")) {
            statement.setString(1, id);
            statement.setInt(2, BROADCASTS);
            assertThat(statement.executeUpdate()).isEqualTo(BROADCASTS);
        }
    }

    private long broadcasts(String tail) {
        return device.heard(tail).stream()
                .filter(message -> message.json().path("key").asText().startsWith("many"))
                .count();
    }

    private String text(String sql) throws Exception {
        try (Connection connection = cloud.connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, id);
            try (ResultSet rows = statement.executeQuery()) {
                assertThat(rows.next()).isTrue();
                return rows.getString(1);
            }
        }
    }

    private void execute(String sql) throws Exception {
        try (Connection connection = cloud.connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, id);
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
    }

    private static String randomId() {
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            text.append(alphabet.charAt(ThreadLocalRandom.current().nextInt(alphabet.length())));
        }
        return text.toString();
    }
}
