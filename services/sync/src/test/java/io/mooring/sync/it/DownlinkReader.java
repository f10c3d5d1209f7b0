package io.mooring.sync.it;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.kafka.EventHeaders;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** Reads a topic from its beginning, in the background, and remembers all of it. */
final class DownlinkReader {
    /** A record: whom it is for, on which topic below, who of them does not hear it, and what it says. */
    record Told(
            String key,
            String type,
            String receiver,
            String tail,
            String except,
            String receipt,
            String code,
            JsonNode json) {}

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<Told> told = new CopyOnWriteArrayList<>();
    private final String servers;
    private final String topic;
    private final Consumer<Told> heard;

    DownlinkReader(String servers, String topic) {
        this(servers, topic, told -> {});
    }

    /**
     * @param heard told of each record, once
     */
    DownlinkReader(String servers, String topic, Consumer<Told> heard) {
        this.servers = servers;
        this.topic = topic;
        this.heard = heard;
        Thread.ofPlatform().daemon().name("reads " + topic).start(this::read);
    }

    /** Topics of rows come to be some time after their tables. */
    private List<PartitionInfo> partitions(KafkaConsumer<String, byte[]> consumer) {
        return Awaitility.await(topic)
                .atMost(PATIENCE)
                .until(() -> consumer.partitionsFor(topic), found -> found != null && !found.isEmpty());
    }

    private void read() {
        Properties config = new Properties();
        config.putAll(Map.of("bootstrap.servers", servers, "auto.offset.reset", "earliest"));
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer())) {
            var partitions = partitions(consumer).stream()
                    .map(info -> new org.apache.kafka.common.TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (!Thread.currentThread().isInterrupted()) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> {
                    Told one = told(record);
                    told.add(one);
                    heard.accept(one);
                });
            }
        }
    }

    private static Told told(ConsumerRecord<String, byte[]> record) {
        return new Told(
                String.valueOf(record.key()),
                header(record, EventHeaders.TYPE),
                header(record, EventHeaders.SUBJECT),
                header(record, EventHeaders.TOPIC),
                header(record, EventHeaders.EXCEPT),
                header(record, EventHeaders.RECEIPT),
                header(record, EventHeaders.ERROR_CODE),
                json(record.value()));
    }

    /** Dead letters may be anything. */
    private static JsonNode json(byte @Nullable [] value) {
        try {
            return value == null ? Cloud.JSON.nullNode() : Cloud.JSON.readTree(value);
        } catch (IOException e) {
            return Cloud.JSON.getNodeFactory().textNode(new String(value, StandardCharsets.UTF_8));
        }
    }

    private static String header(ConsumerRecord<String, byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    List<Told> all() {
        return told;
    }

    /** What a device was told on a topic so far. */
    List<JsonNode> of(String device, String tail) {
        return told.stream()
                .filter(told -> told.receiver().equals("device/" + device)
                        && told.tail().equals(tail))
                .map(Told::json)
                .toList();
    }

    /** Waits until a device is told something. */
    JsonNode await(String device, String tail, Predicate<JsonNode> what) {
        return Awaitility.await("device " + device + " is told " + tail)
                .atMost(PATIENCE)
                .until(() -> of(device, tail).stream().filter(what).findFirst(), java.util.Optional::isPresent)
                .orElseThrow();
    }

    /** Waits until anybody is told something. */
    Told awaitTold(Predicate<Told> what) {
        return Awaitility.await("a record on " + topic)
                .atMost(PATIENCE)
                .until(() -> told.stream().filter(what).findFirst(), java.util.Optional::isPresent)
                .orElseThrow();
    }
}
