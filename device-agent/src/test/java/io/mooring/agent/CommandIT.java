package io.mooring.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.mooring.agent.command.CommandHandler.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A device does what it is asked once, and says what became of it. */
class CommandIT extends JoinedDevices {
    private static void ask(DeviceAgent agent, String id, String command, Object... more) {
        Map<String, Object> values = new HashMap<>(Map.of("id", id, "command", command));
        for (int i = 0; i < more.length; i += 2) {
            values.put(String.valueOf(more[i]), more[i + 1]);
        }
        cloud.write(agent.id(), "Command", "command#acct1#" + agent.id() + "#" + id, values);
    }

    private static Map<String, JsonNode> result(DeviceAgent agent, String id) {
        return cloud.rows(agent.id()).entrySet().stream()
                .filter(row ->
                        row.getKey().startsWith("result#") && row.getKey().endsWith("#" + id))
                .map(row -> row.getValue().values())
                .findFirst()
                .map(values -> Map.copyOf(values))
                .orElse(Map.of());
    }

    private static JsonNode field(DeviceAgent agent, String id, String name) {
        return result(agent, id).getOrDefault(name, MissingNode.getInstance());
    }

    private static void untilIs(DeviceAgent agent, String id, String status) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(result(agent, id))
                        .hasEntrySatisfying(
                                "status", json -> assertThat(json.asText()).isEqualTo(status)));
    }

    @Test
    void doesEachOnceAndOneOfAKindAtATime() throws Exception {
        AtomicInteger done = new AtomicInteger();
        AtomicInteger atOnce = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<String> order = new CopyOnWriteArrayList<>();
        DeviceAgent agent = ready(config().command("count", (command, progress) -> {
                    most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                    order.add(command.id());
                    progress.report(50, "half");
                    done.incrementAndGet();
                    atOnce.decrementAndGet();
                    return new Outcome.Succeeded(
                            Map.of("twice", command.args().path("n").asInt() * 2));
                })
                .build());

        for (int i = 0; i < 10; i++) {
            ask(agent, "C" + i, "count", "args", Map.of("n", i));
            ask(agent, "C" + i, "count", "description", "said again");
        }

        for (int i = 0; i < 10; i++) {
            untilIs(agent, "C" + i, "succeeded");
            assertThat(field(agent, "C" + i, "output").path("twice").asInt()).isEqualTo(2 * i);
        }
        assertThat(done).hasValue(10);
        assertThat(most).hasValue(1);
        assertThat(order).isSorted();
        assertThat(cloud.row(agent.id(), "d#" + agent.id()).values().get("answersCommands"))
                .hasToString("true");
    }

    @Test
    void saysWhyItDidNot() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        DeviceAgent agent = ready(config().command("fail", (command, progress) -> {
                    throw new IllegalStateException("no paper");
                })
                .command("refuse", (command, progress) -> new Outcome.Rejected("not now"))
                .command(
                        "sleep",
                        (command, progress) -> {
                            try {
                                TimeUnit.MINUTES.sleep(1);
                            } finally {
                                interrupted.countDown();
                                progress.report(99, "too late");
                            }
                            return new Outcome.Succeeded(null);
                        },
                        Duration.ofMillis(200))
                .build());

        ask(agent, "1", "fail");
        ask(agent, "2", "refuse");
        ask(agent, "3", "sleep");
        ask(agent, "4", "fly");
        ask(agent, "5", "fail", "expires", Instant.now().minusSeconds(1).toString());

        untilIs(agent, "1", "failed");
        assertThat(field(agent, "1", "message").asText()).isEqualTo("no paper");
        untilIs(agent, "2", "rejected");
        untilIs(agent, "3", "timedOut");
        untilIs(agent, "4", "rejected");
        untilIs(agent, "5", "rejected");
        assertThat(interrupted.await(5, TimeUnit.SECONDS)).isTrue();
        untilNothingWaits(agent);
        untilIs(agent, "3", "timedOut");
    }

    @Test
    void doesNoneAgainThatWasBegunBefore() throws Exception {
        AtomicInteger begun = new AtomicInteger();
        CountDownLatch under = new CountDownLatch(1);
        AgentConfig.Builder config = config().command(
                        "quick", (command, progress) -> new Outcome.Succeeded(begun.incrementAndGet()))
                .command("reboot", (command, progress) -> {
                    under.countDown();
                    TimeUnit.MINUTES.sleep(1);
                    return new Outcome.Succeeded(null);
                })
                .command("slow", (command, progress) -> {
                    begun.incrementAndGet();
                    under.countDown();
                    TimeUnit.MINUTES.sleep(1);
                    return new Outcome.Succeeded(null);
                });
        DeviceAgent agent = ready(config.build());
        ask(agent, "1", "quick");
        untilIs(agent, "1", "succeeded");
        ask(agent, "2", "slow");
        ask(agent, "3", "reboot");
        assertThat(under.await(5, TimeUnit.SECONDS)).isTrue();
        untilIs(agent, "2", "running");
        untilIs(agent, "3", "running");
        close(agent);

        DeviceAgent again = ready(config.build());
        ask(again, "1", "quick", "description", "once more");
        ask(again, "4", "quick");

        untilIs(again, "2", "failed");
        untilIs(again, "3", "succeeded");
        untilIs(again, "4", "succeeded");
        assertThat(begun).hasValue(3);
    }

    @Test
    void hasProgramsDoCommands() throws Exception {
        DeviceAgent agent = ready(config().commandProgram("echo", List.of("sh", "-c", "cat"), Duration.ofSeconds(10))
                .commandProgram(
                        "break", List.of("sh", "-c", "echo some; echo broken >&2; exit 3"), Duration.ofSeconds(10))
                .commandProgram("hang", List.of("sleep", "60"), Duration.ofMillis(300))
                .build());

        ask(agent, "1", "echo", "args", Map.of("a", List.of(1, 2)));
        ask(agent, "2", "break");
        ask(agent, "3", "hang");

        untilIs(agent, "1", "succeeded");
        assertThat(field(agent, "1", "output")).hasToString("{\"a\":[1,2]}");
        untilIs(agent, "2", "failed");
        assertThat(field(agent, "2", "message").asText()).isEqualTo("status 3: broken");
        untilIs(agent, "3", "timedOut");
    }

    @Test
    void leavesAndComesBackWhenAskedTo() throws Exception {
        DeviceAgent agent = ready(config().build());

        ask(agent, "1", "release");

        untilIs(agent, "1", "succeeded");
        await().atMost(SOON)
                .until(() -> events.stream()
                                .filter(event -> event.equals(new AgentEvent.StateChanged(AgentState.READY, "")))
                                .count()
                        == 2);
        ask(agent, "2", "reprovision");
        untilIs(agent, "2", "succeeded");
        await().atMost(SOON).until(() -> events.stream().anyMatch(AgentEvent.CertificateRenewed.class::isInstance));
    }

    @Test
    void talksWithApplicationsAndAsksTheCloud() throws Exception {
        DeviceAgent agent = ready(config().build());
        List<String> heard = new CopyOnWriteArrayList<>();
        agent.messages()
                .subscribe(
                        "settings/+",
                        (tail, payload) -> heard.add(tail + " " + new String(payload, StandardCharsets.UTF_8)));
        agent.messages().answer("status", question -> "well".getBytes(StandardCharsets.UTF_8));

        await().atMost(SOON).untilAsserted(() -> {
            // The broker of the test lets it hear itself.
            agent.messages()
                    .publish("settings/rate", "5".getBytes(StandardCharsets.UTF_8), false)
                    .get(5, TimeUnit.SECONDS);
            assertThat(heard).contains("settings/rate 5");
        });
        byte[] answer = agent.messages()
                .request("store/get", "{\"key\":\"a\"}".getBytes(StandardCharsets.UTF_8), Messages.PATIENCE)
                .get(5, TimeUnit.SECONDS);
        assertThat(answer).asString(StandardCharsets.UTF_8).isEqualTo("42");
        cloud.tell(agent.id(), "request/status/q1", "?");
        await().atMost(SOON).untilAsserted(() -> assertThat(cloud.answers).contains("answer/q1 well"));
    }
}
