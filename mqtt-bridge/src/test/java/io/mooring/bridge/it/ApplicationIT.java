package io.mooring.bridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.mooring.bridge.stack.BrokerNode;
import io.mooring.bridge.stack.TestAuthority;
import io.mooring.bridge.stack.TopicReader;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Applications and devices hear each other, on whichever of two broker nodes they sit. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ApplicationIT {
    private static final TestClient.Version FIVE = TestClient.Version.MQTT_5;
    private static final TestClient.Version THREE = TestClient.Version.MQTT_3;
    private static final String TOKEN = "a token of the test";
    private static final List<String> ALL_RIGHTS = List.of("read", "command", "write", "publish", "subscribe");

    @TempDir
    static Path folder;

    static Stack stack;
    static BrokerNode second;

    @BeforeAll
    static void start() throws IOException {
        stack = new Stack(
                folder,
                Map.of(
                        "MOORING_BRIDGE_CONNECT_WAIT_MS",
                        "500",
                        "MOORING_BRIDGE_APPLICATIONS_MAX_OUTSTANDING",
                        "50",
                        "MOORING_BRIDGE_APPLICATIONS_MAX_MESSAGES_PER_SECOND",
                        "20"));
        second = stack.anotherBroker("node-2");
        stack.cloud.declare("main", "pump", "telemetry/#", "up", "settings/+", "down", "status", "both");
        stack.cloud.application("app1", "main", TOKEN, ALL_RIGHTS, List.of("pump"), List.of());
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    private static TestApplication application(TestClient.Version version, String clientId, BrokerNode node) {
        return stack.application(version, clientId, node).connect("app1", TOKEN);
    }

    private static TestClient device(TestClient.Version version, String id) {
        stack.joinAs(id, "main", "pump");
        return stack.client(version, id).connect();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void refused(CompletableFuture<?> action, String code) {
        assertThatThrownBy(() -> TestClient.await(action)).hasStackTraceContaining(code);
    }

    @ParameterizedTest
    @EnumSource(TestClient.Version.class)
    @Order(1)
    void hearEachOtherAcrossNodes(TestClient.Version version) {
        String id = "DATA" + version.ordinal();
        TestApplication application =
                application(version, "hears" + version, second).subscribe("app/" + id + "/#", "application/app1/#");
        TestClient device = device(version, id).subscribe("app/" + id + "/settings/+");
        stack.joinAs("OTHER" + version.ordinal(), "main", "valve");
        stack.cloud.declare("main", "valve", "#", "both");
        TestClient other = stack.client(version, "OTHER" + version.ordinal()).connect();

        TestClient.await(other.publish("app/OTHER" + version.ordinal() + "/telemetry/x", 1, bytes("not for it")));
        TestClient.await(device.publish("app/" + id + "/telemetry/a", 1, bytes("21")));
        TestClient.await(device.publish("app/" + id + "/status", 0, bytes("well")));
        stack.cloud.tellApplication("main", "app1", "command/" + id + "/1", "done");
        stack.cloud.tellApplication("main", "app2", "command/" + id + "/2", "not for it");
        TestClient.await(application.publish("app/" + id + "/settings/rate", "5"));
        TestClient.await(application.publish("application/app1/request/command/" + id, "{}"));

        await().untilAsserted(() -> assertThat(application.heard())
                .containsExactlyInAnyOrder(
                        "app/" + id + "/telemetry/a 21",
                        "app/" + id + "/status well",
                        "application/app1/command/" + id + "/1 done"));
        await().untilAsserted(() -> assertThat(device.heard()).containsExactly("app/" + id + "/settings/rate 5"));
        assertThat(stack.records(Topic.APPLICATION_UPLINK.name(Stack.PREFIX), id))
                .extracting(record -> TopicReader.headers(record).get(EventHeaders.SUBJECT) + " " + record.value())
                .containsExactly("telemetry/a 21", "status well");
        assertThat(stack.records(Topic.APPLICATION_REQUEST.name(Stack.PREFIX), "app1"))
                .anySatisfy(record -> assertThat(TopicReader.headers(record))
                        .containsEntry(EventHeaders.SUBJECT, "command/" + id)
                        .containsEntry(EventHeaders.CLOUD, "main")
                        .containsEntry(EventHeaders.APPLICATION, "app1"));
    }

    @Test
    @Order(1)
    void carryMqtt5PropertiesFromEndToEnd() {
        TestApplication application = application(FIVE, "properties", second).subscribe("app/PROP/status");
        TestClient device = device(FIVE, "PROP").subscribe("app/PROP/#");
        List<Mqtt5Publish> told = new CopyOnWriteArrayList<>();
        device.five().publishes(MqttGlobalPublishFilter.ALL, told::add);

        TestClient.await(application
                .five()
                .publishWith()
                .topic("app/PROP/status")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(bytes("{}"))
                .contentType("application/json")
                .responseTopic("app/PROP/telemetry/answer")
                .correlationData(new byte[] {0, 1, (byte) 0xff})
                .messageExpiryInterval(60)
                .userProperties(Mqtt5UserProperties.builder()
                        .add("a", "1")
                        .add("a", "2")
                        .build())
                .send());
        TestClient.await(device.five()
                .publishWith()
                .topic("app/PROP/status")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(bytes("{}"))
                .contentType("application/json")
                .responseTopic("app/PROP/settings/answer")
                .correlationData(new byte[] {0, 1, (byte) 0xff})
                .messageExpiryInterval(60)
                .userProperties(Mqtt5UserProperties.builder()
                        .add("a", "1")
                        .add("a", "2")
                        .add("mooring-ticket", "forged")
                        .build())
                .send());

        await().until(() -> application.messages().size() == 1 && told.size() == 1);
        carried(application.messages().get(0), "app/PROP/settings/answer");
        carried(told.get(0), "app/PROP/telemetry/answer");
    }

    private static void carried(Mqtt5Publish heard, String responseTopic) {
        assertThat(heard.getContentType().orElseThrow()).hasToString("application/json");
        assertThat(heard.getResponseTopic().orElseThrow()).hasToString(responseTopic);
        assertThat(heard.getCorrelationData()).contains(ByteBuffer.wrap(new byte[] {0, 1, (byte) 0xff}));
        assertThat(heard.getMessageExpiryInterval().orElseThrow()).isBetween(50L, 61L);
        assertThat(heard.getUserProperties().asList())
                .extracting(property -> property.getName() + "=" + property.getValue())
                .containsExactly("a=1", "a=2");
    }

    @Test
    @Order(1)
    void useShadowsAsTheDeviceWould() {
        stack.joinAs("SHADOW", "main", "pump");
        TestApplication application = application(THREE, "shadows", second)
                .subscribe("$aws/things/+/shadow/update/+", "$aws/things/SHADOW/shadow/name/a/#");

        TestClient.await(application.publish("$aws/things/SHADOW/shadow/name/a/update", "{}"));
        stack.cloud.tell("main", "device/SHADOW", "$aws/shadow/update/delta", "1");
        stack.cloud.tell("main", "device/SHADOW", "$aws/shadow/name/a/update/accepted", "2");
        stack.cloud.tell("main", "device/SHADOW", "$aws/shadow/name/b/update/accepted", "3");
        stack.cloud.tell("main", "device/SHADOW", "sync/MODIFY", "4");

        await().untilAsserted(() -> assertThat(application.heard())
                .containsExactlyInAnyOrder(
                        "$aws/things/SHADOW/shadow/update/delta 1",
                        "$aws/things/SHADOW/shadow/name/a/update/accepted 2"));
        assertThat(stack.records(Topic.DEVICE_UPLINK.name(Stack.PREFIX), "SHADOW"))
                .singleElement()
                .satisfies(record -> assertThat(TopicReader.headers(record))
                        .containsEntry(EventHeaders.SUBJECT, "$aws/shadow/name/a/update")
                        .containsEntry(EventHeaders.APPLICATION, "app1"));
    }

    @Test
    @Order(1)
    void refuseInTheCallersOwnForm() {
        stack.cloud.application("deaf", "main", TOKEN, List.of("publish"), List.of(), List.of());
        stack.cloud.application("alien", "other", TOKEN, ALL_RIGHTS, List.of(), List.of());
        TestClient device = device(FIVE, "REFUSED1");
        TestApplication application = application(FIVE, "refused", stack.broker);
        TestApplication alien = stack.application(FIVE, "refused", stack.broker).connect("alien", TOKEN);
        TestApplication deaf = stack.application(FIVE, "refused", stack.broker).connect("deaf", TOKEN);

        refused(stack.application(FIVE, "x", stack.broker).tryConnect("app1", "wrong", true), "NOT_AUTHORIZED");
        refused(stack.application(THREE, "x", stack.broker).tryConnect("nobody", TOKEN, true), "NOT_AUTHORIZED");
        refused(application.publish("app/REFUSED1/telemetry/a", "wrong way"), "NOT_AUTHORIZED");
        refused(application.publish("app/NOBODY/settings/a", "unknown device"), "NOT_AUTHORIZED");
        refused(application.publish("ioto/device/REFUSED1/x", "not its business"), "NOT_AUTHORIZED");
        refused(alien.publish("app/REFUSED1/settings/a", "other cloud"), "NOT_AUTHORIZED");
        refused(application.publish("app/REFUSED1/settings/a", "x".repeat(300_000)), "QUOTA_EXCEEDED");
        refused(device.publish("app/REFUSED1/undeclared", 1, bytes("x")), "NOT_AUTHORIZED");
        refused(device.publish("app/PROP/status", 1, bytes("another's")), "NOT_AUTHORIZED");
        refused(application.trySubscribe("application/deaf/#"), "NOT_AUTHORIZED");
        refused(application.trySubscribe("share/app1/g/app/#"), "NOT_AUTHORIZED");
        refused(application.trySubscribe("$share/g/application/app1/#"), "NOT_AUTHORIZED");
        refused(application.trySubscribe("#"), "NOT_AUTHORIZED");
        refused(deaf.trySubscribe("app/#"), "NOT_AUTHORIZED");
        for (int i = 0; i < 100; i++) {
            TestClient.await(application.trySubscribe("app/DEV" + i + "/a"));
        }
        refused(application.trySubscribe("app/DEV100/a"), "QUOTA_EXCEEDED");
        await().untilAsserted(() -> assertThat(stack.records(Topic.AUDIT_EVENT.name(Stack.PREFIX)))
                .anySatisfy(record -> assertThat(record.value())
                        .contains("\"type\":\"Application\"")
                        .contains("token-wrong")));
        // The burst is ten seconds' worth.
        List<CompletableFuture<?>> many = Stream.generate(() -> deaf.publish("app/REFUSED1/settings/a", "x"))
                .limit(250)
                .<CompletableFuture<?>>map(sent -> sent)
                .toList();
        assertThat(many).anySatisfy(sent -> refused(sent, "QUOTA_EXCEEDED"));
    }

    @Test
    @Order(1)
    void endConnectionOfWhoIsRevoked() {
        TestAuthority.Identity certificate = stack.authority.device("anything");
        stack.cloud.application("revoked", "main", TOKEN, ALL_RIGHTS, List.of(), List.of(certificate.fingerprint()));
        TestApplication byToken = stack.application(FIVE, "token", stack.broker).connect("revoked", TOKEN);
        TestApplication byCertificate = stack.application(THREE, "certificate", second, certificate, true)
                .connectByCertificate();

        stack.cloud.application("revoked", "main", "another token", ALL_RIGHTS, List.of(), List.of());

        await().atMost(Duration.ofSeconds(2))
                .until(() -> byToken.disconnected().isDone()
                        && byCertificate.disconnected().isDone());
        refused(stack.application(FIVE, "token", stack.broker).tryConnect("revoked", TOKEN, true), "NOT_AUTHORIZED");
    }

    @Test
    @Order(1)
    void giveRetainedValuesAndLastWills() {
        stack.joinAs("WILL1", "main", "pump");
        TestClient device = stack.client(FIVE, "WILL1");
        TestClient.await(device.five()
                .connectWith()
                .cleanStart(false)
                .willPublish()
                .topic("app/WILL1/status")
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(true)
                .payload(bytes("lost"))
                .applyWillPublish()
                .send());
        TestClient.await(device.five()
                .publishWith()
                .topic("app/WILL1/status")
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(true)
                .payload(bytes("there"))
                .send());

        for (BrokerNode node : List.of(stack.broker, second)) {
            await().untilAsserted(() -> {
                TestApplication late = application(FIVE, "late", node).subscribe("app/WILL1/#");
                await().atMost(Duration.ofSeconds(1)).untilAsserted(() -> {
                    assertThat(late.heard()).containsExactly("app/WILL1/status there");
                    assertThat(late.messages().get(0).isRetain()).isTrue();
                });
                late.close();
            });
        }
        TestApplication hears = application(THREE, "will", second).subscribe("app/WILL1/#");
        device.five()
                .disconnectWith()
                .reasonCode(
                        com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode
                                .DISCONNECT_WITH_WILL_MESSAGE)
                .send();
        await().untilAsserted(
                        () -> assertThat(hears.heard()).contains("app/WILL1/status there", "app/WILL1/status lost"));

        TestClient refused = stack.client(FIVE, "WILL1");
        refused(
                refused.five()
                        .connectWith()
                        .willPublish()
                        .topic("app/WILL1/undeclared")
                        .payload(bytes("x"))
                        .applyWillPublish()
                        .send(),
                "NOT_AUTHORIZED");
    }

    @Test
    @Order(1)
    void waitForAbsentDeviceUntilTheyExpire() {
        TestClient device = device(FIVE, "ABSENT").subscribe("app/ABSENT/#");
        device.close();
        await().until(device::isDisconnected);
        TestApplication application = application(FIVE, "patient", second);

        for (int expiry : List.of(1, 60)) {
            TestClient.await(application
                    .five()
                    .publishWith()
                    .topic("app/ABSENT/settings/a")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .messageExpiryInterval(expiry)
                    .payload(bytes("within " + expiry))
                    .send());
        }
        await().pollDelay(Duration.ofMillis(2_200)).until(() -> true);
        TestClient back = stack.client(FIVE, "ABSENT").connect();

        await().untilAsserted(() -> assertThat(back.heard()).containsExactly("app/ABSENT/settings/a within 60"));
    }

    @ParameterizedTest
    @EnumSource(TestClient.Version.class)
    @Order(1)
    void giveReceiptsWhenTheDeviceItselfAcknowledged(TestClient.Version version) {
        String id = "RECEIPT" + version.ordinal();
        String receipts = Topic.DEVICE_RECEIPT.name(Stack.PREFIX);
        TestClient device = device(version, id).subscribe("ioto/device/" + id + "/#");

        stack.cloud.tellAndAsk("main", id, "sync/INSERT", "one", "r1");
        await().untilAsserted(() -> assertThat(stack.records(receipts, id))
                .singleElement()
                .satisfies(record -> assertThat(record.value()).contains("\"receipt\":\"r1\"")));
        device.close();
        await().until(device::isDisconnected);
        stack.cloud.tellAndAsk("main", id, "sync/INSERT", "two", "r2");
        TestClient back = stack.client(version, id);
        if (version == FIVE) {
            back.five()
                    .publishes(
                            MqttGlobalPublishFilter.ALL,
                            message -> assertThat(message.getUserProperties().asList())
                                    .isEmpty());
        }
        assertThat(stack.records(receipts, id)).hasSize(1);
        back.connect();

        await().untilAsserted(() -> assertThat(stack.records(receipts, id)).hasSize(2));
        assertThat(back.heard()).containsExactly("ioto/device/" + id + "/sync/INSERT two");
    }

    @Test
    @Order(1)
    void disconnectWhoNeverAcknowledgesAndServeTheOthers() {
        TestClient device = device(THREE, "SLOW1");
        TestApplication deaf = stack.application(FIVE, "deaf", stack.broker, null, false)
                .connect("app1", TOKEN)
                .subscribe("app/SLOW1/#");
        TestApplication other = application(THREE, "other", stack.broker).subscribe("app/SLOW1/#");

        for (int i = 0; i < 100; i++) {
            TestClient.await(device.publish("app/SLOW1/telemetry/" + i, 1, bytes("x")));
        }

        await().untilAsserted(() -> assertThat(other.heard()).hasSize(100));
        assertThat(TestClient.reason(TestClient.await(deaf.disconnected()))).isEqualTo("QUOTA_EXCEEDED");
        assertThat(deaf.heard()).hasSizeLessThanOrEqualTo(50);
    }

    @Test
    @Order(1)
    void sayWhereDevicesAreAndThatNodesLive() {
        device(FIVE, "WHERE1");

        await().untilAsserted(() -> assertThat(stack.records(Topic.DEVICE_PRESENCE.name(Stack.PREFIX), "WHERE1"))
                .anySatisfy(record -> assertThat(record.value())
                        .contains("\"address\":\"127.0.0.1\"", "\"protocol\":\"mqtt/5\"", "\"node\":\"node-1\"")));
        await().untilAsserted(() -> assertThat(stack.records(Topic.BROKER_NODE.name(Stack.PREFIX)))
                .extracting(record -> record.key())
                .contains("node-1", "node-2"));
    }

    /** Last, since it kills a node. */
    @Test
    @Order(2)
    void shareWorkAmongWorkersAndTakeOverFromANodeThatDied() throws IOException {
        TestClient device = device(THREE, "SHARED");
        TestApplication one = application(FIVE, "worker1", stack.broker).subscribe("$share/g/app/+/telemetry/#");
        TestApplication two = application(THREE, "worker2", stack.broker).subscribe("$share/g/app/+/telemetry/#");
        TestApplication three = application(FIVE, "worker3", second).subscribe("$share/g/app/+/telemetry/#");
        TestApplication idle = stack.application(FIVE, "idle", stack.broker, null, false);
        TestClient.await(idle.tryConnect("app1", TOKEN, false));
        idle.subscribe("$share/g/app/+/telemetry/#");
        TreeSet<String> expected = new TreeSet<>();
        for (int i = 0; i < 60; i++) {
            TestClient.await(device.publish("app/SHARED/telemetry/" + i, 1, bytes("x")));
            expected.add("app/SHARED/telemetry/" + i + " x");
        }
        idle.close();
        await().untilAsserted(() -> assertThat(all(one, two, three)).containsAll(expected));
        // What others have done meanwhile it does not get again from its session.
        TestApplication awake = stack.application(FIVE, "idle", stack.broker);
        TestClient.await(awake.tryConnect("app1", TOKEN, false));
        for (TestApplication other : List.of(one, two)) {
            other.close();
        }
        TestClient.await(device.publish("app/SHARED/telemetry/late", 1, bytes("x")));
        await().untilAsserted(() -> assertThat(all(awake, three)).contains("app/SHARED/telemetry/late x"));
        assertThat(awake.heard()).doesNotContainAnyElementsOf(expected);
        TestApplication four = application(THREE, "worker4", stack.broker).subscribe("$share/g/app/+/telemetry/#");

        second.process().kill();
        for (int i = 60; i < 120; i++) {
            TestClient.await(device.publish("app/SHARED/telemetry/" + i, 1, bytes("x")));
            expected.add("app/SHARED/telemetry/" + i + " x");
        }

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(
                        () -> assertThat(all(one, two, three, four, awake)).containsAll(expected));
        System.out.println("120 messages, " + one.heard().size() + " + "
                + two.heard().size() + " + " + three.heard().size() + " heard");
    }

    private static TreeSet<String> all(TestApplication... workers) {
        TreeSet<String> all = new TreeSet<>();
        for (TestApplication worker : workers) {
            all.addAll(worker.heard());
        }
        return all;
    }
}
