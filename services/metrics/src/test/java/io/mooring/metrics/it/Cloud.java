package io.mooring.metrics.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.contracts.access.AccessGrant;
import io.mooring.contracts.access.AccessKey;
import io.mooring.contracts.access.AccessKeys;
import io.mooring.contracts.access.MasterKey;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.RowTopic;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import io.mooring.devstack.launcher.Ports;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
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
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Where Prometheus is to be, if there is one. */
    static final int PROMETHEUS_PORT = Ports.anyFree();

    /** Since when devices here are what they are. */
    static final Instant SINCE = Instant.parse("2026-01-01T00:00:00Z");

    /** Where AWS, as moto plays it, is to be, if there is one. */
    static final int AWS_PORT = Ports.anyFree();

    private static final AtomicInteger DEVICES = new AtomicInteger();
    private static final AtomicInteger QUESTIONS = new AtomicInteger();

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
    private @Nullable List<Told> dead;

    private Cloud() {
        stack = Devstack.builder()
                .brief()
                .with(Component.METRICS)
                .environment(
                        Component.METRICS,
                        Map.ofEntries(
                                Map.entry(
                                        "MOORING_METRICS_PROMETHEUS_URL",
                                        "http://127.0.0.1:" + PROMETHEUS_PORT + "/api/v1/write"),
                                Map.entry("MOORING_METRICS_PROMETHEUS_SETTLE", "PT3S"),
                                Map.entry("MOORING_METRICS_CLOUDWATCH_ENABLED", "true"),
                                Map.entry("MOORING_METRICS_CLOUDWATCH_ENDPOINT", "http://127.0.0.1:" + AWS_PORT),
                                Map.entry("MOORING_METRICS_CLOUDWATCH_KINDS", "product"),
                                Map.entry("MOORING_METRICS_CLOUDWATCH_PERIOD", "PT30S"),
                                Map.entry("MOORING_METRICS_CLOUDWATCH_SETTLE", "PT1S"),
                                Map.entry("MOORING_METRICS_CLOUDWATCH_INTERVAL", "PT1S"),
                                Map.entry("MOORING_METRICS_CLOUDWATCH_DOUBT", "PT3S"),
                                Map.entry("AWS_ACCESS_KEY_ID", "testing"),
                                Map.entry("AWS_SECRET_ACCESS_KEY", "testing")))
                .start();
        Properties config = new Properties();
        config.put("bootstrap.servers", stack.bootstrapServers());
        producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
        try (Admin admin = Admin.create(config)) {
            // As sync does for a model of a cloud.
            admin.createTopics(List.of(new NewTopic(
                            new RowTopic("main", "weather").name(stack.topicsPrefix()), RowTopic.PARTITIONS, (short)
                                    1)))
                    .all()
                    .get();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(stack::close));
        recordOutbox();
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
        return "http://127.0.0.1:" + stack.ports().metrics();
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

    Answer postBytes(String path, String token, byte[] body) throws IOException, InterruptedException {
        return send(request(path, token)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
    }

    private Answer send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        String body = response.body();
        return new Answer(response.statusCode(), body.isBlank() ? JSON.nullNode() : JSON.readTree(body));
    }

    // ---- AWS' form

    /** A device's key, as provisioning would make it. */
    AccessKey key(String device, Duration life, String... scopes) {
        byte[] chance = new byte[AccessKeys.RANDOM_BYTES];
        new SecureRandom().nextBytes(chance);
        Instant now = Instant.now();
        return new AccessKeys(MasterKey.of(stack.secrets().accessMasterKey()), List.of())
                .issue(new AccessGrant(device, "main", "acct1", Set.of(scopes), SINCE, now, now.plus(life)), chance);
    }

    /** What AWS' programs read from their environment. */
    Map<String, String> environment(AccessKey key) {
        return Map.of(
                "AWS_ACCESS_KEY_ID",
                key.id(),
                "AWS_SECRET_ACCESS_KEY",
                key.secret(),
                "AWS_SESSION_TOKEN",
                key.sessionToken(),
                "AWS_REGION",
                "local-1",
                "AWS_DEFAULT_REGION",
                "local-1",
                "AWS_CONFIG_FILE",
                "/dev/null",
                "AWS_SHARED_CREDENTIALS_FILE",
                "/dev/null",
                "AWS_EC2_METADATA_DISABLED",
                "true",
                "AWS_MAX_ATTEMPTS",
                "2",
                "AWS_CA_BUNDLE",
                stack.authorityFile().toString());
    }

    // ---- Kafka, as the bridge

    private ProducerRecord<String, byte[]> record(
            Topic topic, String key, String type, byte[] value, String... headers) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic(topic), key, value);
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

    /** A new device of a product, of which the service has heard. */
    String device(String product) throws Exception {
        String id = String.format(Locale.ROOT, "DEV%07d", DEVICES.incrementAndGet());
        String entry =
                "{'device':'%s','cloud':'main','account':'acct1','product':'%s','state':'active','since':'%s','certificates':[]}"
                        .formatted(id, product, SINCE);
        producer.send(record(Topic.DEVICE_REGISTRY, id, EventTypes.DEVICE_REGISTRY, utf8(entry)))
                .get();
        Awaitility.await("the service knows " + id)
                .ignoreExceptionsInstanceOf(SQLException.class)
                .atMost(Duration.ofSeconds(60))
                .until(() ->
                        !query("SELECT id FROM metrics.device WHERE id = ?", id).isEmpty());
        return id;
    }

    /** An application, as messaging speaks of it. */
    void application(String id, String token, String rights, String more) throws Exception {
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(utf8(token)));
        String entry = "{'application':'%s','cloud':'main','state':'active','tokens':[{'sha256':'%s'}],'rights':[%s]%s}"
                .formatted(id, sha256, rights, more);
        producer.send(record(Topic.APPLICATION_REGISTRY, id, EventTypes.APPLICATION_REGISTRY, utf8(entry)))
                .get();
        Awaitility.await("the service knows " + id)
                .ignoreExceptionsInstanceOf(SQLException.class)
                .atMost(PATIENCE)
                .until(() -> !query("SELECT id FROM metrics.application WHERE id = ?", id)
                        .isEmpty());
    }

    /** A device says something of its metrics; does not wait. */
    void says(String device, String subject, byte[] body) {
        var _ = producer.send(record(
                Topic.METRIC_UPLINK,
                device,
                EventTypes.DEVICE_UPLINK,
                body,
                EventHeaders.SUBJECT,
                subject,
                EventHeaders.ACCOUNT,
                "acct1"));
    }

    void set(String device, String json) {
        says(device, "metric/set", utf8(json));
    }

    /** Sync tells of a row. */
    void row(String table, String device, String sk, String json) throws Exception {
        String topic = new RowTopic("main", table).name(stack.topicsPrefix());
        ProducerRecord<String, byte[]> told = record(
                Topic.METRIC_UPLINK,
                RowTopic.key(device, sk),
                EventTypes.ROW_CHANGED,
                utf8(json),
                EventHeaders.SUBJECT,
                "device/" + device);
        producer.send(new ProducerRecord<>(topic, null, told.key(), told.value(), told.headers()))
                .get();
    }

    /** A device asks; what it is answered. */
    String asks(String device, String json) {
        String subject = "metric/get/" + QUESTIONS.incrementAndGet();
        says(device, subject, utf8(json));
        return await(
                        Topic.DEVICE_DOWNLINK,
                        record -> record.key().equals(device)
                                && record.header(EventHeaders.TOPIC).equals(subject))
                .json()
                .toString();
    }

    /** A dead letter of a device. */
    Told awaitDead(String device, String code) {
        List<Told> list = dead();
        return Awaitility.await("a dead letter with " + code)
                .atMost(PATIENCE)
                .until(
                        () -> list.stream()
                                .filter(letter -> letter.key().equals(device)
                                        && letter.header(EventHeaders.ERROR_CODE)
                                                .equals(code))
                                .findFirst(),
                        java.util.Optional::isPresent)
                .orElseThrow();
    }

    private synchronized List<Told> dead() {
        if (dead == null) {
            List<Told> list = new CopyOnWriteArrayList<>();
            String topic = Topic.METRIC_UPLINK.deadLetterName(stack.topicsPrefix());
            Thread.ofPlatform().daemon().name("reads dead letters").start(() -> read(topic, list));
            dead = list;
        }
        return dead;
    }

    static byte[] utf8(String json) {
        return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    static byte[] gzip(String json) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(utf8(json));
        }
        return bytes.toByteArray();
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
        List<Told> list = told(topic);
        return Awaitility.await("a record on " + topic.noun())
                .atMost(PATIENCE)
                .until(() -> list.stream().filter(what).findFirst(), java.util.Optional::isPresent)
                .orElseThrow();
    }

    // ---- SQL

    /** Keeps what the service says by its outbox, as change data capture sees it. */
    private void recordOutbox() {
        try (Connection connection = stack.connection("postgres");
                PreparedStatement statement = connection.prepareStatement("""
                        CREATE TABLE public.said (payload text);
                        CREATE FUNCTION public.record_said() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
                        BEGIN
                          INSERT INTO public.said VALUES (convert_from(new.payload, 'UTF8'));
                          RETURN null;
                        END $$;
                        CREATE TRIGGER record_said AFTER INSERT ON outbox.metrics
                          FOR EACH ROW EXECUTE FUNCTION public.record_said();
                        """)) {
            statement.execute();
        } catch (SQLException failed) {
            throw new IllegalStateException(failed);
        }
    }

    /** What the audit trail was told, by the outbox, of changes of a kind. */
    List<String> changes(String action) throws SQLException {
        return query("SELECT payload FROM public.said WHERE payload::json ->> 'eventName' = ?", action);
    }

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
