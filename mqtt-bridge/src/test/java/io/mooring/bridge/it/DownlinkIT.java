package io.mooring.bridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.mooring.bridge.stack.TopicReader;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What devices are told, how the registry ends connections, and what is said of presence. */
class DownlinkIT {
    private static final String PRESENCE = Topic.DEVICE_PRESENCE.name(Stack.PREFIX);

    @TempDir
    static Path folder;

    static Stack stack;

    @BeforeAll
    static void start() throws IOException {
        stack = new Stack(
                folder,
                Map.of("MOORING_BRIDGE_CONNECT_WAIT_MS", "1500", "MOORING_BRIDGE_DOWNLINK_STALL_TIMEOUT_MS", "10000"));
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    private static TestClient listen(TestClient.Version version, String device, String cloud, String account) {
        stack.join(device, cloud, account);
        return stack.client(version, device)
                .connect()
                .subscribe("ioto/device/" + device + "/#", "ioto/account/all/#", "ioto/account/" + account + "/#");
    }

    @ParameterizedTest
    @EnumSource(TestClient.Version.class)
    void tellsDeviceAccountAndAllOfTheOneCloud(TestClient.Version version) {
        String suffix = Integer.toString(version.ordinal());
        TestClient a = listen(version, "A" + suffix, "cloud-a" + suffix, "acct1");
        TestClient neighbour = listen(version, "N" + suffix, "cloud-a" + suffix, "acct2");
        TestClient stranger = listen(version, "S" + suffix, "cloud-b" + suffix, "acct1");

        stack.cloud.tell("cloud-a" + suffix, "device/A" + suffix, "sync/MODIFY", "one");
        stack.cloud.tell("cloud-a" + suffix, "account/acct1", "sync/MODIFY", "account");
        stack.cloud.tell("cloud-a" + suffix, "account/all", "sync/MODIFY", "all");
        stack.cloud.tellAllBut("A" + suffix + ",Z", "cloud-a" + suffix, "account/all", "sync/MODIFY", "by a");
        // Nobody of another cloud may be told anything.
        stack.cloud.tell("cloud-b" + suffix, "device/A" + suffix, "sync/MODIFY", "forged");
        for (TestClient client : List.of(a, neighbour, stranger)) {
            assertThat(client.isDisconnected()).isFalse();
        }
        stack.cloud.tell("cloud-b" + suffix, "account/all", "end", "b");
        stack.cloud.tell("cloud-a" + suffix, "account/all", "end", "a");

        await().untilAsserted(() -> {
            assertThat(a.heard())
                    .containsExactlyInAnyOrder(
                            "ioto/device/A" + suffix + "/sync/MODIFY one",
                            "ioto/account/acct1/sync/MODIFY account",
                            "ioto/account/all/sync/MODIFY all",
                            "ioto/account/all/end a");
            assertThat(neighbour.heard())
                    .containsExactlyInAnyOrder(
                            "ioto/account/all/sync/MODIFY all",
                            "ioto/account/all/sync/MODIFY by a",
                            "ioto/account/all/end a");
            assertThat(stranger.heard()).containsExactly("ioto/account/all/end b");
        });
    }

    @Test
    void keepsWhatIsToldToAbsentDeviceThatKeepsItsSession() {
        TestClient before = listen(TestClient.Version.MQTT_3, "ABSENT1", "main", "acct1");
        before.close();
        await().until(before::isDisconnected);

        stack.cloud.tell("main", "device/ABSENT1", "sync/MODIFY", "while away");
        TestClient after = stack.client(TestClient.Version.MQTT_3, "ABSENT1").connect();

        await().untilAsserted(
                        () -> assertThat(after.heard()).containsExactly("ioto/device/ABSENT1/sync/MODIFY while away"));
    }

    @ParameterizedTest
    @EnumSource(TestClient.Version.class)
    void tellsOfShadowsWhoeverListensToThem(TestClient.Version version) {
        String device = "SHADOWDOWN" + version.ordinal();
        TestClient client = listen(version, device, "main", "acct1")
                .subscribe("$aws/things/" + device + "/shadow/name/+/update/delta");

        stack.cloud.tell("main", "device/" + device, "$aws/shadow/name/pump/update/accepted", "not heard");
        stack.cloud.tell("main", "device/" + device, "$aws/shadow/name/pump/update/delta", "on");
        stack.cloud.tell("main", "device/" + device, "sync/MODIFY", "end");

        await().untilAsserted(() -> assertThat(client.heard())
                .containsExactly(
                        "$aws/things/" + device + "/shadow/name/pump/update/delta on",
                        "ioto/device/" + device + "/sync/MODIFY end"));
    }

    @Test
    void tellsAbsentDeviceThatListensToNoShadowWhatComesAfterAShadowsChange() {
        TestClient before = listen(TestClient.Version.MQTT_3, "ABSENT2", "main", "acct1");
        before.close();
        await().until(before::isDisconnected);

        stack.cloud.tell("main", "device/ABSENT2", "$aws/shadow/update/delta", "not heard");
        stack.cloud.tell("main", "device/ABSENT2", "sync/MODIFY", "while away");
        TestClient after = stack.client(TestClient.Version.MQTT_3, "ABSENT2").connect();

        await().untilAsserted(
                        () -> assertThat(after.heard()).containsExactly("ioto/device/ABSENT2/sync/MODIFY while away"));
    }

    @Test
    void deliversMoreThanTheWindowInOrderWithoutLoss() {
        TestClient client = listen(TestClient.Version.MQTT_3, "MANY1", "main", "acct1");
        List<String> told = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 6_000; i++) {
            told.add("m" + i);
            expected.add("ioto/device/MANY1/sync/MODIFY m" + i);
        }

        stack.cloud.tellAll("main", "device/MANY1", "sync/MODIFY", told);

        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(client.heard()).hasSizeGreaterThanOrEqualTo(6_000));
        assertThat(client.heard()).containsExactlyElementsOf(expected);
    }

    @Test
    void goesOnAfterBrokerWasKilledWithWhatWasToldMeanwhile() throws IOException {
        TestClient before = listen(TestClient.Version.MQTT_3, "CRASH1", "main", "acct1");
        stack.cloud.tell("main", "device/CRASH1", "sync/MODIFY", "first");
        await().untilAsserted(() -> assertThat(before.heard()).hasSize(1));

        stack.broker.process().kill();
        stack.cloud.tell("main", "device/CRASH1", "sync/MODIFY", "second");
        stack.broker.restart();
        TestClient after = stack.client(TestClient.Version.MQTT_3, "CRASH1").connect();

        await().untilAsserted(() -> assertThat(after.heard()).contains("ioto/device/CRASH1/sync/MODIFY second"));
    }

    /** So does one whose messages the broker does not deliver. */
    @ParameterizedTest
    @EnumSource(TestClient.Version.class)
    void endsConnectionOfWhoAcknowledgesNothingHoweverLittleItWasTold(TestClient.Version version) {
        String device = "MUTE" + version.ordinal();
        stack.join(device, "main", "acct1");
        String filter = "ioto/device/" + device + "/#";
        TestClient deaf = stack.deafClient(version, device).connect().subscribe(filter);
        stack.cloud.tell("main", "device/" + device, "sync/MODIFY", "one");
        await().until(() -> !deaf.heard().isEmpty());

        await().atMost(Duration.ofSeconds(30)).until(deaf::isDisconnected);

        TestClient after = stack.client(version, device).connect();
        await().untilAsserted(() -> assertThat(after.heard()).contains("ioto/device/" + device + "/sync/MODIFY one"));
        assertThat(after.isDisconnected()).isFalse();
    }

    @Test
    void putsAsideWhatIsNoDownlinkEvenIfItCannotAtFirstAndGoesOn() throws Exception {
        String letters = Topic.DEVICE_DOWNLINK.deadLetterName(Stack.PREFIX);
        TestClient client = listen(TestClient.Version.MQTT_5, "POISON1", "main", "acct1");
        ProducerRecord<byte[], byte[]> poison = new ProducerRecord<>(
                Topic.DEVICE_DOWNLINK.name(Stack.PREFIX), "POISON1".getBytes(StandardCharsets.UTF_8), new byte[] {1});
        poison.headers().add(EventHeaders.SUBJECT, "device/POISON1".getBytes(StandardCharsets.UTF_8));

        try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.kafka.bootstrap()))) {
            admin.deleteTopics(List.of(letters)).all().get();
            stack.cloud.send(poison);
            stack.cloud.tell("main", "device/POISON1", "sync/MODIFY", "fine");
            await().until(() ->
                    stack.broker.process().output().stream().anyMatch(line -> line.contains("could not be put aside")));
            admin.createTopics(List.of(new NewTopic(letters, 1, (short) 1)))
                    .all()
                    .get();
        }

        await().untilAsserted(() -> assertThat(client.heard()).containsExactly("ioto/device/POISON1/sync/MODIFY fine"));
        await().untilAsserted(() -> assertThat(stack.records(letters, "POISON1"))
                .singleElement()
                .satisfies(letter -> assertThat(TopicReader.headers(letter))
                        .containsEntry(EventHeaders.ERROR_CODE, "header-missing")));
    }

    @ParameterizedTest
    @EnumSource(TestClient.Version.class)
    void endsConnectionWhenItsCertificateIsNoLongerListed(TestClient.Version version) {
        String device = "REVOKED" + version.ordinal();
        TestClient client = listen(version, device, "main", "acct1");

        stack.cloud.register(device, "main", "acct1", "active", List.of());

        await().atMost(Duration.ofSeconds(5)).until(client::isDisconnected);
        assertThat(client.heard()).isEmpty();
    }

    @Test
    void endsConnectionWhenDeviceIsBlockedOrDeletedOrMoved() {
        TestClient blocked = listen(TestClient.Version.MQTT_3, "BLOCK2", "main", "acct1");
        TestClient deleted = listen(TestClient.Version.MQTT_3, "DELETE2", "main", "acct1");
        TestClient moved = listen(TestClient.Version.MQTT_3, "MOVE2", "main", "acct1");
        TestClient other = listen(TestClient.Version.MQTT_3, "STAY2", "main", "acct1");

        stack.cloud.register("BLOCK2", "main", "acct1", "blocked", List.of());
        stack.cloud.delete("DELETE2");
        stack.join("MOVE2", "main", "acct2");

        await().atMost(Duration.ofSeconds(5))
                .until(() -> blocked.isDisconnected() && deleted.isDisconnected() && moved.isDisconnected());
        assertThat(other.isDisconnected()).isFalse();
    }

    @Test
    void tellsReleasedDeviceAndForgetsWhatWaitsForIt() {
        TestClient client = listen(TestClient.Version.MQTT_3, "RELEASE1", "main", "acct1");
        long before = System.currentTimeMillis();

        stack.cloud.register("RELEASE1", "main", "acct1", "released", List.of());

        await().atMost(Duration.ofSeconds(2)).until(client::isDisconnected);
        assertThat(client.heard()).singleElement().satisfies(heard -> {
            assertThat(heard).startsWith("ioto/device/RELEASE1/provision/release ");
            assertThat(Long.parseLong(heard.substring(heard.indexOf(' ') + 1)))
                    .isBetween(before - 1_000, System.currentTimeMillis());
        });
        // Its next owner starts with nothing.
        stack.join("RELEASE1", "main", "acct2");
        TestClient next = stack.client(TestClient.Version.MQTT_3, "RELEASE1").connect();
        stack.cloud.tell("main", "device/RELEASE1", "sync/MODIFY", "not subscribed");
        next.subscribe("ioto/device/RELEASE1/#");
        stack.cloud.tell("main", "device/RELEASE1", "sync/MODIFY", "new");
        await().untilAsserted(() -> assertThat(next.heard()).anyMatch(heard -> heard.endsWith(" new")));
        assertThat(next.heard()).noneMatch(heard -> heard.contains("release "));
    }

    @Test
    void saysWhoConnectsAndLeaves() {
        TestClient client = listen(TestClient.Version.MQTT_5, "PRESENT1", "main", "acct1");
        await().untilAsserted(() -> assertThat(stack.records(PRESENCE, "PRESENT1"))
                .singleElement()
                .satisfies(record -> assertThat(record.value())
                        .contains("\"connected\":true")
                        .contains("\"account\":\"acct1\"")));

        CompletableFuture<Void> gone = CompletableFuture.runAsync(client::close);
        TestClient.await(gone);

        await().untilAsserted(() -> assertThat(stack.records(PRESENCE, "PRESENT1"))
                .hasSize(2)
                .last()
                .satisfies(record -> {
                    assertThat(record.value()).contains("\"connected\":false");
                    assertThat(TopicReader.headers(record))
                            .containsEntry(EventHeaders.TYPE, "io.mooring.device.disconnected");
                }));
    }
}
