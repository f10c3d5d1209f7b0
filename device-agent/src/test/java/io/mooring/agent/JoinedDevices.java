package io.mooring.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.agent.cloud.SyncSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Devices for a test, over a real broker, with a scripted cloud behind it. */
class JoinedDevices {
    static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    static TestCloud cloud;

    final List<DeviceAgent> agents = new ArrayList<>();
    final List<AgentEvent> events = new CopyOnWriteArrayList<>();

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

    AgentConfig.Builder config() throws IOException {
        return AgentConfig.of(cloud.url(), TestCloud.PRODUCT_TOKEN, folder.resolve("device"))
                .authority(cloud.authorityFile)
                .schema(Schemas.demo())
                .name("Test")
                .retries(Duration.ofMillis(100), Duration.ofMillis(500))
                .sync(SyncSettings.DEFAULT.withResendAfter(Duration.ofSeconds(1)));
    }

    DeviceAgent run(AgentConfig config) throws Exception {
        DeviceAgent agent = DeviceAgent.open(config, events::add).start();
        agents.add(agent);
        return agent;
    }

    DeviceAgent ready(AgentConfig config) throws Exception {
        DeviceAgent agent = run(config);
        assertThat(agent.await(AgentState.READY, SOON)).as("%s", events).isTrue();
        return agent;
    }

    void close(DeviceAgent agent) throws Exception {
        agents.remove(agent);
        agent.close();
    }

    void untilCloudHas(DeviceAgent agent, String key, String field, Object value) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(cloud.row(agent.id(), key).values())
                        .hasEntrySatisfying(
                                field, json -> assertThat(json.asText()).isEqualTo(value.toString())));
    }

    void untilDeviceHas(DeviceAgent agent, String key, String field, Object value) {
        await().atMost(SOON).untilAsserted(() -> {
            Map<String, JsonNode> row = agent.rows().get("Reading", key).orElse(Map.of());
            assertThat(row)
                    .hasEntrySatisfying(field, json -> assertThat(json.asText()).isEqualTo(value.toString()));
        });
    }

    void untilNothingWaits(DeviceAgent agent) {
        await().atMost(SOON).untilAsserted(() -> assertThat(agent.backlog()).isZero());
    }
}
