package io.mooring.messaging.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A cloud without its broker: the test is the bridge and the devices. One for all tests of this module. */
final class Cloud {
    static final ObjectMapper JSON = new ObjectMapper();
    static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final AtomicInteger DEVICES = new AtomicInteger();

    /** A record that was read. */
    record Told(String key, Map<String, String> headers, JsonNode json) {
        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    private static final class Holder {
        private static final Cloud CLOUD = new Cloud();
    }

    private final Devstack stack;
    private final KafkaProducer<String, byte[]> producer;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<Topic, List<Told>> told = new ConcurrentHashMap<>();

    private Cloud() {
        stack = Devstack.builder()
                .brief()
                .with(Component.MESSAGING)
                .environment(
                        Component.MESSAGING,
                        Map.of(
                                "MOORING_MESSAGING_REQUESTS_PATIENCE",
                                "4s",
                                "MOORING_MESSAGING_LIMITS_REQUESTS_PER_SECOND",
                                "50"))
                .start();
        producer = producer(Map.of());
        Runtime.getRuntime().addShutdownHook(new Thread(stack::close));
    }

    private KafkaProducer<String, byte[]> producer(Map<String, Object> more) {
        Properties config = new Properties();
        config.putAll(more);
        config.put("bootstrap.servers", stack.bootstrapServers());
        return new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    static Cloud get() {
        return Holder.CLOUD;
    }

    Devstack stack() {
        return stack;
    }

    String topic(Topic topic) {
        return topic.name(stack.topicsPrefix());
    }

    // ---- HTTP

    /** An answer: its status and its JSON. */
    record Answer(int status, JsonNode json) {
        String code() {
            return json.path("code").asText();
        }
    }

    String url() {
        return "http://127.0.0.1:" + stack.ports().messaging();
    }

    String operator() {
        return stack.secrets().operatorToken();
    }

    HttpRequest.Builder request(String path, String token) {
        return HttpRequest.newBuilder(URI.create(url() + path)).header("Authorization", "Bearer " + token);
    }

    HttpClient client() {
        return client;
    }

    String bootstrapServers() {
        return stack.bootstrapServers();
    }

    Answer get(String path, String token) throws IOException, InterruptedException {
        return send(request(path, token).GET().build());
    }

    Answer post(String path, String token, String body, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                request(path, token).POST(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return send(request.build());
    }

    Answer put(String path, String token, String body) throws IOException, InterruptedException {
        return send(request(path, token)
                .PUT(HttpRequest.BodyPublishers.ofString(body.replace('\'', '"')))
                .build());
    }

    private Answer send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        String body = response.body();
        return new Answer(response.statusCode(), body.isBlank() ? JSON.nullNode() : JSON.readTree(body));
    }

    /** A new application of the cloud main; its token. */
    Answer application(String rights, String more) throws IOException, InterruptedException {
        return post(
                "/v1/applications", operator(), "{'name':'test','cloud':'main','rights':[" + rights + "]" + more + "}");
    }

    /** A stream of server-sent events. */
    record Events(BufferedReader lines) implements AutoCloseable {
        /** The data of the next event, which must be of a kind. */
        JsonNode next(String kind) throws IOException {
            String line = lines.readLine();
            while (!line.startsWith("data: ")) {
                assertThat(line).matches("|:.*|id: .*|event: " + kind);
                line = lines.readLine();
            }
            return JSON.readTree(line.substring("data: ".length()));
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }

    /** Listens to events; returns once it does. */
    Events listen(String path, String token) throws IOException, InterruptedException {
        HttpResponse<InputStream> response =
                client.send(request(path, token).GET().build(), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        Events events = new Events(new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8)));
        assertThat(events.lines().readLine()).isEqualTo(": listening");
        return events;
    }

    // ---- Kafka, as the bridge

    void send(Topic topic, String key, String type, String json, String... headers) throws Exception {
        producer.send(record(topic, null, key, type, json, headers)).get();
    }

    /** Sends records so that whoever reads them has all of them at once. */
    void sendTogether(List<ProducerRecord<String, byte[]>> records) {
        try (KafkaProducer<String, byte[]> together =
                producer(Map.of(ProducerConfig.LINGER_MS_CONFIG, 60_000, ProducerConfig.BATCH_SIZE_CONFIG, 1 << 20))) {
            records.forEach(together::send);
            together.flush();
        }
    }

    /** A record as the bridge makes it; {@code at} is when it came, null for now. */
    ProducerRecord<String, byte[]> record(
            Topic topic, @Nullable Instant at, String key, String type, String json, String... headers) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                topic(topic),
                null,
                at == null ? null : at.toEpochMilli(),
                key,
                json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
        List<String> all = new ArrayList<>(List.of(
                EventHeaders.SPEC_VERSION,
                EventHeaders.SPEC_VERSION_1_0,
                EventHeaders.ID,
                UUID.randomUUID().toString(),
                EventHeaders.SOURCE,
                "/test",
                EventHeaders.TYPE,
                type,
                EventHeaders.CLOUD,
                "main"));
        all.addAll(List.of(headers));
        for (int i = 0; i < all.size(); i += 2) {
            record.headers().add(all.get(i), all.get(i + 1).getBytes(StandardCharsets.UTF_8));
        }
        return record;
    }

    /** A new device of a product, of which all services have heard. */
    String device(String product) throws Exception {
        String id = String.format(Locale.ROOT, "DEV%07d", DEVICES.incrementAndGet());
        send(
                Topic.DEVICE_REGISTRY,
                id,
                EventTypes.DEVICE_REGISTRY,
                "{'device':'%s','cloud':'main','account':'acct1','product':'%s','state':'active','certificates':[]}"
                        .formatted(id, product));
        Awaitility.await("the services know " + id)
                .atMost(Duration.ofSeconds(60))
                .until(() -> !query(
                                "SELECT m.id FROM messaging.device m JOIN sync.device s ON s.id = m.id WHERE m.id = ?",
                                id)
                        .isEmpty());
        return id;
    }

    /** What a device says of itself. */
    void describe(String device, String fields) throws Exception {
        syncUp(device, "d#" + device, "'_type':'Device','sk':'d#" + device + "','id':'" + device + "'," + fields);
    }

    /** A device has what it was sent. */
    void receipt(String device, String receipt) throws Exception {
        send(
                Topic.DEVICE_RECEIPT,
                device,
                EventTypes.DEVICE_RECEIPT,
                "{'device':'%s','receipt':'%s','time':'%s'}".formatted(device, receipt, Instant.now()));
    }

    /** A device answers a command. */
    void answer(String device, String command, String fields) throws Exception {
        String key = "result#acct1#" + device + "#" + command;
        syncUp(device, key, "'_type':'CommandResult','sk':'" + key + "','id':'" + command + "'," + fields);
    }

    private void syncUp(String device, String key, String item) throws Exception {
        send(
                Topic.SYNC_UPLINK,
                device,
                EventTypes.DEVICE_UPLINK,
                "{'seq':1,'changes':[{'cmd':'update','key':'%s','item':{%s,'updated':'%s'}}]}"
                        .formatted(key, item, Instant.now().toString().substring(0, 23) + "Z"),
                EventHeaders.SUBJECT,
                "db/syncToDynamo",
                EventHeaders.ACCOUNT,
                "acct1");
    }

    /** What was said on a topic since the first who asked. */
    List<Told> told(Topic topic) {
        return told.computeIfAbsent(topic, name -> {
            List<Told> list = new CopyOnWriteArrayList<>();
            Thread.ofPlatform().daemon().name("reads " + name.noun()).start(() -> read(topic(name), list));
            return list;
        });
    }

    private void read(String topic, List<Told> list) {
        Properties config = new Properties();
        config.putAll(Map.of("bootstrap.servers", stack.bootstrapServers(), "auto.offset.reset", "earliest"));
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (!Thread.currentThread().isInterrupted()) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> list.add(told(record)));
            }
        }
    }

    private static Told told(ConsumerRecord<String, byte[]> record) {
        Map<String, String> headers = new ConcurrentHashMap<>();
        for (Header header : record.headers()) {
            if (header.value() != null) {
                headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
            }
        }
        try {
            return new Told(
                    record.key(), headers, record.value() == null ? JSON.nullNode() : JSON.readTree(record.value()));
        } catch (IOException notJson) {
            return new Told(record.key(), headers, JSON.nullNode());
        }
    }

    /** Waits until something is said on a topic. */
    Told await(Topic topic, Predicate<Told> what) {
        return await(topic, 1, what);
    }

    /** Waits until something is said on a topic so often; the last of it. */
    Told await(Topic topic, int times, Predicate<Told> what) {
        List<Told> list = told(topic);
        return Awaitility.await("a record on " + topic.noun())
                .atMost(PATIENCE)
                .until(() -> list.stream().filter(what).skip(times - 1L).findFirst(), java.util.Optional::isPresent)
                .orElseThrow();
    }

    /** Waits until a command is on its way to a device. */
    Told awaitCommand(String device, String command) {
        return await(
                Topic.DEVICE_DOWNLINK,
                record -> record.key().equals(device)
                        && record.json().path("id").asText().equals(command)
                        && record.header(EventHeaders.TOPIC).equals("sync/INSERT"));
    }

    /** Waits until a command is in a state on a device, as its events say. */
    JsonNode awaitState(String device, String command, String state) {
        return await(
                        Topic.COMMAND_EVENT,
                        record -> record.key().equals(device)
                                && record.json().path("command").asText().equals(command)
                                && record.json().path("state").asText().equals(state))
                .json();
    }

    // ---- SQL

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
