package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Commands devices while processes of the cloud are killed (signal 9) and devices come and go: each command
 * ends in exactly one final state on each device, was done once, and its answer is there. {@code -Dmooring.long=true}
 * takes a hundred devices and kills each process in turn, {@code -Dmooring.seed=N} does again what a run did.
 */
@ExtendWith(WholeCloud.class)
@Order(2)
@ResourceLock(WholeCloud.PROCESSES)
class CommandsUnderFireIT {
    private static final boolean LONG = Boolean.getBoolean("mooring.long");
    private static final long SEED = Long.getLong("mooring.seed", System.nanoTime());
    private static final int DEVICES = LONG ? 100 : 20;
    private static final int MOST_AT_ONCE = 10;
    private static final int VICTIMS_IN_SHORT = 1;
    private static final int COMMANDS_BETWEEN = 15;
    private static final Duration BETWEEN_COMMANDS = Duration.ofMillis(60);
    private static final Duration HEALED = Duration.ofMinutes(3);
    private static final JsonMapper JSON = new JsonMapper();
    /** Whoever carries or decides; the others are not on a command's way. */
    private static final List<Component> ON_THE_WAY = List.of(
            Component.POSTGRESQL,
            Component.KAFKA,
            Component.CONNECT,
            Component.PROVISIONING,
            Component.SYNC,
            Component.MESSAGING,
            Component.BROKER);

    private final CloudAccess cloud;
    private final LocalCloud stack;
    /** Whom each command is for, by its id. */
    private final Map<String, Set<String>> asked = new ConcurrentHashMap<>();

    private final AtomicBoolean firing = new AtomicBoolean(true);

    CommandsUnderFireIT(CloudAccess cloud, LocalCloud stack) {
        this.cloud = cloud;
        this.stack = stack;
    }

    @Test
    void endOnceAndAreDoneOnceWhoeverDies(@TempDir Path folder) throws Exception {
        System.out.println("-Dmooring.seed=" + SEED + (LONG ? " -Dmooring.long=true" : ""));
        String product;
        try (OperatorApi operator = new OperatorApi(cloud)) {
            product = operator.createProduct("under fire");
        }
        try (CommandedFleet fleet = new CommandedFleet(cloud, product, folder);
                ApplicationApi application =
                        ApplicationApi.create(stack, cloud, "under fire", "[\"read\",\"command\"]")) {
            fleet.join(DEVICES);
            awaitAnswering(application, fleet);
            Future<?> caller = inBackground(() -> command(application, fleet));
            Future<?> disturber = inBackground(() -> disturb(fleet));

            for (Component victim : victims()) {
                awaitMoreCommands(caller);
                kill(victim);
                awaitMoreCommands(caller);
            }
            firing.set(false);
            caller.get();
            disturber.get();
            fleet.awaitAll();

            Map<String, Map<String, JsonNode>> ends = awaitEnds(application);
            assertThat(problems(fleet, ends)).isEmpty();
            assertThat(finalEvents().entrySet().stream()
                            .filter(event -> event.getValue().size() != 1)
                            .toList())
                    .isEmpty();
            assertThat(finalEvents())
                    .hasSize(asked.values().stream().mapToInt(Set::size).sum());
        }
    }

    private static List<Component> victims() {
        List<Component> victims = new ArrayList<>(ON_THE_WAY);
        Collections.shuffle(victims, new Random(SEED));
        return LONG ? victims : victims.subList(0, VICTIMS_IN_SHORT);
    }

    private void kill(Component victim) {
        System.out.println(victim.label() + " is killed after " + asked.size() + " commands");
        stack.kill(victim);
        stack.awaitReady(victim);
    }

    private static Future<?> inBackground(Runnable work) {
        FutureTask<?> task = new FutureTask<>(work, null);
        Thread.ofVirtual().start(task);
        return task;
    }

    private void awaitMoreCommands(Future<?> caller) {
        int before = asked.size();
        await().atMost(HEALED).until(() -> caller.isDone() || asked.size() >= before + COMMANDS_BETWEEN);
    }

    /** Until the cloud knows of all devices that they answer; before, "delivered" would be the end. */
    private static void awaitAnswering(ApplicationApi application, CommandedFleet fleet) throws Exception {
        JsonNode sent = application.json(
                "POST",
                "/v1/commands",
                JSON.createObjectNode()
                        .put("command", CommandedFleet.COMMAND)
                        .put("waitSeconds", 30)
                        .<ObjectNode>set("devices", JSON.valueToTree(fleet.ids()))
                        .toString());
        assertThat(sent.path("state").asText()).as(sent.toString()).isEqualTo("completed");
        assertThat(sent.at("/counts/succeeded").asInt()).as(sent.toString()).isEqualTo(DEVICES);
    }

    private void command(ApplicationApi application, CommandedFleet fleet) {
        Random chance = new Random(SEED + 1);
        int number = 0;
        while (firing.get()) {
            List<String> ids = new ArrayList<>(fleet.ids());
            Collections.shuffle(ids, chance);
            Set<String> targets = new TreeSet<>(ids.subList(0, 1 + chance.nextInt(MOST_AT_ONCE)));
            String body = JSON.createObjectNode()
                    .put("command", CommandedFleet.COMMAND)
                    .put("timeoutSeconds", 600)
                    .<ObjectNode>set("devices", JSON.valueToTree(targets))
                    .toString();
            asked.put(sendUntilTaken(application, "fire-" + SEED + "-" + number, body), targets);
            number++;
            pause();
        }
    }

    /** Asks again by the same key until somebody says that it is taken. */
    private static String sendUntilTaken(ApplicationApi application, String key, String body) {
        while (true) {
            try {
                HttpResponse<String> answer = application.call("POST", "/v1/commands", body, "Idempotency-Key", key);
                if (answer.statusCode() / 100 == 2) {
                    return JSON.readTree(answer.body()).get("id").asText();
                }
                if (answer.statusCode() / 100 == 4) {
                    throw new IllegalStateException(answer.statusCode() + " " + answer.body());
                }
            } catch (IOException broken) {
                // It may have been taken or not: that is what the key is for.
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            pause();
        }
    }

    private void disturb(CommandedFleet fleet) {
        Random chance = new Random(SEED + 2);
        try {
            while (firing.get()) {
                fleet.disturbOne(chance);
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(BETWEEN_COMMANDS.toMillis());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How each command stands on each device, once all are over. */
    private Map<String, Map<String, JsonNode>> awaitEnds(ApplicationApi application) throws Exception {
        Set<String> open = new TreeSet<>(asked.keySet());
        await().atMost(HEALED).pollInterval(Duration.ofMillis(500)).untilAsserted(() -> {
            for (String command : List.copyOf(open)) {
                if (!application.json("GET", "/v1/commands/" + command, "").has("finished")) {
                    break;
                }
                open.remove(command);
            }
            assertThat(open).isEmpty();
        });
        Map<String, Map<String, JsonNode>> ends = new HashMap<>();
        for (String command : asked.keySet()) {
            Map<String, JsonNode> devices = new HashMap<>();
            application
                    .json("GET", "/v1/commands/" + command + "/devices", "")
                    .get("devices")
                    .forEach(end -> devices.put(end.get("device").asText(), end));
            ends.put(command, devices);
        }
        return ends;
    }

    private List<String> problems(CommandedFleet fleet, Map<String, Map<String, JsonNode>> ends) {
        List<String> problems = new ArrayList<>();
        int succeeded = 0;
        int interrupted = 0;
        for (var command : asked.entrySet()) {
            Map<String, JsonNode> devices = ends.getOrDefault(command.getKey(), Map.of());
            if (!devices.keySet().equals(command.getValue())) {
                problems.add(command + " is for " + devices.keySet());
            }
            for (JsonNode end : devices.values()) {
                String device = end.get("device").asText();
                int times = fleet.timesDone(command.getKey(), device);
                if (end.get("state").asText().equals("succeeded")) {
                    succeeded++;
                    if (times != 1
                            || end.at("/output/times").asInt() != 1
                            || !end.at("/output/device").asText().equals(device)) {
                        problems.add("done " + times + " times: " + end);
                    }
                } else if (end.get("state").asText().equals("failed")
                        && end.path("message").asText().contains("began anew")
                        && fleet.wasReopened(device)
                        && times <= 1) {
                    interrupted++;
                } else {
                    problems.add("done " + times + " times: " + end);
                }
            }
        }
        System.out.println(asked.size() + " commands, " + succeeded + " times done, " + interrupted
                + " times interrupted by a device's own end");
        return problems;
    }

    /** The events that say that it is over, by command and device: how many distinct ones. */
    private Map<String, Set<String>> finalEvents() {
        String topic = Topic.COMMAND_EVENT.name(stack.topicsPrefix());
        Map<String, Set<String>> events = new HashMap<>();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", stack.bootstrapServers()),
                new StringDeserializer(),
                new StringDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> {
                    JsonNode event = read(record.value());
                    String command = event.get("command").asText();
                    if (asked.containsKey(command) && event.get("final").asBoolean()) {
                        Header id = record.headers().lastHeader("ce_id");
                        events.computeIfAbsent(command + "/" + record.key(), key -> new TreeSet<>())
                                .add(new String(id.value(), StandardCharsets.UTF_8));
                    }
                });
            }
        }
        return events;
    }

    private static JsonNode read(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new IllegalStateException(json, e);
        }
    }
}
