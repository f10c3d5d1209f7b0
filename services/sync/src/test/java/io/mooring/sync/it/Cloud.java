package io.mooring.sync.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;

/** A cloud without its broker: the test is the bridge. One for all tests of this module. */
final class Cloud {
    static final ObjectMapper JSON = new ObjectMapper();

    private static final AtomicInteger DEVICES = new AtomicInteger();

    private static final class Holder {
        private static final Cloud CLOUD = new Cloud();
    }

    private final Devstack stack;
    private final KafkaProducer<String, byte[]> producer;
    private final DownlinkReader downlink;
    private final Set<String> deaf = ConcurrentHashMap.newKeySet();
    private final Map<String, DownlinkReader> readers = new ConcurrentHashMap<>();

    private Cloud() {
        stack = Devstack.builder()
                .brief()
                .with(Component.POSTGRESQL, Component.KAFKA, Component.CONNECT, Component.SYNC)
                .start();
        Properties config = new Properties();
        config.put("bootstrap.servers", stack.bootstrapServers());
        producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
        downlink = new DownlinkReader(stack.bootstrapServers(), topic(Topic.DEVICE_DOWNLINK), this::acknowledge);
        try {
            HttpResponse<String> answer = putSchema(schema());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException(answer.body());
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(stack::close));
    }

    static Cloud get() {
        return Holder.CLOUD;
    }

    /** What the tests' application has, in the schema's words. */
    static String schema() throws IOException {
        try (var in = Cloud.class.getResourceAsStream("/schema.json5")) {
            if (in == null) {
                throw new IOException("schema.json5 is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    Devstack stack() {
        return stack;
    }

    DownlinkReader downlink() {
        return downlink;
    }

    /** A reader of any topic, kept for the next who asks. */
    DownlinkReader reader(String topic) {
        return readers.computeIfAbsent(topic, name -> new DownlinkReader(stack.bootstrapServers(), name));
    }

    String topic(Topic topic) {
        return topic.name(stack.topicsPrefix());
    }

    HttpResponse<String> putSchema(String source) throws IOException, InterruptedException {
        return http("PUT", "/v1/clouds/main/schema", source, stack.secrets().serviceToken("launcher", "sync"));
    }

    HttpResponse<String> http(String method, String path, String body, String token)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(stack.url(Component.SYNC) + path))
                .header("Authorization", "Bearer " + token)
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        // Not by an upgrade to HTTP/2 in clear text, in which a long answer was once sent before the upgrade was.
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    /** Devices acknowledge at once what asks for a receipt; those that are deaf do not. */
    private void acknowledge(DownlinkReader.Told told) {
        if (!told.receipt().isEmpty() && !deaf.contains(told.key())) {
            receipt(told.key(), told.receipt());
        }
    }

    /** The bridge says that a device has acknowledged. */
    void receipt(String device, String receipt) {
        String json = "{\"device\":\"" + device + "\",\"receipt\":\"" + receipt + "\"}";
        var unused = producer.send(
                new ProducerRecord<>(topic(Topic.DEVICE_RECEIPT), device, json.getBytes(StandardCharsets.UTF_8)));
    }

    /** A device acknowledges again, also what it did not. */
    void hear(String device) {
        deaf.remove(device);
        downlink.all().stream().filter(told -> told.key().equals(device)).forEach(this::acknowledge);
    }

    /** From now on a device acknowledges nothing. */
    void deafen(String device) {
        deaf.add(device);
    }

    /** A new device, of which the service has heard by now. */
    String device(String account) throws ExecutionException, InterruptedException {
        String id = String.format(Locale.ROOT, "DEV%07d", DEVICES.incrementAndGet());
        register(id, account);
        Awaitility.await("the service knows " + id)
                .atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() ->
                        !query("SELECT id FROM sync.device WHERE id = ?", id).isEmpty());
        return id;
    }

    void register(String device, String account) throws ExecutionException, InterruptedException {
        String entry = """
                {"device":"%s","cloud":"main","account":"%s","product":"P","state":"active","certificates":[],"updated":"2026-11-23T00:00:00Z"}""".formatted(device, account);
        producer.send(new ProducerRecord<>(
                        topic(Topic.DEVICE_REGISTRY), device, entry.getBytes(StandardCharsets.UTF_8)))
                .get();
    }

    /** Sends as a device, over the bridge. */
    void send(String device, String account, String tail, String json) throws ExecutionException, InterruptedException {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(topic(Topic.SYNC_UPLINK), device, json.getBytes(StandardCharsets.UTF_8));
        Map.of(
                        EventHeaders.SPEC_VERSION,
                        EventHeaders.SPEC_VERSION_1_0,
                        EventHeaders.ID,
                        UUID.randomUUID().toString(),
                        EventHeaders.TYPE,
                        EventTypes.DEVICE_UPLINK,
                        EventHeaders.SOURCE,
                        "/clouds/main/devices/" + device,
                        EventHeaders.SUBJECT,
                        tail,
                        EventHeaders.CLOUD,
                        "main",
                        EventHeaders.ACCOUNT,
                        account)
                .forEach((name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        producer.send(record).get();
    }

    void syncUp(String device, long seq, String... changes) throws ExecutionException, InterruptedException {
        send(
                device,
                "acct1",
                DeviceTopics.SYNC_UP,
                "{\"seq\":" + seq + ",\"changes\":[" + String.join(",", changes) + "]}");
    }

    void syncDown(String device, String since) throws ExecutionException, InterruptedException {
        send(device, "acct1", DeviceTopics.SYNC_DOWN, "{\"timestamp\":\"" + since + "\"}");
    }

    /** The acknowledgement of a message. */
    JsonNode ack(String device, long seq) {
        return downlink.await(device, "sync/SYNC", json -> json.path("seq").asLong() == seq);
    }

    /** Writes as an application, which knows nothing of sync. */
    int sql(String sql, Object... parameters) throws SQLException {
        try (Connection connection = stack.connection("mooring_operator");
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            return statement.executeUpdate();
        }
    }

    /** The first column of what a query finds, as text. */
    List<String> query(String sql, Object... parameters) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Connection connection = stack.connection("postgres");
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    found.add(String.valueOf(result.getString(1)));
                }
            }
        }
        return found;
    }
}
