package io.mooring.messaging.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.messaging.it.Cloud.Answer;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Applications, what they may, which devices they see, and what they hear of them. */
class ApplicationIT {
    private static Cloud cloud;

    @BeforeAll
    static void start() {
        cloud = Cloud.get();
    }

    @Test
    void livesFromItsFirstTokenToItsRevocation() throws Exception {
        Answer made = cloud.application("'read'", "");
        String id = made.json().path("id").asText();
        String first = made.json().path("token").asText();
        assertThat(cloud.get("/v1/devices", first).status()).isEqualTo(200);
        assertThat(cloud.get("/v1/applications", first).code()).isEqualTo("not-allowed");
        assertThat(cloud.get("/v1/devices", first + "x").status()).isEqualTo(401);
        cloud.await(
                Topic.AUDIT_EVENT,
                told -> told.json().path("errorCode").asText().equals("unauthenticated")
                        && told.json().toString().contains("GET /v1/devices"));

        String path = "/v1/applications/" + id;
        String second = cloud.post(path + "/rotation", cloud.operator(), "{'overlapSeconds':60}")
                .json()
                .path("token")
                .asText();
        assertThat(cloud.get("/v1/devices", first).status()).isEqualTo(200);
        assertThat(cloud.get("/v1/devices", second).status()).isEqualTo(200);
        String third = cloud.post(path + "/rotation", cloud.operator(), "")
                .json()
                .path("token")
                .asText();
        assertThat(cloud.get("/v1/devices", second).status()).isEqualTo(401);
        assertThat(cloud.get("/v1/devices", third).status()).isEqualTo(200);

        assertThat(cloud.post(path + "/revocation", cloud.operator(), "").status())
                .isEqualTo(200);
        assertThat(cloud.get("/v1/devices", third).status()).isEqualTo(401);
        JsonNode told = cloud.await(
                        Topic.APPLICATION_REGISTRY,
                        record -> record.key().equals(id)
                                && record.json().path("state").asText().equals("revoked"))
                .json();
        assertThat(told.path("tokens")).isEmpty();
        // No token is kept, nor said: only what it hashes to.
        assertThat(cloud.query("SELECT count(*) FROM messaging.application_token WHERE sha256 = ?", third))
                .containsExactly("0");
        assertThat(cloud.told(Topic.APPLICATION_REGISTRY).toString()).doesNotContain(third);
    }

    @Test
    void changesItsCertificates() throws Exception {
        String old = "a".repeat(64);
        String next = "b".repeat(64);
        String id = cloud.application("'read'", ",'certificates':['" + old + "']")
                .json()
                .path("id")
                .asText();
        String path = "/v1/applications/" + id + "/certificates";

        cloud.put(path, cloud.operator(), "{'certificates':['" + old + "','" + next + "']}");
        Answer changed = cloud.put(path, cloud.operator(), "{'certificates':['" + next + "']}");

        assertThat(changed.json().path("certificates")).hasSize(1);
        assertThat(last(Topic.APPLICATION_REGISTRY, id, 1).path("certificates")).hasSize(1);
        assertThat(last(Topic.APPLICATION_REGISTRY, id, 2).path("certificates")).hasSize(2);
        JsonNode told = last(Topic.APPLICATION_REGISTRY, id, 3);
        assertThat(told.path("certificates").path(0).asText()).isEqualTo(next);
        // Its token is what it was.
        assertThat(told.path("tokens")).hasSize(1);
        assertThat(cloud.put(path, cloud.operator(), "{'certificates':'" + next + "'}")
                        .code())
                .isEqualTo("bad-request");
        assertThat(cloud.put(path, cloud.operator(), "{'certificates':['AA']}").code())
                .isEqualTo("bad-request");
        cloud.post("/v1/applications/" + id + "/revocation", cloud.operator(), "");
        assertThat(cloud.put(path, cloud.operator(), "{'certificates':['" + next + "']}")
                        .code())
                .isEqualTo("revoked");
    }

    @Test
    void isSaidAgainForBrokersThatLostIt() throws Exception {
        String id = cloud.application("'read','publish'", ",'products':['S1']")
                .json()
                .path("id")
                .asText();
        String gone = cloud.application("'read'", "").json().path("id").asText();
        cloud.post("/v1/applications/" + gone + "/revocation", cloud.operator(), "");
        cloud.put(
                "/v1/clouds/main/products/S1/topics",
                cloud.operator(),
                "{'patterns':[{'pattern':'a/+','direction':'down'},{'pattern':'b','direction':'both'}]}");
        JsonNode application = last(Topic.APPLICATION_REGISTRY, id, 1);
        JsonNode revoked = last(Topic.APPLICATION_REGISTRY, gone, 2);
        JsonNode topics = last(Topic.APPLICATION_TOPIC, "main/S1", 1);
        String device = cloud.device("S1");
        connected(device, "node-3", "s1", Instant.now().truncatedTo(ChronoUnit.MILLIS));
        JsonNode presence = last(Topic.PRESENCE_STATE, device, 1);

        Answer restated = cloud.post("/v1/applications/restatement", cloud.operator(), "");

        assertThat(restated.json().path("applications").asInt()).isGreaterThanOrEqualTo(2);
        assertThat(restated.json().path("products").asInt()).isPositive();
        assertThat(restated.json().path("devices").asInt()).isPositive();
        assertThat(last(Topic.APPLICATION_REGISTRY, id, 2)).isEqualTo(application);
        assertThat(last(Topic.APPLICATION_REGISTRY, gone, 3)).isEqualTo(revoked);
        assertThat(last(Topic.APPLICATION_TOPIC, "main/S1", 2)).isEqualTo(topics);
        assertThat(last(Topic.PRESENCE_STATE, device, 2)).isEqualTo(presence);
        String token = cloud.application("'read'", "").json().path("token").asText();
        assertThat(cloud.post("/v1/applications/restatement", token, "").code()).isEqualTo("not-allowed");
    }

    /** What was said of something, once it was said so often. */
    private static JsonNode last(Topic topic, String key, int times) {
        return cloud.await(topic, times, record -> key.equals(record.key())).json();
    }

    @Test
    void reachesOnlyWhatItIsGiven() throws Exception {
        String mine = cloud.device("R1");
        String named = cloud.device("R2");
        String other = cloud.device("R2");
        String token = cloud.application("'read','command'", ",'products':['R1'],'devices':['" + named + "']")
                .json()
                .path("token")
                .asText();

        assertThat(cloud.get("/v1/devices", token).json().path("devices"))
                .extracting(device -> device.path("id").asText())
                .containsExactlyInAnyOrder(mine, named);
        assertThat(cloud.get("/v1/devices/" + other, token).code()).isEqualTo("unknown-device");
        Answer refused = cloud.post("/v1/commands", token, "{'command':'c','device':'" + other + "'}");
        assertThat(refused.code()).isEqualTo("unknown-device");
        String some = cloud.post("/v1/commands", token, "{'command':'c','product':'R2'}")
                .json()
                .path("id")
                .asText();
        assertThat(cloud.get("/v1/commands/" + some + "/devices", token).json().path("devices"))
                .extracting(device -> device.path("device").asText())
                .containsExactly(named);
        // Others' commands are none of its business.
        String stranger =
                cloud.application("'command'", "").json().path("token").asText();
        assertThat(cloud.get("/v1/commands/" + some, stranger).code()).isEqualTo("unknown-command");
    }

    @Test
    void seesWhoIsConnectedEvenWhenANodeDies() throws Exception {
        String device = cloud.device("C1");
        String token = cloud.application("'read'", "").json().path("token").asText();
        try (Cloud.Events events = cloud.listen("/v1/events?kind=presence&device=" + device, token)) {
            connected(device, "node-1", "s1", Instant.now().minusSeconds(30));
            assertThat(events.next("presence").path("connected").asBoolean()).isTrue();
        }
        JsonNode seen = cloud.get("/v1/devices/" + device, token).json();
        assertThat(seen.path("connected").asBoolean()).isTrue();
        assertThat(seen.path("protocol").asText()).isEqualTo("mqtt/5");
        assertThat(cloud.query("SELECT node FROM cloud_main.device WHERE device_id = ?", device))
                .containsExactly("node-1");

        // It moves to another node, whose word comes before that of the one it left.
        connected(device, "node-2", "s2", Instant.now().minusSeconds(20));
        cloud.await(
                Topic.PRESENCE_STATE,
                record -> record.key().equals(device)
                        && record.json().path("node").asText().equals("node-2"));
        cloud.send(
                Topic.DEVICE_PRESENCE,
                device,
                EventTypes.DEVICE_DISCONNECTED,
                "{'device':'%s','cloud':'main','account':'acct1','node':'node-1','session':'s1','at':'%s'}"
                        .formatted(device, Instant.now()));
        // Its node is started anew without having said a word.
        node("node-2", Instant.now());
        Awaitility.await()
                .atMost(Cloud.PATIENCE)
                .until(() -> !cloud.get("/v1/devices/" + device, token)
                        .json()
                        .path("connected")
                        .asBoolean());
        assertThat(cloud.query("SELECT connected FROM cloud_main.device WHERE device_id = ?", device))
                .containsExactly("f");
    }

    private static void connected(String device, String node, String session, Instant at) throws Exception {
        cloud.send(
                Topic.DEVICE_PRESENCE,
                device,
                EventTypes.DEVICE_CONNECTED,
                ("{'device':'%s','cloud':'main','account':'acct1','node':'%s','session':'%s','address':'192.0.2.1',"
                                + "'protocol':'mqtt/5','since':'%s','at':'%s'}")
                        .formatted(device, node, session, at, at));
    }

    private static void node(String node, Instant started) throws Exception {
        cloud.send(
                Topic.BROKER_NODE,
                node,
                EventTypes.BROKER_NODE,
                "{'node':'%s','started':'%s','time':'%s'}".formatted(node, started, started));
    }

    @Test
    void publishesOnWhatAProductDeclared() throws Exception {
        String device = cloud.device("T1");
        assertThat(cloud.put(
                                "/v1/clouds/main/products/T1/topics",
                                cloud.operator(),
                                "{'patterns':[{'pattern':'config/+','direction':'down'}]}")
                        .status())
                .isEqualTo(200);
        cloud.await(Topic.APPLICATION_TOPIC, record -> record.key().equals("main/T1"));
        String token = cloud.application("'publish','subscribe'", "")
                .json()
                .path("token")
                .asText();

        assertThat(cloud.post("/v1/devices/" + device + "/messages/config/rate", token, "7")
                        .status())
                .isEqualTo(202);
        assertThat(cloud.post("/v1/devices/" + device + "/messages/other", token, "7")
                        .code())
                .isEqualTo("undeclared-topic");
        Cloud.Told sent =
                cloud.await(Topic.APPLICATION_DOWNLINK, record -> record.key().equals(device));
        assertThat(sent.header(EventHeaders.TOPIC)).isEqualTo("config/rate");

        try (Cloud.Events events = cloud.listen("/v1/events?kind=message", token)) {
            cloud.send(
                    Topic.APPLICATION_UPLINK,
                    device,
                    EventTypes.APPLICATION_UPLINK,
                    "{'t':21}",
                    EventHeaders.SUBJECT,
                    "telemetry");
            JsonNode message = events.next("message");
            assertThat(message.path("topic").asText()).isEqualTo("telemetry");
            assertThat(message.path("payload").asText()).isEqualTo("{\"t\":21}");
        }
    }

    @Test
    void describesItself() throws Exception {
        HttpResponse<String> document = cloud.client()
                .send(cloud.request("/openapi?format=json", "").GET().build(), HttpResponse.BodyHandlers.ofString());

        JsonNode paths = Cloud.JSON.readTree(document.body()).path("paths");
        assertThat(paths.fieldNames())
                .toIterable()
                .contains("/v1/applications", "/v1/commands", "/v1/devices/{id}", "/v1/events");
    }
}
