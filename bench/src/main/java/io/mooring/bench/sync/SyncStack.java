package io.mooring.bench.sync;

import io.mooring.bench.cloud.ProcessorTime;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What sync needs around it, and a hand on each of its ends: Kafka on one, PostgreSQL on the other. */
final class SyncStack implements AutoCloseable {
    static final String ACCOUNT = "bench";

    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final Devstack stack;
    private final boolean ours;
    private final KafkaProducer<String, byte[]> producer;

    private SyncStack(Devstack stack, boolean ours) {
        this.stack = stack;
        this.ours = ours;
        Properties config = new Properties();
        config.put("bootstrap.servers", stack.bootstrapServers());
        config.put("linger.ms", 2);
        config.put("batch.size", 128 * 1024);
        producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    /** Starts PostgreSQL, Kafka, Connect and sync, and puts the model in force. */
    static SyncStack start() throws IOException, InterruptedException {
        SyncStack stack = new SyncStack(
                Devstack.builder()
                        .with(Component.POSTGRESQL, Component.KAFKA, Component.CONNECT, Component.SYNC)
                        .start(),
                true);
        try {
            stack.putSchema(BenchModel.SCHEMA);
            return stack;
        } catch (IOException | RuntimeException | InterruptedException failed) {
            stack.close();
            throw failed;
        }
    }

    /** Of a cloud that runs already. */
    static SyncStack of(Devstack running) throws IOException, InterruptedException {
        SyncStack stack = new SyncStack(running, false);
        stack.putSchema(BenchModel.SCHEMA);
        return stack;
    }

    private void putSchema(String source) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(stack.url(Component.SYNC) + "/v1/clouds/main/schema"))
                .header("Authorization", "Bearer " + stack.secrets().serviceToken("launcher", "sync"))
                .PUT(HttpRequest.BodyPublishers.ofString(source))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException("the schema was not taken: " + answer.body());
            }
        }
    }

    /** Makes devices known to sync as provisioning would, and waits until they are. */
    void register(List<String> devices) throws Exception {
        for (String device : devices) {
            String entry = """
                    {"device":"%s","cloud":"main","account":"%s","product":"P","state":"active","certificates":[],\
                    "updated":"2026-11-23T00:00:00Z"}""".formatted(device, ACCOUNT);
            producer.send(
                    new ProducerRecord<>(topic(Topic.DEVICE_REGISTRY), device, entry.getBytes(StandardCharsets.UTF_8)));
        }
        producer.flush();
        await("sync knows all devices", () -> number("SELECT count(*) FROM sync.device") >= devices.size());
    }

    /** Says something as a device, as the bridge hands it over; {@link #flush} waits for Kafka. */
    void say(String device, String tail, byte[] json) {
        ProducerRecord<String, byte[]> said = new ProducerRecord<>(topic(Topic.SYNC_UPLINK), device, json);
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
                        ACCOUNT)
                .forEach((name, value) -> said.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        producer.send(said);
    }

    void syncUp(String device, byte[] json) {
        say(device, DeviceTopics.SYNC_UP, json);
    }

    void flush() {
        producer.flush();
    }

    /** A consumer of all of a topic from here on. */
    KafkaConsumer<String, byte[]> reader(Topic topic) {
        Properties config = new Properties();
        config.put("bootstrap.servers", stack.bootstrapServers());
        config.put("isolation.level", "read_committed");
        config.put("max.poll.records", 5000);
        config.put("fetch.max.wait.ms", 100);
        KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic(topic)).stream()
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        return consumer;
    }

    String topic(Topic topic) {
        return topic.name(stack.topicsPrefix());
    }

    Devstack devstack() {
        return stack;
    }

    Connection superuser() throws SQLException {
        return stack.connection("postgres");
    }

    /** As an application. */
    Connection application() throws SQLException {
        return stack.connection("mooring_operator");
    }

    /** A number of the database. */
    long number(String sql) {
        try (Connection connection = superuser();
                PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet result = statement.executeQuery()) {
            result.next();
            return result.getLong(1);
        } catch (SQLException failed) {
            throw new IllegalStateException(sql, failed);
        }
    }

    /** Waits until Debezium has read all that was written so far, and sync has noted all that Debezium said. */
    void settle() throws InterruptedException {
        long written = number("SELECT (pg_current_wal_lsn() - '0/0')::bigint");
        await(
                "Debezium follows",
                () -> number(
                                "SELECT (confirmed_flush_lsn - '0/0')::bigint FROM pg_replication_slots WHERE slot_name = 'mooring'")
                        >= written);
        try (KafkaConsumer<String, byte[]> changes = reader(Topic.DATABASE_CHANGE)) {
            TopicPartition only = changes.assignment().iterator().next();
            long end = changes.position(only);
            LongSupplier indexed = () -> number("SELECT next FROM sync.stream");
            // Markers of transactions take offsets of their own at the end of the topic.
            await("sync follows", () -> indexed.getAsLong() >= end - 1);
        }
    }

    /** Waits for something, five minutes at most. */
    static void await(String what, java.util.function.BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited in vain until " + what);
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** How much of a processor the processes of a component have used so far, in seconds; PostgreSQL's children too. */
    double processorSeconds(Component component) throws IOException {
        return ProcessorTime.seconds(stack, component);
    }

    /** How much memory a component's process has taken at most since {@link #forgetPeak}, in MiB. */
    long peakMebibytes(Component component) throws IOException {
        for (String line :
                Files.readAllLines(Path.of("/proc/" + stack.pid(component).orElseThrow() + "/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        throw new IOException("no VmHWM");
    }

    /** Begins anew with the peak of a component's memory. */
    void forgetPeak(Component component) throws IOException {
        Files.writeString(Path.of("/proc/" + stack.pid(component).orElseThrow() + "/clear_refs"), "5");
    }

    @Override
    public void close() {
        producer.close();
        if (ours) {
            stack.close();
        }
    }
}
