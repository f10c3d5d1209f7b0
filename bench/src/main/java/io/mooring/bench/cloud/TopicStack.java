package io.mooring.bench.cloud;

import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Services between PostgreSQL and Kafka, and a hand on each of their ends. There is no broker: what devices say is put on the topics, as the
 * bridge hands it over.
 */
public class TopicStack implements AutoCloseable {
    /** Whose all devices are. */
    public static final String ACCOUNT = "bench";

    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final Devstack stack;
    private final boolean ours;
    private final KafkaProducer<String, byte[]> producer;

    /**
     * A hand on a cloud.
     *
     * @param ours whether the cloud ends with it
     */
    public TopicStack(Devstack stack, boolean ours) {
        this.stack = stack;
        this.ours = ours;
        Properties config = new Properties();
        config.put("bootstrap.servers", stack.bootstrapServers());
        config.put("linger.ms", 2);
        config.put("batch.size", 128 * 1024);
        producer = new KafkaProducer<>(config, new StringSerializer(), new ByteArraySerializer());
    }

    /**
     * Makes devices known as provisioning would, and waits until they are.
     *
     * @param tables where services note which devices there are
     */
    public final void register(List<String> devices, String... tables) throws InterruptedException {
        for (String device : devices) {
            String entry = """
                    {"device":"%s","cloud":"main","account":"%s","product":"P","state":"active","certificates":[],\
                    "updated":"2026-11-23T00:00:00Z"}""".formatted(device, ACCOUNT);
            producer.send(
                    new ProducerRecord<>(topic(Topic.DEVICE_REGISTRY), device, entry.getBytes(StandardCharsets.UTF_8)));
        }
        producer.flush();
        for (String table : tables) {
            await("all devices are in " + table, () -> number("SELECT count(*) FROM " + table) >= devices.size());
        }
    }

    /** Says something as a device, as the bridge hands it over; {@link #flush} waits for Kafka. */
    public final void say(Topic topic, String device, String tail, byte[] json) {
        ProducerRecord<String, byte[]> said = new ProducerRecord<>(topic(topic), device, json);
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

    /** Waits until Kafka has all that was said. */
    public final void flush() {
        producer.flush();
    }

    /** A consumer of all of a topic from here on. */
    public final KafkaConsumer<String, byte[]> reader(Topic topic) {
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

    private String topic(Topic topic) {
        return topic.name(stack.topicsPrefix());
    }

    /** What runs. */
    public final Devstack devstack() {
        return stack;
    }

    /** A connection that may do all. */
    public final Connection superuser() throws SQLException {
        return stack.connection("postgres");
    }

    /** A number of the database. */
    public final long number(String sql) {
        try (Connection connection = superuser();
                PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet result = statement.executeQuery()) {
            result.next();
            return result.getLong(1);
        } catch (SQLException failed) {
            throw new IllegalStateException(sql, failed);
        }
    }

    /** Waits for something, five minutes at most. */
    public static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited in vain until " + what);
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** How much of a processor the processes of a component have used so far, in seconds; PostgreSQL's children too. */
    public final double processorSeconds(Component component) throws IOException {
        return ProcessorTime.seconds(stack, component);
    }

    @Override
    public void close() {
        producer.close();
        if (ours) {
            stack.close();
        }
    }
}
