package io.mooring.bridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.mooring.contracts.kafka.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever happens to Kafka: what a device was told is stored, is stored. Each test counts what was
 * acknowledged against what Kafka has.
 */
@ParameterizedClass
@ValueSource(strings = {"sdk", "gate"})
class KafkaAwayIT {
    private static final String UPLINK = Topic.DEVICE_UPLINK.name(Stack.PREFIX);
    private static final int DELIVERY_TIMEOUT_MILLIS = 3_000;
    private static final int BUFFER_BYTES = 2_097_152;

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init") // by start()
    static Stack stack;

    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();

    @BeforeParameterizedClassInvocation
    static void start(String ack) throws IOException {
        stack = Stack.withItsOwnKafka(
                folder.resolve(ack),
                Map.of(
                        "MOORING_BRIDGE_ACK",
                        ack,
                        "MOORING_BRIDGE_UPLINK_DELIVERY_TIMEOUT_MS",
                        Integer.toString(DELIVERY_TIMEOUT_MILLIS),
                        "MOORING_BRIDGE_UPLINK_BUFFER_BYTES",
                        Integer.toString(BUFFER_BYTES)));
        assertThat(stack.broker.process().output()).anyMatch(line -> line.contains("acknowledgements by " + ack));
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        stack.close();
    }

    @AfterEach
    void thaw() throws IOException {
        stack.kafka.process().thaw();
    }

    @Parameter
    String ack = "";

    private CompletableFuture<?> say(TestClient client, String device, String text) {
        return say(client, device, text, text.getBytes(StandardCharsets.UTF_8));
    }

    private CompletableFuture<?> say(TestClient client, String device, String name, byte[] payload) {
        return client.publish("ioto/service/" + device + "/n/" + name, 1, payload)
                .thenRun(() -> acknowledged.add(name));
    }

    /** One message after the other, each when the one before was acknowledged. */
    private void goOnSaying(TestClient client, String device, int n) {
        var unused = say(client, device, device + "-" + n).thenRun(() -> goOnSaying(client, device, n + 50));
    }

    private Set<String> stored(String device) {
        Set<String> stored = new HashSet<>();
        for (ConsumerRecord<String, String> record : stack.records(UPLINK, device)) {
            stored.add(new String(record.headers().lastHeader("ce_subject").value(), StandardCharsets.UTF_8)
                    .substring("n/".length()));
        }
        return stored;
    }

    private long logLines(String text) {
        return stack.broker.process().output().stream()
                .filter(line -> line.contains(text))
                .count();
    }

    @ParameterizedTest
    @EnumSource(TestClient.Version.class)
    void acknowledgesNothingWhileKafkaHangs(TestClient.Version version) throws IOException {
        String device = "HANG" + version.ordinal();
        stack.join(device, "main", "acct1");
        TestClient client = stack.client(version, device).connect();
        TestClient.await(say(client, device, "before"));
        long outages = logLines("Kafka takes no records");
        long recoveries = logLines("Kafka takes records again");

        stack.kafka.process().freeze();
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            answers.add(say(client, device, "during" + i));
        }
        await().atMost(Duration.ofSeconds(30))
                .until(() -> client.isDisconnected() || answers.stream().allMatch(CompletableFuture::isDone));
        assertThat(acknowledged).containsExactly("before");
        stack.kafka.process().thaw();

        TestClient again = stack.client(version, device);
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
            TestClient.await(again.tryConnect());
            return true;
        });
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
            TestClient.await(say(again, device, "after"));
            return true;
        });
        assertThat(stored(device)).containsAll(acknowledged);
        // Said once for each time, however many messages were refused.
        assertThat(logLines("Kafka takes no records") - outages).isEqualTo(1);
        assertThat(logLines("Kafka takes records again") - recoveries).isEqualTo(1);
    }

    @Test
    void neverAcknowledgesMoreThanKafkaHasWhenKafkaDiesWhileDevicesWrite() throws IOException {
        int devices = 5;
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < devices; i++) {
            stack.join("DIES" + i, "main", "acct1");
            clients.add(stack.client(TestClient.Version.MQTT_3, "DIES" + i).connect());
        }
        for (int i = 0; i < devices; i++) {
            for (int window = 0; window < 50; window++) {
                goOnSaying(clients.get(i), "DIES" + i, window);
            }
        }
        await().until(() -> acknowledged.size() > 500);
        stack.kafka.process().kill();
        await().atMost(Duration.ofSeconds(30)).until(() -> clients.stream().allMatch(TestClient::isDisconnected));
        Set<String> promised = Set.copyOf(acknowledged);
        stack.kafka.restart();

        Set<String> stored = new HashSet<>();
        for (int i = 0; i < devices; i++) {
            stored.addAll(stored("DIES" + i));
        }
        assertThat(stored).containsAll(promised);

        // And it goes on by itself.
        TestClient again = stack.client(TestClient.Version.MQTT_3, "DIES0");
        await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> {
            TestClient.await(again.tryConnect());
            TestClient.await(say(again, "DIES0", "after"));
            return true;
        });
        assertThat(stored("DIES0")).contains("after");
    }

    @Test
    void refusesWhatExceedsTheBuffer() throws IOException {
        // Each has only a few on their way: the SDK's way takes no more of one device before Kafka answers.
        int devices = 20;
        List<TestClient> clients = new ArrayList<>();
        for (int i = 0; i < devices; i++) {
            stack.join("FULL" + i, "main", "acct1");
            clients.add(stack.client(TestClient.Version.MQTT_5, "FULL" + i).connect());
        }
        TestClient.await(say(clients.get(0), "FULL0", "before"));

        stack.kafka.process().freeze();
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int i = 0; i < devices; i++) {
            answers.add(say(clients.get(i), "FULL" + i, "big" + i, new byte[200_000]));
        }
        // Ten fit. The rest is told at once, while Kafka has not answered for the others.
        await().until(() -> answers.stream().anyMatch(CompletableFuture::isCompletedExceptionally));
        assertThat(stack.broker.process().output())
                .anyMatch(line -> line.contains("Kafka takes no records: the buffer is full"));
        await().atMost(Duration.ofSeconds(30))
                .until(() -> IntStream.range(0, devices)
                        .allMatch(i -> clients.get(i).isDisconnected()
                                || answers.get(i).isDone()));
        assertThat(acknowledged).containsExactly("before");
        stack.kafka.process().thaw();
        assertThat(stored("FULL0")).contains("before");
    }
}
