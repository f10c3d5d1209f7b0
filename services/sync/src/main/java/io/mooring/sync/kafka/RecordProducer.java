package io.mooring.sync.kafka;

import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.trace.TraceContext;
import io.mooring.sync.SyncMetrics;
import io.mooring.sync.db.OutboxStore;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes to Kafka what follows from what was read from Kafka: rows on their way down, and dead letters. What
 * follows from a transaction goes by the outbox instead.
 */
@Singleton
public class RecordProducer {
    private final KafkaProducer<String, byte[]> producer;
    private final SyncMetrics metrics;

    public RecordProducer(KafkaSettings kafka, SyncMetrics metrics) {
        this.metrics = metrics;
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.CLIENT_ID_CONFIG, "mooring-sync");
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        config.put(ProducerConfig.LINGER_MS_CONFIG, 1);
        config.put(ProducerConfig.BATCH_SIZE_CONFIG, 64 * 1024);
        config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 16 * 1024 * 1024);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 20_000);
        config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
        config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000);
        config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, 4 * 1024 * 1024);
        this.producer = new KafkaProducer<>(kafka.with(config), new StringSerializer(), new ByteArraySerializer());
    }

    @PreDestroy
    void close() {
        producer.close(Duration.ofSeconds(5));
    }

    /** Sends records in order; when it returns, Kafka has all of them. */
    public void send(List<ProducerRecord<String, byte[]>> records) throws ExecutionException, InterruptedException {
        List<Future<RecordMetadata>> pending = new ArrayList<>(records.size());
        for (ProducerRecord<String, byte[]> record : records) {
            pending.add(producer.send(record));
        }
        for (Future<RecordMetadata> future : pending) {
            future.get();
        }
    }

    /** Something for devices. */
    public static ProducerRecord<String, byte[]> downlink(OutboxStore.Message message) {
        return downlink(
                message.topic(),
                message.cloud(),
                message.subject(),
                message.key(),
                Objects.requireNonNull(message.tail(), "not for devices"),
                message.payload());
    }

    /**
     * Something for devices.
     *
     * @param receiver as in {@code ce_subject}
     * @param key as {@link io.mooring.contracts.mqtt.Receiver#key} says
     */
    public static ProducerRecord<String, byte[]> downlink(
            String topic, String cloud, String receiver, String key, String tail, String json) {
        return downlink(topic, cloud, receiver, key, tail, json.getBytes(StandardCharsets.UTF_8));
    }

    /** The same of what was encoded already, perhaps for several. */
    public static ProducerRecord<String, byte[]> downlink(
            String topic, String cloud, String receiver, String key, String tail, byte[] json) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, key, json);
        Headers headers = record.headers();
        put(headers, EventHeaders.SPEC_VERSION, EventHeaders.SPEC_VERSION_1_0);
        put(headers, EventHeaders.ID, UUID.randomUUID().toString());
        put(headers, EventHeaders.SOURCE, OutboxStore.SOURCE);
        put(headers, EventHeaders.TYPE, EventTypes.DEVICE_DOWNLINK);
        put(headers, EventHeaders.SUBJECT, receiver);
        put(headers, EventHeaders.CLOUD, cloud);
        put(headers, EventHeaders.TOPIC, tail);
        return record;
    }

    /** A record that could not be used, or the part of it that could not: its value may be another's. */
    public ProducerRecord<String, byte[]> deadLetter(
            ConsumerRecord<String, byte[]> cause, String topic, byte @Nullable [] value, String code, String detail) {
        metrics.deadLetter();
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, cause.key(), value);
        cause.headers().forEach(record.headers()::add);
        put(record.headers(), EventHeaders.ERROR_CODE, code);
        put(record.headers(), EventHeaders.ERROR_DETAIL, detail);
        put(record.headers(), EventHeaders.ERROR_ORIGIN, UplinkRecord.origin(cause));
        return record;
    }

    /** Sets a header to where a trace goes on, if that is recorded. */
    public static void put(Headers headers, String name, @Nullable TraceContext trace) {
        put(headers, name, trace == null || !trace.sampled() ? null : trace.toString());
    }

    /** Sets a header; leaves it alone if there is no value. */
    public static void put(Headers headers, String name, @Nullable String value) {
        if (value == null) {
            return;
        }
        headers.remove(name);
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
