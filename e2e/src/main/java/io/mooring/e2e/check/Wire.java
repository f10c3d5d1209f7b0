package io.mooring.e2e.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notes all that passes between devices and the cloud, as Kafka has it: what went up, and what came down. */
final class Wire implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Wire.class);
    private static final Duration POLL = Duration.ofMillis(200);

    private final History history;
    private final KafkaConsumer<String, byte[]> consumer;
    private final Map<String, String> kinds;
    private final Thread thread;
    private volatile boolean closed;
    private volatile long lastNanos = System.nanoTime();

    Wire(CheckedCloud cloud, History history) {
        this.history = history;
        this.kinds = Map.of(
                cloud.topic(Topic.SYNC_UPLINK), "uplink",
                cloud.topic(Topic.DEVICE_DOWNLINK), "downlink",
                cloud.deadLetters(Topic.SYNC_UPLINK), "dead-letter",
                cloud.deadLetters(Topic.DATABASE_CHANGE), "dead-letter",
                cloud.deadLetters(Topic.DEVICE_DOWNLINK), "dead-letter");
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", cloud.access().kafka(),
                        "isolation.level", "read_committed",
                        "auto.offset.reset", "earliest",
                        "fetch.max.wait.ms", "100"),
                new StringDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = new ArrayList<>();
        kinds.keySet()
                .forEach(topic -> consumer.partitionsFor(topic)
                        .forEach(partition -> partitions.add(new TopicPartition(topic, partition.partition()))));
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
        this.thread = Thread.ofPlatform().name("wire").daemon().start(this::watch);
    }

    private void watch() {
        try (consumer) {
            while (!closed) {
                try {
                    consumer.poll(POLL).forEach(this::note);
                } catch (WakeupException e) {
                    return;
                } catch (KafkaException e) {
                    LOG.info("the wire could not be read, and is read again: {}", e.toString());
                }
            }
        }
    }

    private void note(ConsumerRecord<String, byte[]> record) {
        String kind = kinds.getOrDefault(record.topic(), "unknown");
        JsonNode payload = json(record.value());
        String subject = header(record, EventHeaders.SUBJECT);
        lastNanos = System.nanoTime();
        history.add(kind, line -> {
            line.put("place", record.topic() + "/" + record.partition() + "/" + record.offset());
            line.put("key", record.key());
            switch (kind) {
                case "uplink" ->
                    line.put("topic", subject)
                            .put("account", header(record, EventHeaders.ACCOUNT))
                            .put("received", record.timestamp());
                case "downlink" -> line.put("receiver", subject).put("topic", header(record, EventHeaders.TOPIC));
                default ->
                    line.put("code", header(record, EventHeaders.ERROR_CODE))
                            .put("detail", header(record, EventHeaders.ERROR_DETAIL));
            }
            line.set("payload", payload);
        });
    }

    private static JsonNode json(byte @Nullable [] value) {
        try {
            return value == null ? History.JSON.nullNode() : History.JSON.readTree(value);
        } catch (IOException e) {
            return new TextNode(new String(value, StandardCharsets.UTF_8));
        }
    }

    private static @Nullable String header(ConsumerRecord<?, ?> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    /** For how long nothing has passed. */
    Duration quiet() {
        return Duration.ofNanos(System.nanoTime() - lastNanos);
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        consumer.wakeup();
        thread.join(10_000);
    }
}
