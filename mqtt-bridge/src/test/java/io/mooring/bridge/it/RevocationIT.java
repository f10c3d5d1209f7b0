package io.mooring.bridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.mooring.bridge.stack.BrokerNode;
import io.mooring.bridge.stack.TestAuthority;
import io.mooring.contracts.kafka.Topic;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who may no longer connect does not, on any node, whatever happens. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RevocationIT {
    private static final String AUDIT = Topic.AUDIT_EVENT.name(Stack.PREFIX);
    private static final String PRESENCE = Topic.DEVICE_PRESENCE.name(Stack.PREFIX);
    private static final TestClient.Version THREE = TestClient.Version.MQTT_3;

    @TempDir
    static Path folder;

    static Stack stack;
    static BrokerNode second;

    @BeforeAll
    static void start() throws IOException {
        stack = new Stack(folder, Map.of("MOORING_BRIDGE_CONNECT_WAIT_MS", "500"));
        second = stack.anotherBroker("node-2");
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    private static void refuses(TestClient client) {
        assertThatThrownBy(client::connect).hasStackTraceContaining("NOT_AUTHORIZED");
    }

    @ParameterizedTest
    @EnumSource(TestClient.Version.class)
    @Order(1)
    void closesOnEveryNodeWithinASecondAndRefusesAfterwards(TestClient.Version version) {
        String device = "NODES" + version.ordinal();
        String another = "OTHERS" + version.ordinal();
        stack.join(device, "main", "acct1");
        stack.join(another, "main", "acct1");
        TestClient one = stack.client(version, device).connect();
        TestClient other = stack.client(version, another, second).connect();

        long start = System.nanoTime();
        stack.cloud.register(device, "main", "acct1", "active", List.of());
        stack.cloud.register(another, "main", "acct1", "active", List.of());

        assertThat(one.disconnectedMillisAfter(start)).isLessThan(1_000);
        assertThat(other.disconnectedMillisAfter(start)).isLessThan(1_000);
        refuses(stack.client(version, device));
        refuses(stack.client(version, device, second));
        refuses(stack.client(version, another));
    }

    @ParameterizedTest
    @EnumSource(TestClient.Version.class)
    @Order(1)
    void endsWhatADeviceLeftOnOneNodeWhenItConnectsToAnother(TestClient.Version version) {
        String device = "MOVES" + version.ordinal();
        stack.join(device, "main", "acct1");
        TestClient first = stack.client(version, device).connect();

        long start = System.nanoTime();
        TestClient next = stack.client(version, device, second).connect();
        assertThat(first.disconnectedMillisAfter(start)).isLessThan(10_000);
        // And back: what was here before does not count against what is here now.
        TestClient last = stack.client(version, device).connect();
        assertThat(next.disconnectedMillisAfter(start)).isLessThan(20_000);

        long cut = System.nanoTime();
        stack.cloud.register(device, "main", "acct1", "active", List.of());
        assertThat(last.disconnectedMillisAfter(cut)).isNotNegative();
    }

    @Test
    @Order(1)
    void closesHundredsAtOnce() {
        Map<String, TestClient> clients = new LinkedHashMap<>();
        for (int i = 0; i < 100; i++) {
            String device = "MANY" + i;
            stack.join(device, "main", "acct1");
            clients.put(device, stack.client(THREE, device));
        }
        clients.values().stream()
                .map(TestClient::tryConnect)
                .toList()
                .forEach(connecting -> TestClient.await(connecting));

        long start = System.nanoTime();
        stack.cloud.revokeAll(clients.keySet(), "main", "acct1");

        long slowest = clients.values().stream()
                .mapToLong(client -> client.disconnectedMillisAfter(start))
                .max()
                .orElseThrow();
        System.out.println("100 connections closed within " + slowest + " ms");
        assertThat(slowest).isLessThan(2_000);
    }

    @Test
    @Order(1)
    void letsNobodyThroughWhoConnectsWhileBeingRevoked() {
        List<TestClient> clients = new ArrayList<>();
        List<CompletableFuture<?>> connecting = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            String device = "RACE" + i;
            stack.join(device, "main", "acct1");
            clients.add(stack.client(THREE, device));
        }
        for (int i = 0; i < 40; i++) {
            connecting.add(clients.get(i).tryConnect());
            stack.cloud.register("RACE" + i, "main", "acct1", "blocked", List.of());
        }
        long admitted = connecting.stream().filter(RevocationIT::succeeds).count();
        System.out.println(admitted + " of 40 were let in before they were blocked");

        await().atMost(Duration.ofSeconds(1))
                .untilAsserted(() -> assertThat(clients).allMatch(TestClient::isDisconnected));
    }

    private static boolean succeeds(CompletableFuture<?> connecting) {
        try {
            connecting.join();
            return true;
        } catch (CompletionException refused) {
            return false;
        }
    }

    /** Certificates that no TLS handshake may accept, and what the refusal is called. */
    enum BadCertificate {
        EXPIRED("certificate-expired", id -> {
            Instant now = Instant.now();
            return stack.authority.device(id, now.minusSeconds(100), now.minusSeconds(10));
        }),
        EARLY("certificate-not-yet-valid", id -> {
            Instant now = Instant.now();
            return stack.authority.device(id, now.plusSeconds(1_000), now.plusSeconds(2_000));
        }),
        FOREIGN_AUTHORITY_OF_THE_SAME_NAME("certificate-untrusted", id -> new TestAuthority().device(id)),
        TRUNCATED_CHAIN("certificate-untrusted", id -> stack.authority.deviceBelow(id, false));

        private final String code;
        private final Function<String, TestAuthority.Identity> made;

        BadCertificate(String code, Function<String, TestAuthority.Identity> made) {
            this.code = code;
            this.made = made;
        }
    }

    @ParameterizedTest
    @EnumSource(BadCertificate.class)
    @Order(1)
    void refusesAndAuditsCertificateEvenIfTheRegistryListsIt(BadCertificate bad) {
        String device = "BAD" + bad.ordinal();
        TestAuthority.Identity identity = bad.made.apply(device);
        stack.cloud.register(device, "main", "acct1", "active", List.of(identity.fingerprint()));
        TestClient client = stack.client(THREE, device, identity);

        assertThatThrownBy(client::connect).hasMessageNotContaining("nothing within");

        await().untilAsserted(() -> assertThat(stack.records(AUDIT))
                .anySatisfy(record -> assertThat(record.value())
                        .contains("\"errorCode\":\"" + bad.code + "\"")
                        .contains("\"principalId\":\"" + device + "\"")));
        assertThat(stack.records(PRESENCE, device)).isEmpty();
    }

    @Test
    @Order(1)
    void acceptsAChainUpToAnAuthorityThatIsTrusted() {
        TestAuthority.Identity identity = stack.authority.deviceBelow("CHAIN1", true);
        stack.cloud.register("CHAIN1", "main", "acct1", "active", List.of(identity.fingerprint()));

        stack.client(THREE, "CHAIN1", identity).connect();
    }

    @Test
    @Order(1)
    void refusesTheCertificateOfADeviceOfTheSameNameInAnotherCloud() {
        TestAuthority.Identity elsewhere = stack.authority.device("TWICE1");
        stack.join("TWICE1", "main", "acct1");

        refuses(stack.client(THREE, "TWICE1", elsewhere));

        await().untilAsserted(() -> assertThat(stack.records(AUDIT))
                .anySatisfy(record -> assertThat(record.value())
                        .contains("certificate-not-listed")
                        .contains("TWICE1")));
    }

    @Test
    @Order(1)
    void closesWhenTheCertificatesTimeIsOver() {
        Instant end = Instant.now().plusSeconds(3);
        TestAuthority.Identity identity =
                stack.authority.device("SHORT1", Instant.now().minusSeconds(10), end);
        stack.cloud.register("SHORT1", "main", "acct1", "active", List.of(identity.fingerprint()));
        TestClient client = stack.client(THREE, "SHORT1", identity).connect();

        await().atMost(Duration.ofSeconds(8)).until(client::isDisconnected);

        // X.509 knows whole seconds only.
        assertThat(Instant.now()).isBetween(end.minusSeconds(1), end.plusMillis(2_500));
        assertThatThrownBy(() -> stack.client(THREE, "SHORT1", identity).connect())
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    @Order(2)
    void saysThatDevicesLeftWhenTheirNodeDied() throws IOException {
        stack.join("GONE1", "main", "acct1");
        stack.join("BACK1", "main", "acct1");
        for (String device : List.of("GONE1", "BACK1")) {
            stack.client(THREE, device).connect().subscribe("ioto/device/" + device + "/#");
        }

        stack.broker.process().kill();
        stack.broker.restart();
        TestClient back = stack.client(THREE, "BACK1");
        await().ignoreExceptions()
                .untilAsserted(() -> assertThat(back.connect()).isNotNull());

        await().untilAsserted(() -> assertThat(stack.records(PRESENCE, "GONE1"))
                .last()
                .satisfies(record -> assertThat(record.value())
                        .contains("\"connected\":false")
                        .contains("node-restarted")));
        assertThat(stack.records(PRESENCE, "BACK1"))
                .last()
                .satisfies(record -> assertThat(record.value()).contains("\"connected\":true"));
    }

    @Test
    @Order(3)
    void letsNobodyInAfterARestartUntilItHasReadTheRegistry() throws IOException {
        stack.join("AWAY1", "main", "acct1");
        stack.join("AWAY2", "main", "acct1");
        stack.client(THREE, "AWAY1").connect();
        stack.broker.process().kill();
        stack.cloud.register("AWAY2", "main", "acct1", "active", List.of());
        stack.kafka.process().freeze();
        stack.broker.restart();

        for (String device : List.of("AWAY1", "AWAY2")) {
            assertThatThrownBy(() -> stack.client(THREE, device).connect()).hasStackTraceContaining("UNAVAILABLE");
        }
        stack.kafka.process().thaw();

        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .untilAsserted(
                        () -> assertThat(stack.client(THREE, "AWAY1").connect()).isNotNull());
        refuses(stack.client(THREE, "AWAY2"));
    }
}
