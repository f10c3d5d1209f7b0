package io.mooring.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.cloud.SyncSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device joins, and its rows stay in step; over a real broker, with a scripted cloud behind it. */
@Timeout(120)
class DeviceAgentIT {
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private static TestCloud cloud;

    private final List<DeviceAgent> agents = new ArrayList<>();
    private final List<AgentEvent> events = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void startCloud(@TempDir Path shared) throws Exception {
        cloud = new TestCloud(shared);
    }

    @AfterAll
    static void stopCloud() {
        cloud.close();
    }

    @BeforeEach
    void start() {
        cloud.reset();
    }

    @AfterEach
    void stop() throws Exception {
        for (DeviceAgent agent : agents) {
            agent.close();
        }
    }

    private AgentConfig.Builder config() throws IOException {
        return AgentConfig.of(cloud.url(), TestCloud.PRODUCT_TOKEN, folder.resolve("device"))
                .authority(cloud.authorityFile)
                .schema(Schemas.demo())
                .name("Test")
                .retries(Duration.ofMillis(100), Duration.ofMillis(500))
                .sync(SyncSettings.DEFAULT.withResendAfter(Duration.ofSeconds(1)));
    }

    private DeviceAgent run(AgentConfig config) throws Exception {
        DeviceAgent agent = DeviceAgent.open(config, events::add).start();
        agents.add(agent);
        return agent;
    }

    private DeviceAgent ready(AgentConfig config) throws Exception {
        DeviceAgent agent = run(config);
        assertThat(agent.await(AgentState.READY, SOON)).as("%s", events).isTrue();
        return agent;
    }

    private void close(DeviceAgent agent) throws Exception {
        agents.remove(agent);
        agent.close();
    }

    private void untilCloudHas(DeviceAgent agent, String key, String field, Object value) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(cloud.row(agent.id(), key).values())
                        .hasEntrySatisfying(
                                field, json -> assertThat(json.asText()).isEqualTo(value.toString())));
    }

    private void untilDeviceHas(DeviceAgent agent, String key, String field, Object value) {
        await().atMost(SOON).untilAsserted(() -> {
            Map<String, JsonNode> row = agent.rows().get("Reading", key).orElse(Map.of());
            assertThat(row)
                    .hasEntrySatisfying(field, json -> assertThat(json.asText()).isEqualTo(value.toString()));
        });
    }

    private void untilNothingWaits(DeviceAgent agent) {
        await().atMost(SOON).untilAsserted(() -> assertThat(agent.backlog()).isZero());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void joinsAndItsRowsGoBothWays(boolean base) throws Exception {
        cloud.pollsBeforeClaim.set(2);
        DeviceAgent agent = ready(config().base(base).build());

        String key = agent.rows().put("Reading", Map.of("id", "a", "value", 20.5, "unit", "C"));
        untilCloudHas(agent, key, "value", 20.5);
        cloud.write(agent.id(), "Reading", key, Map.of("value", 21));
        untilDeviceHas(agent, key, "value", 21);
        assertThat(agent.rows().get("Reading", key).orElseThrow())
                .hasEntrySatisfying("deviceId", id -> assertThat(id.asText()).isEqualTo(agent.id()));
        agent.rows().patch("Reading", key, Map.of("note", "warm"));
        untilCloudHas(agent, key, "note", "warm");
        cloud.remove(agent.id(), key);
        await().atMost(SOON)
                .untilAsserted(
                        () -> assertThat(agent.rows().get("Reading", key)).isEmpty());

        assertThat(cloud.row(agent.id(), "d#" + agent.id()).values()).containsKey("name");
        untilNothingWaits(agent);
        assertThat(cloud.broker.basicIngest.isEmpty()).isEqualTo(!base);
        assertThat(agent.badMessages()).isZero();
    }

    @Test
    void theKeyNeverLeavesTheDeviceAndIsForItsOwnerAlone() throws Exception {
        DeviceAgent agent = ready(config().build());

        Path key = agent.folder().resolve("key.pem");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(agent.folder())))
                .isEqualTo("rwx------");
        assertThat(Files.readString(agent.folder().resolve("membership.json"))).doesNotContain("PRIVATE KEY");
        assertThatThrownBy(() -> DeviceAgent.open(config().build(), events::add))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("uses the data folder");
    }

    @Test
    void anotherProgramsSqlGoesUp() throws Exception {
        DeviceAgent agent = ready(config().build());

        try (Connection sql = DriverManager.getConnection(agent.databaseUrl());
                Statement statement = sql.createStatement()) {
            statement.execute("INSERT INTO reading (id, value) VALUES ('sql', 1)");
            untilCloudHas(agent, "reading#sql", "value", 1);
            statement.execute("UPDATE reading SET note = 'x'");
            untilCloudHas(agent, "reading#sql", "note", "x");
            statement.execute("DELETE FROM reading");
        }
        await().atMost(SOON)
                .until(() -> !cloud.row(agent.id(), "reading#sql").clock().isLive());
    }

    @Test
    void whatIsWrittenBeforeItEverJoinedGoesUpWhenItDoes() throws Exception {
        DeviceAgent agent = DeviceAgent.open(config().build(), events::add);
        agents.add(agent);
        String key = agent.rows().put("Reading", Map.of("id", "early", "value", 1));
        agent.start();

        untilCloudHas(agent, key, "value", 1);
    }

    @Test
    void whatIsWrittenOfflineGoesUpAndWhatWasMissedComesDown() throws Exception {
        DeviceAgent agent = ready(config().build());
        String key = agent.rows().put("Reading", Map.of("id", "a", "value", 1));
        untilCloudHas(agent, key, "value", 1);
        agent.goOffline();
        assertThat(agent.await(AgentState.OFFLINE, SOON)).isTrue();

        cloud.online = false;
        agent.rows().patch("Reading", key, Map.of("value", 2));
        agent.rows().patch("Reading", key, Map.of("value", 3));
        cloud.write(agent.id(), "Reading", key, Map.of("note", "cloud"));
        cloud.write(agent.id(), "Reading", "reading#new", Map.of("id", "new", "value", 9));
        cloud.online = true;
        int before = cloud.changes.size();
        agent.goOnline();

        untilCloudHas(agent, key, "value", 3);
        untilDeviceHas(agent, key, "note", "cloud");
        untilDeviceHas(agent, "reading#new", "value", 9);
        untilDeviceHas(agent, key, "value", 3);
        untilNothingWaits(agent);
        assertThat(sentAbout(key, before)).hasSize(1);
    }

    private List<JsonNode> sentAbout(String key, int from) {
        List<JsonNode> sent = new ArrayList<>();
        for (ObjectNode message : cloud.changes.subList(from, cloud.changes.size())) {
            message.path("changes").forEach(change -> {
                if (change.path("key").asText().equals(key)) {
                    sent.add(change);
                }
            });
        }
        return sent;
    }

    @Test
    void nothingIsLostIfAcknowledgementsAre() throws Exception {
        DeviceAgent agent = ready(config().build());
        cloud.acknowledgementsToLose.set(3);

        for (int i = 0; i < 20; i++) {
            agent.rows().put("Reading", Map.of("id", "r" + i, "value", i));
        }

        untilNothingWaits(agent);
        assertThat(cloud.rows(agent.id()).keySet())
                .filteredOn(key -> key.startsWith("reading#"))
                .hasSize(20);
        assertThat(cloud.changes.stream().map(change -> change.path("seq").asLong()))
                .doesNotHaveDuplicates();
    }

    @Test
    void nothingIsLostIfItIsStoppedInBetween() throws Exception {
        DeviceAgent agent = ready(config().build());
        cloud.online = false;
        for (int i = 0; i < 50; i++) {
            agent.rows().put("Reading", Map.of("id", "r" + i, "value", i));
        }
        String id = agent.id();
        close(agent);
        cloud.online = true;

        DeviceAgent again = ready(config().build());

        assertThat(again.id()).isEqualTo(id);
        untilNothingWaits(again);
        assertThat(cloud.rows(id).keySet())
                .filteredOn(key -> key.startsWith("reading#"))
                .hasSize(50);
    }

    @Test
    void goesOnAfterTheBrokerWasAway() throws Exception {
        DeviceAgent agent = ready(config().build());
        cloud.broker.stop();
        agent.rows().put("Reading", Map.of("id", "a", "value", 1));
        cloud.broker.startAgain();
        cloud.reconnect();

        untilCloudHas(agent, "reading#a", "value", 1);
        assertThat(agent.await(AgentState.READY, SOON)).isTrue();
    }

    @Test
    void asksFromWhereItGotTo() throws Exception {
        DeviceAgent agent = ready(config().build());
        cloud.write(agent.id(), "Reading", "reading#a", Map.of("id", "a", "value", 1));
        untilDeviceHas(agent, "reading#a", "value", 1);
        close(agent);
        String reached = cloud.here();
        ready(config().build());
        close(agents.getFirst());
        ready(config().build());

        assertThat(cloud.catchUps).hasSize(3).first().isEqualTo("1970-01-01T00:00:00.000Z");
        assertThat(cloud.catchUps.getLast()).isEqualTo(reached);
    }

    @Test
    void asksAgainIfTheCloudDoesNotSayThatAllWasSent() throws Exception {
        cloud.answersCatchUp = false;
        SyncSettings patient = SyncSettings.DEFAULT;
        DeviceAgent agent = run(config().sync(new SyncSettings(
                        patient.batchRows(),
                        patient.batchBytes(),
                        patient.messagesInFlight(),
                        patient.resendAfter(),
                        Duration.ofMillis(500),
                        patient.pollFastest(),
                        patient.pollSlowest()))
                .build());
        await().atMost(SOON).until(() -> !cloud.catchUps.isEmpty());
        cloud.answersCatchUp = true;

        assertThat(agent.await(AgentState.READY, SOON)).isTrue();
    }

    @Test
    void registersAgainWhenReleased() throws Exception {
        DeviceAgent agent = ready(config().build());
        String key = agent.rows().put("Reading", Map.of("id", "a", "value", 1));
        untilCloudHas(agent, key, "value", 1);
        cloud.tell(agent.id(), "provision/release", "1000");
        int before = cloud.requests.size();

        cloud.tell(agent.id(), "provision/release", Long.toString(System.currentTimeMillis()));

        await().atMost(SOON)
                .until(() -> cloud.requests
                        .subList(before, cloud.requests.size())
                        .containsAll(List.of("/device/register", "/tok/device/provision")));
        assertThat(agent.await(AgentState.READY, SOON)).isTrue();
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(cloud.catchUps.getLast()).startsWith("1970"));
    }

    @Test
    void rowsOfAnotherAccountArePutAside() throws Exception {
        DeviceAgent agent = ready(config().build());
        agent.rows().put("Reading", Map.of("id", "secret", "value", 1));
        untilNothingWaits(agent);
        cloud.account = "other";
        cloud.tell(agent.id(), "provision/release", Long.toString(System.currentTimeMillis()));

        await().atMost(SOON)
                .untilAsserted(() ->
                        assertThat(agent.rows().query("SELECT 1 FROM reading")).isEmpty());
        try (var files = Files.list(agent.folder())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .anyMatch(name -> name.matches("device-main-\\d+\\.db"));
        }
    }

    @Test
    void getsANewCertificateAfterThreeFailedConnects() throws Exception {
        DeviceAgent agent = ready(config().build());
        cloud.requests.clear();
        cloud.broker.refused.add(agent.id());
        agent.goOffline();
        assertThat(agent.await(AgentState.OFFLINE, SOON)).isTrue();
        agent.goOnline();

        await().atMost(SOON).until(() -> cloud.requests.contains("/tok/device/provision"));
        cloud.broker.refused.clear();
        assertThat(agent.await(AgentState.READY, SOON)).isTrue();
    }

    @Test
    void registersAgainIfItsTokenIsUnknown() throws Exception {
        DeviceAgent agent = ready(config().build());
        cloud.broker.refused.add(agent.id());
        cloud.forget(agent.id());
        cloud.requests.clear();
        agent.goOffline();
        agent.goOnline();
        await().atMost(SOON).until(() -> cloud.requests.contains("/device/register"));
        cloud.broker.refused.clear();

        assertThat(agent.await(AgentState.READY, SOON)).isTrue();
    }

    @Test
    void waitsAsLongAsItIsBlocked() throws Exception {
        cloud.blocks.set(1);
        long start = System.nanoTime();

        ready(config().build());

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(1));
        assertThat(events).anySatisfy(event -> assertThat(event.toString()).contains("blocked"));
    }

    @Test
    void trustsNobodyButTheGivenAuthority() throws Exception {
        Path stranger = folder.resolve("stranger.pem");
        Files.writeString(stranger, TestAuthority.pem(new TestAuthority().root));

        DeviceAgent agent = run(config().authority(stranger).build());

        await().atMost(SOON)
                .untilAsserted(() -> assertThat(events)
                        .anySatisfy(event -> assertThat(event.toString()).contains("PKIX")));
        assertThat(agent.state()).isEqualTo(AgentState.REGISTERING);
        assertThat(cloud.requests).isEmpty();
    }

    @Test
    void nonsenseIsCountedAndDoesNoHarm() throws Exception {
        DeviceAgent agent = ready(config().build());
        cloud.tell(agent.id(), "sync/MODIFY", "not json");
        cloud.tell(agent.id(), "sync/MODIFY", "[]");
        cloud.tell(agent.id(), "sync/INSERT", "{\"_type\":\"Nothing\",\"sk\":\"x\"}");
        cloud.tell(agent.id(), "sync/UPSERT", "{\"_type\":\"Reading\",\"sk\":\"reading#x\",\"fields\":{\"a\":\"b\"}}");
        cloud.tell(agent.id(), "sync/SYNC", "{\"seq\":\"x\"}");
        cloud.tell(agent.id(), "sync/SYNCDOWN", "{\"updated\":\"later\"}");
        cloud.tell(agent.id(), "provision/release", "now");
        cloud.tell(agent.id(), "mqtt/throttle", "?");

        cloud.write(agent.id(), "Reading", "reading#a", Map.of("id", "a", "value", 1));

        untilDeviceHas(agent, "reading#a", "value", 1);
        assertThat(agent.badMessages()).isEqualTo(6);
    }

    @Test
    void aRowTheCloudRefusesIsNotSentForEver() throws Exception {
        DeviceAgent agent = ready(config().build());
        cloud.refusedKey = "reading#bad";
        agent.rows().put("Reading", Map.of("id", "bad", "value", 1));
        untilNothingWaits(agent);
        assertThat(events).anySatisfy(event -> assertThat(event).isInstanceOf(AgentEvent.RowRefused.class));
        cloud.refusedKey = "";

        agent.rows().patch("Reading", "reading#bad", Map.of("note", "now whole"));

        untilCloudHas(agent, "reading#bad", "note", "now whole");
        untilCloudHas(agent, "reading#bad", "value", 1);
    }

    @Test
    void anOldRowIsAnsweredByTheDevicesOwnOnceAndNoMore() throws Exception {
        DeviceAgent agent = ready(config().build());
        String key = agent.rows().put("Reading", Map.of("id", "a", "value", 1));
        untilCloudHas(agent, key, "value", 1);
        untilNothingWaits(agent);
        int before = cloud.changes.size();
        String old = "{\"_type\":\"Reading\",\"sk\":\"reading#a\",\"value\":0,\"updated\":\"2001-01-01T00:00:00.000Z\","
                + "\"fields\":{\"value\":\"2001-01-01T00:00:00.000Z-0000-cloud\"}}";
        for (int i = 0; i < 5; i++) {
            cloud.tell(agent.id(), "sync/MODIFY", old);
        }
        cloud.write(agent.id(), "Reading", "reading#b", Map.of("id", "b", "value", 2));
        untilDeviceHas(agent, "reading#b", "value", 2);
        untilNothingWaits(agent);

        assertThat(sentAbout(key, before)).hasSize(1);
        assertThat(agent.rows().get("Reading", key).orElseThrow().get("value")).hasToString("1");
    }

    @Test
    void tenThousandRowsGoUp() throws Exception {
        DeviceAgent agent = ready(config().build());
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            rows.add(Map.of("id", "r" + i, "value", i));
        }
        long start = System.nanoTime();
        agent.rows().putAll("Reading", rows);
        await().atMost(Duration.ofSeconds(60)).until(() -> agent.backlog() == 0);
        System.out.println("10,000 rows up in " + (System.nanoTime() - start) / 1_000_000 + " ms");

        assertThat(cloud.rows(agent.id())).hasSize(10_001);
    }
}
