package io.mooring.audit.kafka;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.audit.TopicNames;
import io.mooring.audit.core.DigestHead;
import io.mooring.audit.core.Json;
import io.mooring.audit.core.TrailPublicKey;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

/**
 * Writes to Kafka what can be said again from the database: heads of digests, dead letters; and what this service was asked,
 * before it answers.
 */
@Singleton
public class RecordProducer {
    /** The service as the source of events. */
    public static final String SOURCE = "/services/audit";

    private final KafkaProducer<String, byte[]> producer;
    private final String digests;

    public RecordProducer(KafkaSettings kafka, TopicNames topics) {
        this.digests = topics.of(Topic.AUDIT_DIGEST);
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.CLIENT_ID_CONFIG, "mooring-audit");
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 4 * 1024 * 1024);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000);
        config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 4_000);
        config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 8_000);
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

    /** Says where the trail stands; when it returns, Kafka has it. */
    public void announce(DigestHead head, TrailPublicKey key) throws ExecutionException, InterruptedException {
        ObjectNode json = head.toJson();
        json.set("publicKey", key.toJson());
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(digests, head.object(), Json.write(json));
        event(record.headers(), UUID.nameUUIDFromBytes(head.sha256().getBytes(StandardCharsets.US_ASCII)));
        put(record.headers(), EventHeaders.TYPE, EventTypes.AUDIT_DIGEST);
        put(record.headers(), EventHeaders.SUBJECT, head.object());
        put(record.headers(), EventHeaders.TIME, head.end().toString());
        put(record.headers(), EventHeaders.CONTENT_TYPE, "application/json");
        send(List.of(record));
    }

    /** What a record of Kafka that cannot be used becomes. */
    static ProducerRecord<String, byte[]> deadLetter(
            ConsumerRecord<String, byte[]> cause, String topic, String code, String detail) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, cause.key(), cause.value());
        cause.headers().forEach(record.headers()::add);
        put(record.headers(), EventHeaders.ERROR_CODE, code);
        put(record.headers(), EventHeaders.ERROR_DETAIL, detail);
        put(
                record.headers(),
                EventHeaders.ERROR_ORIGIN,
                cause.topic() + "/" + cause.partition() + "/" + cause.offset());
        return record;
    }

    static void event(Headers headers, UUID id) {
        put(headers, EventHeaders.SPEC_VERSION, EventHeaders.SPEC_VERSION_1_0);
        put(headers, EventHeaders.ID, id.toString());
        put(headers, EventHeaders.SOURCE, SOURCE);
    }

    static void put(Headers headers, String name, String value) {
        headers.remove(name);
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    /** A record of the audit trail, of this service itself. */
    public static ProducerRecord<String, byte[]> auditRecord(
            String topic, UUID id, String action, Instant at, byte[] value, String cloud) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, SOURCE, value);
        event(record.headers(), id);
        put(record.headers(), EventHeaders.TYPE, EventTypes.AUDIT);
        put(record.headers(), EventHeaders.SUBJECT, action);
        put(record.headers(), EventHeaders.TIME, at.toString());
        put(record.headers(), EventHeaders.CONTENT_TYPE, "application/json");
        if (!cloud.isEmpty()) {
            put(record.headers(), EventHeaders.CLOUD, cloud);
        }
        return record;
    }
}
