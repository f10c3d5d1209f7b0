package io.mooring.bridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.suback.Mqtt5SubAckReasonCode;
import io.mooring.bridge.stack.TestAuthority;
import io.mooring.bridge.stack.TopicReader;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where applications ask for too much, or too old, or devices are lost: what is said of it, and to whom. */
class ApplicationEdgesIT {
    private static final TestClient.Version FIVE = TestClient.Version.MQTT_5;
    private static final TestClient.Version THREE = TestClient.Version.MQTT_3;
    private static final String TOKEN = "a token of the test";
    private static final int SUBSCRIPTIONS_ALLOWED = 100;
    private static final int GUESSES = 120;

    @TempDir
    static Path folder;

    static Stack stack;

    @BeforeAll
    static void start() throws IOException {
        stack = new Stack(folder, Map.of("MOORING_BRIDGE_CONNECT_WAIT_MS", "500"));
        stack.cloud.declare("main", "pump", "telemetry/#", "up", "settings/+", "down", "status", "both");
        stack.cloud.application(
                "app1", "main", TOKEN, List.of("read", "publish", "subscribe"), List.of("pump"), List.of());
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    private static TestApplication application(TestClient.Version version, String clientId) {
        return stack.application(version, clientId, stack.broker).connect("app1", TOKEN);
    }

    private static TestClient device(TestClient.Version version, String id) {
        stack.joinAs(id, "main", "pump");
        return stack.client(version, id).connect();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void grantsTheFirstOfAThousandSubscriptionsAndRefusesTheRest() {
        TestClient device = device(THREE, "MANY1");
        TestApplication other = application(FIVE, "modest").subscribe("app/MANY1/#");
        TestApplication greedy = application(FIVE, "greedy");
        List<Mqtt5Subscription> wanted = IntStream.range(0, 1_000)
                .mapToObj(i -> Mqtt5Subscription.builder()
                        .topicFilter("app/DEV" + i + "/#")
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .build())
                .toList();

        assertThatThrownBy(() -> greedy.five()
                        .subscribeWith()
                        .addSubscriptions(wanted)
                        .send()
                        .get())
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(Mqtt5SubAckException.class, refused -> {
                    List<Mqtt5SubAckReasonCode> codes = refused.getMqttMessage().getReasonCodes();
                    assertThat(Collections.frequency(codes, Mqtt5SubAckReasonCode.GRANTED_QOS_1))
                            .isEqualTo(SUBSCRIPTIONS_ALLOWED);
                    assertThat(Collections.frequency(codes, Mqtt5SubAckReasonCode.QUOTA_EXCEEDED))
                            .isEqualTo(1_000 - SUBSCRIPTIONS_ALLOWED);
                });
        TestClient.await(device.publish("app/MANY1/telemetry/a", 1, bytes("x")));
        await().untilAsserted(() -> assertThat(other.heard()).containsExactly("app/MANY1/telemetry/a x"));
    }

    @Test
    void tellsAnOldClientWhyItIsRefused() {
        device(THREE, "OLD1");
        TestApplication old = application(THREE, "old").subscribe("application/app1/refused");

        // At QoS 0 there is no acknowledgement that could be left out: the connection goes on.
        TestClient.await(old.publish("app/OLD1/telemetry/a", MqttQos.AT_MOST_ONCE, "wrong way"));
        await().untilAsserted(() -> assertThat(old.heard())
                .singleElement()
                .asString()
                .startsWith("application/app1/refused {")
                .contains("\"topic\":\"app/OLD1/telemetry/a\"", "\"code\":\"topic-not-declared\"", "\"detail\":\""));
        assertThat(old.disconnected()).isNotDone();

        // At QoS 1 it is told before its connection ends without one.
        assertThatThrownBy(() -> TestClient.await(old.publish("app/OLD1/settings/a", "x".repeat(300_000))))
                .isInstanceOf(IllegalStateException.class);
        await().untilAsserted(() -> assertThat(old.heard())
                .anySatisfy(heard -> assertThat(heard).contains("\"code\":\"payload-too-large\"")));
        await().untilAsserted(() -> assertThat(old.disconnected()).isDone());
    }

    @Test
    void refusesABurstOfWrongTokensAndLetsOthersIn() {
        List<CompletableFuture<?>> guesses = new ArrayList<>();
        for (int i = 0; i < GUESSES; i++) {
            guesses.add(stack.application(i % 2 == 0 ? FIVE : THREE, "guess" + i, stack.broker)
                    .tryConnect(i % 3 == 0 ? "nobody" : "app1", "guess " + i, true));
        }
        application(FIVE, "in a burst").subscribe("app/GUESSED1/#");

        for (CompletableFuture<?> guess : guesses) {
            assertThatThrownBy(() -> TestClient.await(guess)).isInstanceOf(IllegalStateException.class);
        }
        // What is told of one by one has an end; the rest is counted.
        assertThat(stack.records(Topic.AUDIT_EVENT.name(Stack.PREFIX)).stream()
                        .filter(record -> record.value().contains("token-wrong")))
                .hasSizeLessThan(GUESSES / 2);
    }

    @Test
    void clearsRetainedValuesByAnEmptyOneAndWithTheirDevice() {
        TestClient device = device(FIVE, "KEPT1");
        for (String topic : List.of("app/KEPT1/telemetry/a", "app/KEPT1/telemetry/b", "app/KEPT1/status")) {
            retain(device, topic, "1");
        }
        awaitRetained("app/KEPT1/#", 3);

        retain(device, "app/KEPT1/telemetry/a", "");
        awaitRetained("app/KEPT1/#", 2);

        stack.cloud.register("KEPT1", "main", "acct1", "pump", "released", List.of());
        awaitRetained("app/KEPT1/#", 0);
    }

    private static void retain(TestClient device, String topic, String payload) {
        TestClient.await(device.five()
                .publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(true)
                .payload(bytes(payload))
                .send());
    }

    /** Until whoever subscribes now hears so many values; none too many, and all that come within a second. */
    private static void awaitRetained(String filter, int expected) {
        await().ignoreExceptionsInstanceOf(ConditionTimeoutException.class).untilAsserted(() -> {
            try (TestApplication late = application(FIVE, "late")) {
                late.subscribe(filter);
                await().during(Duration.ofMillis(300))
                        .atMost(Duration.ofSeconds(1))
                        .untilAsserted(() -> assertThat(late.heard()).hasSize(expected));
            }
        });
    }

    @Test
    void saysTheWillOfADeviceThatIsLost() throws Exception {
        TestAuthority.Identity identity = stack.authority.device("LOST1");
        stack.cloud.register("LOST1", "main", "acct1", "pump", "active", List.of(identity.fingerprint()));
        TestApplication hears = application(THREE, "heir").subscribe("app/LOST1/#");

        LostDevice.comeAndGo("LOST1", stack.broker.port(), stack.authority, identity, "app/LOST1/status", "fare well");

        await().untilAsserted(() -> assertThat(hears.heard()).containsExactly("app/LOST1/status fare well"));
        assertThat(stack.records(Topic.APPLICATION_UPLINK.name(Stack.PREFIX), "LOST1"))
                .singleElement()
                .satisfies(record ->
                        assertThat(TopicReader.headers(record)).containsEntry(EventHeaders.SUBJECT, "status"));
    }
}
