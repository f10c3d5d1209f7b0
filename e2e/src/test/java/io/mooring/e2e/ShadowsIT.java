package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** A device's shadows by all doors: MQTT as the Ioto agent uses them, the AWS CLI, SQL; and Kafka, which hears of all. */
@ExtendWith(WholeCloud.class)
@Order(1)
@ResourceLock(WholeCloud.PROCESSES)
class ShadowsIT {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration SOON = Duration.ofSeconds(20);
    /** A killed consumer leaves its group after 10 s, and a service takes its time to start. */
    private static final Duration HEALED = Duration.ofMinutes(3);

    private static final String ID = "SHADOWED01";
    private static final String PUMP = "$aws/things/" + ID + "/shadow/name/pump/";

    @TempDir
    private Path folder;

    private final CloudAccess cloud;
    private final LocalCloud stack;

    ShadowsIT(CloudAccess cloud, LocalCloud stack) {
        this.cloud = cloud;
        this.stack = stack;
    }

    @Test
    void areTheSameByEveryDoor() throws Exception {
        AwsCli.require();
        try (OperatorApi operator = new OperatorApi(cloud);
                IotoDevice device = new IotoDevice(ID, cloud)) {
            String product = operator.createProduct("shadowed", "main", true);
            JsonNode claimed = JSON.readTree(device.register(product, true).body());
            String api = claimed.get("api").asText();
            String token = claimed.get("token").asText();
            device.connect(device.provision(api, token));
            device.subscribe("$aws/things/" + ID + "/shadow/#");

            reportsAsTheIotoAgentDoes(device);
            JsonNode keys = JSON.readTree(
                    device.post(api + "/tok/device/getCreds", token, "").body());
            isChangedByTheCli(device, new AwsCli(stack, keys, folder));
            isChangedBySql(device);
            isDeletedBySqlAndGoesOnAfterwards(device);
            kafkaHeardOfAll();
            diesWithItsOwner(operator);
        }
    }

    @Test
    void countEachUpdateOnceThoughTheirServiceIsKilled() throws Exception {
        String id = "SHADOWED02";
        String shadow = "$aws/things/" + id + "/shadow/";
        int updates = 150;
        try (OperatorApi operator = new OperatorApi(cloud);
                IotoDevice device = new IotoDevice(id, cloud)) {
            String product = operator.createProduct("shadowed and killed", "main", true);
            JsonNode claimed = JSON.readTree(device.register(product, true).body());
            device.connect(device.provision(
                    claimed.get("api").asText(), claimed.get("token").asText()));
            device.subscribe(shadow + "update/accepted");

            for (int i = 1; i <= updates; i++) {
                device.publish(
                        shadow + "update",
                        "{\"state\":{\"reported\":{\"n\":" + i + "}},\"clientToken\":\"" + i + "\"}");
                if (i == updates / 2) {
                    stack.kill(Component.MESSAGING);
                }
            }

            await().atMost(HEALED)
                    .untilAsserted(() -> assertThat(device.heardOn(shadow + "update/accepted").stream()
                                    .map(heard ->
                                            heard.json().get("clientToken").asInt())
                                    .distinct())
                            .hasSize(updates));
            assertThat(sql("SELECT version || ' ' || (reported ->> 'n') FROM messaging.shadow WHERE device = '" + id
                            + "'"))
                    .containsExactly(updates + " " + updates);
            assertThat(device.heardOn(shadow + "update/accepted"))
                    .allSatisfy(heard -> assertThat(heard.json().get("version"))
                            .isEqualTo(JSON.valueToTree(
                                    heard.json().get("clientToken").asInt())));
        }
    }

    @Test
    void areOpenToApplicationsThatSignAsAwsClientsDo() throws Exception {
        AwsCli.require();
        String id = "SHADOWED03";
        try (OperatorApi operator = new OperatorApi(cloud);
                IotoDevice device = new IotoDevice(id, cloud);
                ApplicationApi console = ApplicationApi.operator(stack, cloud);
                ApplicationApi application =
                        ApplicationApi.create(stack, cloud, "signs", "[\"read\",\"write\",\"publish\"]");
                ApplicationApi reader = ApplicationApi.create(stack, cloud, "reads", "[\"read\"]")) {
            String product = operator.createProduct("signed", "main", true);
            JsonNode claimed = JSON.readTree(device.register(product, true).body());
            device.connect(device.provision(
                    claimed.get("api").asText(), claimed.get("token").asText()));
            device.subscribe("$aws/things/" + id + "/shadow/#");
            device.subscribe("app/" + id + "/#");
            console.json(
                    "PUT",
                    "/v1/clouds/main/products/"
                            + operator.device(id).get("product").asText() + "/topics",
                    "{\"patterns\":[{\"pattern\":\"config/+\",\"direction\":\"down\"}]}");
            AwsCli aws = new AwsCli(stack, application.json("POST", "/v1/access-keys", ""), folder);
            AwsCli read = new AwsCli(stack, reader.json("POST", "/v1/access-keys", ""), folder);
            String[] thing = {"--thing-name", id};
            String[] pump = {"--thing-name", id, "--shadow-name", "pump"};

            aws.shadow("update-thing-shadow", pump, "{\"state\":{\"desired\":{\"speed\":3}}}");
            String delta = "$aws/things/" + id + "/shadow/name/pump/update/delta";
            await().atMost(SOON).until(() -> device.hears(delta));
            aws.shadow("update-thing-shadow", thing, "{\"state\":{\"desired\":{\"a\":1}}}");
            assertThat(read.shadow("get-thing-shadow", pump, null)
                            .at("/state/desired/speed")
                            .asInt())
                    .isEqualTo(3);
            assertThat(read.run("list-named-shadows-for-thing", "--thing-name", id))
                    .contains("\"pump\"");
            aws.run("publish", "--topic", "app/" + id + "/config/rate", "--qos", "1", "--payload", "5");
            await().atMost(SOON).until(() -> device.hears("app/" + id + "/config/rate"));

            // What it may not, and what is not, is refused in AWS' words.
            assertThat(read.refused("update-thing-shadow", pump, "{\"state\":{}}"))
                    .contains("ForbiddenException");
            assertThat(read.refused("publish", "--topic", "app/" + id + "/config/rate", "--payload", "6"))
                    .contains("ForbiddenException");
            assertThat(aws.refused("publish", "--topic", "app/" + id + "/other", "--payload", "6"))
                    .contains("ForbiddenException");
            assertThat(aws.refused("get-thing-shadow", new String[] {"--thing-name", "NOBODY0001"}, null))
                    .contains("ResourceNotFoundException");
            aws.shadow("delete-thing-shadow", pump, null);
            assertThat(aws.refused("get-thing-shadow", pump, null)).contains("ResourceNotFoundException");

            // Keys are worth nothing once the token is.
            JsonNode process = application.json("POST", "/v1/access-keys?form=process", "");
            assertThat(process.get("Version").asInt()).isEqualTo(1);
            assertThat(process.fieldNames())
                    .toIterable()
                    .contains("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration");
            console.json("POST", "/v1/applications/" + application.id() + "/revocation", "");
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(aws.refused("get-thing-shadow", thing, null))
                            .contains("UnauthorizedException"));
        }
    }

    @Test
    void areThereForAwsOwnDeviceSdk() throws Exception {
        AwsCli.requireDeviceSdk();
        String id = "SHADOWED04";
        try (OperatorApi operator = new OperatorApi(cloud);
                IotoDevice device = new IotoDevice(id, cloud)) {
            JsonNode claimed = JSON.readTree(device.register(operator.createProduct("of AWS' SDK", "main", true), true)
                    .body());
            JsonNode provisioned = device.provision(
                    claimed.get("api").asText(), claimed.get("token").asText());

            assertThat(AwsCli.deviceSdk("aws_device_sdk.py", stack, provisioned, id, folder)
                            .lines())
                    .containsExactly(
                            "connected",
                            "subscribed SUBSCRIPTION_ESTABLISHED",
                            "subscribed SUBSCRIPTION_ESTABLISHED",
                            "missing 404 No shadow exists with name: pump",
                            "desired version 1 ({'speed': 3}, None, None)",
                            "delta 1 {'speed': 3}",
                            "document 0 1 {'speed': 3}",
                            "reported version 2 (None, {'speed': 3}, None)",
                            "conflict 409 Version conflict",
                            "got version 2 ({'speed': 3}, {'speed': 3}, None)",
                            "deleted version 2 None",
                            "gone 404 No shadow exists with name: pump",
                            "classic version 1 (None, {'a': 1}, None)");
        }
    }

    private static void reportsAsTheIotoAgentDoes(IotoDevice device) throws Exception {
        device.publish(PUMP + "get", "");
        await().atMost(SOON).until(() -> !device.heardOn(PUMP + "get/rejected").isEmpty());
        assertThat(device.heardOn(PUMP + "get/rejected")
                        .getFirst()
                        .json()
                        .get("message")
                        .asText())
                .isEqualTo("No shadow exists with name: pump");

        device.publish(PUMP + "update", "{\"state\":{\"reported\":{\"speed\":1,\"on\":true}},\"clientToken\":\"t1\"}");
        await().atMost(SOON)
                .until(() -> !device.heardOn(PUMP + "update/documents").isEmpty());
        JsonNode accepted = device.heardOn(PUMP + "update/accepted").getFirst().json();
        assertThat(accepted.get("version").asInt()).isEqualTo(1);
        assertThat(accepted.get("clientToken").asText()).isEqualTo("t1");

        device.publish(PUMP + "get", "");
        await().atMost(SOON).until(() -> !device.heardOn(PUMP + "get/accepted").isEmpty());
        assertThat(device.heardOn(PUMP + "get/accepted")
                        .getFirst()
                        .json()
                        .at("/state/reported/speed")
                        .asInt())
                .isEqualTo(1);

        device.publish(PUMP + "update", "{\"state\":{\"wanted\":{}},\"clientToken\":\"t2\"}");
        await().atMost(SOON)
                .until(() -> !device.heardOn(PUMP + "update/rejected").isEmpty());
        JsonNode rejected = device.heardOn(PUMP + "update/rejected").getFirst().json();
        assertThat(rejected.get("code").asInt()).isEqualTo(400);
        assertThat(rejected.get("clientToken").asText()).isEqualTo("t2");
    }

    private static void isChangedByTheCli(IotoDevice device, AwsCli aws) throws Exception {
        String[] pump = {"--thing-name", ID, "--shadow-name", "pump"};

        // A desired state reaches the device as its delta.
        JsonNode answer =
                aws.shadow("update-thing-shadow", pump, "{\"state\":{\"desired\":{\"speed\":3,\"on\":true}}}");
        assertThat(answer.get("version").asInt()).isEqualTo(2);
        await().atMost(SOON).until(() -> !device.heardOn(PUMP + "update/delta").isEmpty());
        JsonNode delta = device.heardOn(PUMP + "update/delta").getFirst().json();
        assertThat(delta.get("state")).isEqualTo(JSON.readTree("{\"speed\":3}"));
        assertThat(delta.get("version").asInt()).isEqualTo(2);

        assertThat(aws.shadow("get-thing-shadow", pump, null)
                        .at("/state/delta/speed")
                        .asInt())
                .isEqualTo(3);
        aws.shadow("update-thing-shadow", new String[] {"--thing-name", ID}, "{\"state\":{\"desired\":{\"a\":1}}}");
        assertThat(aws.run("list-named-shadows-for-thing", "--thing-name", ID)).contains("\"pump\"");

        // What is wrong is refused in AWS' own words.
        assertThat(aws.boto3("iot_data_forms.py", ID).lines())
                .contains(
                        "conflict ConflictException Version conflict",
                        "form InvalidRequestException State node must be an object",
                        "json InvalidRequestException Invalid JSON",
                        "encoding UnsupportedDocumentEncodingException"
                                + " Unsupported documented encoding; supported encoding is UTF-8",
                        "size RequestEntityTooLargeException The payload exceeds the maximum size allowed",
                        "name InvalidRequestException a shadow's name is 1 to 64 of A-Z a-z 0-9 $ : _ -",
                        "other ForbiddenException Forbidden",
                        "missing ResourceNotFoundException No shadow exists with name: none",
                        "pages ['pump', 's0'] ['s1', 's2']",
                        "page InvalidRequestException nextToken is none that was given out",
                        "gone ResourceNotFoundException No shadow exists with name: s0")
                .anyMatch(line -> line.startsWith("forged InvalidSignatureException"));
    }

    private void isChangedBySql(IotoDevice device) throws Exception {
        assertThat(sql("SELECT desired ->> 'speed' FROM messaging.shadow WHERE device = '" + ID
                        + "' AND name = 'pump'"))
                .containsExactly("3");
        int deltas = device.heardOn(PUMP + "update/delta").size();

        sql("UPDATE messaging.shadow SET desired = desired || '{\"speed\": 5, \"gone\": null}' WHERE device = '" + ID
                + "' AND name = 'pump'");

        await().atMost(SOON).until(() -> device.heardOn(PUMP + "update/delta").size() > deltas);
        JsonNode delta = device.heardOn(PUMP + "update/delta").getLast().json();
        assertThat(delta.get("state")).isEqualTo(JSON.readTree("{\"speed\":5}"));
        assertThat(delta.get("version").asInt()).isEqualTo(3);
        assertThat(delta.at("/metadata/speed/timestamp").asLong()).isPositive();
        await().atMost(SOON)
                .until(() -> device.heardOn(PUMP + "update/documents")
                                .getLast()
                                .json()
                                .at("/previous/version")
                                .asInt()
                        == 2);
        assertThat(sql("SELECT version FROM messaging.shadow WHERE device = '" + ID + "' AND name = 'pump'"))
                .containsExactly("3");
        for (String wrong : List.of(
                "UPDATE messaging.shadow SET desired = '[1]' WHERE device = '" + ID + "'",
                "UPDATE messaging.shadow SET version = 99 WHERE device = '" + ID + "'",
                "UPDATE messaging.shadow SET desired = jsonb_build_object('x', repeat('y', 9000)) WHERE device = '" + ID
                        + "'",
                "INSERT INTO messaging.shadow (cloud, device, name, desired) VALUES ('main', 'NOBODY0001', '',"
                        + " '{\"a\":1}')")) {
            assertThatThrownBy(() -> sql(wrong)).isInstanceOf(SQLException.class);
        }
    }

    private void isDeletedBySqlAndGoesOnAfterwards(IotoDevice device) throws Exception {
        sql("DELETE FROM messaging.shadow WHERE device = '" + ID + "' AND name = 'pump'");
        device.publish(PUMP + "update", "{\"state\":{\"reported\":{\"speed\":0}},\"clientToken\":\"t3\"}");
        await().atMost(SOON)
                .until(() -> device.heardOn(PUMP + "update/accepted").stream()
                        .anyMatch(heard ->
                                heard.json().path("clientToken").asText().equals("t3")));
        assertThat(device.heardOn(PUMP + "update/accepted")
                        .getLast()
                        .json()
                        .get("version")
                        .asInt())
                .isEqualTo(4);
    }

    private void kafkaHeardOfAll() {
        String topic = Topic.SHADOW_EVENT.name(stack.topicsPrefix());
        List<String> heard = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", stack.bootstrapServers()),
                new StringDeserializer(),
                new StringDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            await().atMost(SOON).untilAsserted(() -> {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> {
                    if (ID.equals(record.key())) {
                        heard.add(record.value());
                    }
                });
                assertThat(heard)
                        .anyMatch(event -> event.contains("\"by\":\"device/" + ID + "\""))
                        .anyMatch(event -> event.replace(" ", "").contains("\"by\":\"sql/mooring_operator\""))
                        .hasSizeGreaterThanOrEqualTo(6);
            });
        }
    }

    /** Whoever gets the device next inherits nothing. */
    private void diesWithItsOwner(OperatorApi operator) throws Exception {
        operator.release(ID);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(sql("SELECT name FROM messaging.shadow WHERE device = '" + ID + "'"))
                        .isEmpty());
    }

    private List<String> sql(String statement) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection connection = cloud.connect();
                Statement run = connection.createStatement()) {
            if (run.execute(statement)) {
                try (ResultSet result = run.getResultSet()) {
                    while (result.next()) {
                        rows.add(result.getString(1));
                    }
                }
            }
        }
        return rows;
    }
}
