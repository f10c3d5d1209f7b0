package io.mooring.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.agent.metric.MetricSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a device measures goes up over its connection, as soon as there is one. */
@Timeout(120)
class MetricIT extends JoinedDevices {
    private static final MetricSettings AT_ONCE = MetricSettings.DEFAULT.withGathering(Duration.ofMillis(50));

    private static List<Double> values(String metric) {
        List<Double> values = new ArrayList<>();
        for (JsonNode entry : cloud.measured) {
            if (entry.path("metric").asText().equals(metric)) {
                entry.path("points").forEach(point -> values.add(point.path(1).asDouble()));
            }
        }
        return values;
    }

    private static void awaitValues(String metric, Double... wanted) {
        await().atMost(SOON).untilAsserted(() -> assertThat(values(metric)).containsExactly(wanted));
    }

    @Test
    void pointsWaitForTheConnectionAndGoUpOnce() throws Exception {
        Instant then = Instant.now().minusSeconds(3_600);
        DeviceAgent unjoined = DeviceAgent.open(config().metrics(AT_ONCE).build(), events::add);
        unjoined.metrics().record("battery", 1, Map.of("cell", "a"), then);
        unjoined.close();

        DeviceAgent agent = ready(config().metrics(AT_ONCE).build());
        awaitValues("battery", 1.0);
        JsonNode first = cloud.measured.getFirst();
        assertThat(first.at("/dimensions/0/cell").asText()).isEqualTo("a");
        assertThat(first.at("/points/0/0").asLong()).isEqualTo(then.toEpochMilli());

        agent.goOffline();
        assertThat(agent.await(AgentState.OFFLINE, SOON)).isTrue();
        agent.metrics().record("battery", 2);
        agent.metrics().flush();
        agent.metrics().record("battery", 3);
        assertThat(agent.metrics().waiting()).isPositive();
        agent.goOnline();

        awaitValues("battery", 1.0, 2.0, 3.0);
        await().atMost(SOON).until(() -> agent.metrics().waiting() == 0);
        assertThat(agent.metrics().dropped()).isZero();
    }

    @Test
    void saysHowItDoesIfItIsToldTo() throws Exception {
        Path settings = Files.writeString(
                folder.resolve("metrics.json"),
                "{\"gatherSeconds\":0.1,\"sources\":[{\"own\":true,\"everySeconds\":0.2}]}");
        DeviceAgent agent =
                ready(config().metrics(MetricSettings.read(settings)).build());

        for (String metric : List.of("process.uptime", "process.memory.usage")) {
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(values(metric))
                            .hasSizeGreaterThan(1)
                            .allSatisfy(value -> assertThat(value).isPositive()));
        }
        cloud.online = false;
        agent.rows().put("Reading", Map.of("id", "a", "value", 1));
        // What is told of the time when nothing went up comes after it.
        await().atMost(SOON).until(() -> agent.metrics().waiting() > 2);
        cloud.online = true;
        agent.goOffline();
        assertThat(agent.await(AgentState.OFFLINE, SOON)).isTrue();
        agent.goOnline();
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(values("agent.rows.waiting")).contains(0.0, 1.0);
            assertThat(values("agent.metrics.waiting"))
                    .anySatisfy(value -> assertThat(value).isPositive());
            assertThat(values("agent.logs.waiting")).contains(0.0);
        });
    }

    @Test
    void anotherAccountHearsNothingOfWhatWasMeasuredForTheOneBefore() throws Exception {
        DeviceAgent agent = ready(config().metrics(AT_ONCE).build());
        untilNothingWaits(agent);
        cloud.online = false;
        agent.metrics().record("secret", 1);
        agent.metrics().flush();
        assertThat(agent.metrics().waiting()).isOne();
        cloud.account = "other";
        cloud.forgetRows(agent.id());
        cloud.tell(agent.id(), "provision/release", Long.toString(System.currentTimeMillis()));
        await().atMost(SOON).until(() -> agent.metrics().waiting() == 0);

        cloud.online = true;
        agent.metrics().record("open", 2);
        awaitValues("open", 2.0);
        assertThat(values("secret")).isEmpty();
    }

    @Test
    void saysAtOnceWhatCannotBeRecorded() throws Exception {
        DeviceAgent agent = DeviceAgent.open(config().build(), events::add);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> agent.metrics().record("m", Double.NaN))
                .withMessageContaining("finite");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> agent.metrics().record("m", 1, Map.of("Device", "another")))
                .withMessageContaining("the device itself");
        agent.metrics().record("m", 1, Map.of("Device", agent.id()));
        agent.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> agent.metrics().record("m", 1))
                .withMessageContaining("closed");

        DeviceAgent base = run(config().base(true).build());
        assertThatIllegalStateException()
                .isThrownBy(() -> base.metrics().record("m", 1))
                .withMessageContaining("base protocol");
    }
}
