package io.mooring.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.cloud.SyncSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows of a device that joined stay in step with the cloud's. */
@Timeout(120)
class DeviceAgentIT extends JoinedDevices {
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
        // It may be back before the cloud of this test is, which then does not hear what it asks for.
        DeviceAgent agent = ready(config().sync(soonAskingAgain()).build());
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

    private static SyncSettings soonAskingAgain() {
        SyncSettings usual = SyncSettings.DEFAULT;
        return new SyncSettings(
                usual.batchRows(),
                usual.batchBytes(),
                usual.messagesInFlight(),
                usual.resendAfter(),
                Duration.ofMillis(500),
                usual.pollFastest(),
                usual.pollSlowest());
    }

    @Test
    void asksAgainIfTheCloudDoesNotSayThatAllWasSent() throws Exception {
        cloud.answersCatchUp = false;
        DeviceAgent agent = run(config().sync(soonAskingAgain()).build());
        await().atMost(SOON).until(() -> !cloud.catchUps.isEmpty());
        cloud.answersCatchUp = true;

        assertThat(agent.await(AgentState.READY, SOON)).isTrue();
    }

    @Test
    void nonsenseIsCountedAndDoesNoHarm() throws Exception {
        DeviceAgent agent = ready(config().build());
        cloud.tell(agent.id(), "sync/MODIFY", "not json");
        cloud.tell(agent.id(), "sync/MODIFY", "[]");
        cloud.tell(agent.id(), "sync/INSERT", "{\"_type\":\"Nothing\",\"sk\":\"x\"}"); // of a later schema, perhaps
        cloud.tell(agent.id(), "sync/UPSERT", "{\"_type\":\"Reading\",\"sk\":\"reading#x\",\"fields\":{\"a\":\"b\"}}");
        cloud.tell(agent.id(), "sync/SYNC", "{\"seq\":\"x\"}");
        cloud.tell(agent.id(), "sync/SYNCDOWN", "{\"updated\":\"later\"}");
        cloud.tell(agent.id(), "provision/release", "now");
        cloud.tell(agent.id(), "mqtt/throttle", "?");

        cloud.write(agent.id(), "Reading", "reading#a", Map.of("id", "a", "value", 1));

        untilDeviceHas(agent, "reading#a", "value", 1);
        assertThat(agent.badMessages()).isEqualTo(5);
    }

    @Test
    void aRowTheCloudRefusesIsNotSentForEver() throws Exception {
        DeviceAgent agent = ready(config().build());
        cloud.refusedKey = "reading#bad";
        agent.rows().put("Reading", Map.of("id", "bad", "value", 1));
        untilNothingWaits(agent);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(events)
                        .anySatisfy(event -> assertThat(event).isInstanceOf(AgentEvent.RowRefused.class)));
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
