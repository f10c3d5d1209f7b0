package io.mooring.bridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.mooring.bridge.stack.TestAuthority;
import io.mooring.bridge.stack.TopicReader;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What devices say, and who may say it. */
class UplinkIT {
    private static final String UPLINK = Topic.DEVICE_UPLINK.name(Stack.PREFIX);
    private static final String SYNC_UPLINK = Topic.SYNC_UPLINK.name(Stack.PREFIX);
    private static final String AUDIT = Topic.AUDIT_EVENT.name(Stack.PREFIX);

    @TempDir
    static Path folder;

    static Stack stack;

    @BeforeAll
    static void start() throws IOException {
        stack = new Stack(folder, Map.of("MOORING_BRIDGE_CONNECT_WAIT_MS", "1500"));
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void holdsAcknowledgementsByTheGateWhereTheBrokerIsKnown() {
        assertThat(stack.broker.process().output()).anyMatch(line -> line.contains("acknowledgements by gate"));
    }

    @ParameterizedTest
    @EnumSource(TestClient.Version.class)
    void passesPayloadUntouchedWithCloudEventsHeaders(TestClient.Version version) {
        String device = "UPHEADERS" + version.ordinal();
        stack.join(device, "main", "acct1");
        TestClient client = stack.client(version, device).connect();
        byte[] payload = "{\"a\" : 1 }\n é".getBytes(StandardCharsets.UTF_8);

        TestClient.await(client.publish("ioto/service/" + device + "/log/set", 1, payload));

        List<ConsumerRecord<String, String>> records = stack.records(UPLINK, device);
        assertThat(records).hasSize(1);
        assertThat(records.get(0).value()).isEqualTo("{\"a\" : 1 }\n é");
        assertThat(TopicReader.headers(records.get(0)))
                .containsEntry(EventHeaders.SPEC_VERSION, "1.0")
                .containsEntry(EventHeaders.TYPE, "io.mooring.device.uplink")
                .containsEntry(EventHeaders.SOURCE, "/clouds/main/devices/" + device)
                .containsEntry(EventHeaders.SUBJECT, "log/set")
                .containsEntry(EventHeaders.CLOUD, "main")
                .containsEntry(EventHeaders.ACCOUNT, "acct1")
                .containsKey(EventHeaders.ID);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void keepsOrderAndStripsThePrefixOfBasicIngest(int qos) {
        String device = "UPORDER" + qos;
        stack.join(device, "main", "acct1");
        TestClient client = stack.client(TestClient.Version.MQTT_3, device).connect();
        List<String> said = new ArrayList<>();
        List<CompletableFuture<?>> acknowledged = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            said.add("n" + i);
            String prefix = i % 2 == 0 ? "$aws/rules/IotoDevice/" : "";
            acknowledged.add(client.publish(
                    prefix + "ioto/service/" + device + "/db/syncToDynamo",
                    qos,
                    ("n" + i).getBytes(StandardCharsets.UTF_8)));
        }
        acknowledged.forEach(TestClient::await);

        await().untilAsserted(() -> assertThat(stack.records(SYNC_UPLINK, device))
                .extracting(ConsumerRecord::value)
                .containsExactlyElementsOf(said));
        assertThat(stack.records(SYNC_UPLINK, device))
                .allSatisfy(record ->
                        assertThat(TopicReader.headers(record)).containsEntry(EventHeaders.SUBJECT, "db/syncToDynamo"));
        assertThat(stack.records(SYNC_UPLINK, device).stream()
                        .map(record -> TopicReader.headers(record).get(EventHeaders.ID))
                        .distinct())
                .hasSize(200);
    }

    @ParameterizedTest
    @EnumSource(TestClient.Version.class)
    void takesRequestsToTheDevicesOwnShadows(TestClient.Version version) {
        String device = "UPSHADOW" + version.ordinal();
        stack.join(device, "main", "acct1");
        TestClient client = stack.client(version, device).connect();

        for (String request : List.of("get", "name/pump/update", "name/pump/delete")) {
            TestClient.await(client.publish("$aws/things/" + device + "/shadow/" + request, 1, new byte[0]));
        }

        assertThat(stack.records(UPLINK, device))
                .extracting(record -> TopicReader.headers(record).get(EventHeaders.SUBJECT))
                .containsExactly("$aws/shadow/get", "$aws/shadow/name/pump/update", "$aws/shadow/name/pump/delete");
        client.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$aws/things/SOMEBODY/shadow/update",
                "$aws/things/UPDENIED5/shadow/update/accepted",
                "ioto/service/SOMEBODY/x",
                "ioto/device/UPDENIED5/x",
                "other",
                "ioto/service/UPDENIED5"
            })
    void tellsMqtt5DeviceThatItMayNotPublishThere(String topic) {
        String device = "UPDENIED5";
        stack.join(device, "main", "acct1");
        TestClient client = stack.client(TestClient.Version.MQTT_5, device).connect();

        assertThatThrownBy(() -> TestClient.await(client.publish(topic, 1, new byte[1])))
                .hasStackTraceContaining("NOT_AUTHORIZED");

        TestClient.await(client.publish("ioto/service/" + device + "/still/here", 1, new byte[1]));
        assertThat(stack.records(UPLINK, "SOMEBODY")).isEmpty();
        await().untilAsserted(() -> assertThat(stack.records(AUDIT))
                .anySatisfy(record -> assertThat(record.value())
                        .contains("\"eventName\":\"Publish\"")
                        .contains("\"principalId\":\"" + device + "\"")
                        .contains("topic-not-allowed")
                        .contains(topic)));
        client.close();
    }

    @Test
    void disconnectsMqtt3DeviceThatPublishesElsewhereWithoutAcknowledging() {
        String device = "UPDENIED3";
        stack.join(device, "main", "acct1");
        TestClient client = stack.client(TestClient.Version.MQTT_3, device).connect();

        CompletableFuture<?> answer = client.publish("ioto/service/SOMEBODY/x", 1, new byte[1]);

        await().until(client::isDisconnected);
        assertThat(answer.isDone() && !answer.isCompletedExceptionally()).isFalse();
        assertThat(stack.records(UPLINK, "SOMEBODY")).isEmpty();
    }

    @Test
    void refusesPayloadThatIsTooLong() {
        String device = "UPLONG";
        stack.join(device, "main", "acct1");
        TestClient client = stack.client(TestClient.Version.MQTT_5, device).connect();

        TestClient.await(client.publish("ioto/service/" + device + "/file", 1, new byte[262_144]));
        assertThatThrownBy(() ->
                        TestClient.await(client.publish("ioto/service/" + device + "/file", 1, new byte[262_145])))
                .hasStackTraceContaining("QUOTA_EXCEEDED");

        assertThat(stack.records(UPLINK, device)).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(TestClient.Version.class)
    void refusesDeviceThatTheRegistryDoesNotList(TestClient.Version version) {
        String device = "NOBODY" + version.ordinal();
        TestAuthority.Identity identity = stack.authority.device(device);

        assertThatThrownBy(() -> stack.client(version, device, identity).connect())
                .hasStackTraceContaining("NOT_AUTHORIZED");
        await().untilAsserted(() -> assertThat(stack.records(AUDIT))
                .anySatisfy(record -> assertThat(record.value())
                        .contains("\"principalId\":\"" + device + "\"")
                        .contains("device-unknown")));
    }

    @Test
    void refusesCertificateOfAnotherDevice() {
        TestAuthority.Identity other = stack.join("OTHER1", "main", "acct1");
        stack.join("VICTIM1", "main", "acct1");

        assertThatThrownBy(() -> stack.client(TestClient.Version.MQTT_5, "VICTIM1", other)
                        .connect())
                .hasStackTraceContaining("NOT_AUTHORIZED");
        await().untilAsserted(() -> assertThat(stack.records(AUDIT))
                .anySatisfy(record ->
                        assertThat(record.value()).contains("identity-mismatch").contains("VICTIM1")));
    }

    @Test
    void refusesCertificateThatIsNotListedAndDeviceThatIsBlocked() {
        stack.join("UNLISTED1", "main", "acct1");
        TestAuthority.Identity unlisted = stack.authority.device("UNLISTED1");
        TestAuthority.Identity blocked = stack.authority.device("BLOCKED1");
        stack.cloud.register("BLOCKED1", "main", "acct1", "blocked", List.of(blocked.fingerprint()));

        assertThatThrownBy(() -> stack.client(TestClient.Version.MQTT_3, "UNLISTED1", unlisted)
                        .connect())
                .hasStackTraceContaining("NOT_AUTHORIZED");
        assertThatThrownBy(() -> stack.client(TestClient.Version.MQTT_3, "BLOCKED1", blocked)
                        .connect())
                .hasStackTraceContaining("NOT_AUTHORIZED");
    }

    @Test
    void letsDeviceWithLastWillInWithoutPublishingIt() {
        stack.join("WILL1", "main", "acct1");
        TestClient client = stack.client(TestClient.Version.MQTT_3, "WILL1");

        TestClient.await(client.tryConnectWithWill("ioto/service/SOMEBODY/will"));

        TestClient.await(client.publish("ioto/service/WILL1/x", 1, new byte[1]));
        assertThat(stack.records(UPLINK, "WILL1")).hasSize(1);
    }

    @Test
    void letsDeviceWaitForTheRegistryToHearOfIt() {
        TestAuthority.Identity identity = stack.authority.device("EARLY1");
        TestClient client = stack.client(TestClient.Version.MQTT_3, "EARLY1", identity);

        CompletableFuture<?> connecting = client.tryConnect();
        assertThat(connecting).isNotDone();
        stack.cloud.register("EARLY1", "main", "acct1", "active", List.of(identity.fingerprint()));

        TestClient.await(connecting);
    }

    @Test
    void refusesSubscriptionsToWhatOthersAreTold() {
        stack.join("SUBDENIED", "main", "acct1");
        TestClient client = stack.client(TestClient.Version.MQTT_5, "SUBDENIED").connect();

        for (String filter : List.of(
                "#",
                "ioto/#",
                "ioto/device/OTHER/#",
                "ioto/account/acct2/#",
                "ioto/device/+/x",
                "ioto/service/SUBDENIED/#",
                "$share/g/ioto/device/SUBDENIED/#")) {
            assertThatThrownBy(() -> client.subscribe(filter)).as(filter).isInstanceOf(IllegalStateException.class);
        }
        client.subscribe("ioto/device/SUBDENIED/#", "ioto/account/acct1/#", "ioto/account/all/#");
    }
}
