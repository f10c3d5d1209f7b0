package io.mooring.audit.kafka;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.audit.core.DigestHead;
import io.mooring.audit.core.Json;
import io.mooring.audit.core.TrailPublicKey;
import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.KafkaSettings;
import io.mooring.chassis.kafka.RecordWriter;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes to Kafka what can be said again from the database: heads of digests, dead letters; and what this service was asked,
 * before it answers.
 */
@Singleton
public class RecordProducer {
    /** The service as the source of events. */
    public static final String SOURCE = "/services/audit";

    private static final int BUFFER_BYTES = 4 * 1024 * 1024;

    private final RecordWriter writer;
    private final String digests;

    public RecordProducer(KafkaSettings kafka, TopicNames topics) {
        this.digests = topics.of(Topic.AUDIT_DIGEST);
        this.writer = RecordWriter.beforeAnswers(kafka, "mooring-audit", BUFFER_BYTES);
    }

    @PreDestroy
    void close() {
        writer.close();
    }

    /** Sends records in order; when it returns, Kafka has all of them. */
    public void send(List<ProducerRecord<String, byte[]>> records) throws ExecutionException, InterruptedException {
        writer.send(records);
    }

    /** Says where the trail stands; when it returns, Kafka has it. */
    public void announce(DigestHead head, TrailPublicKey key) throws ExecutionException, InterruptedException {
        ObjectNode json = head.toJson();
        json.set("publicKey", key.toJson());
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(digests, head.object(), Json.write(json));
        UUID id = UUID.nameUUIDFromBytes(head.sha256().getBytes(StandardCharsets.US_ASCII));
        Records.event(record.headers(), id, SOURCE, EventTypes.AUDIT_DIGEST, head.object());
        Records.put(record.headers(), EventHeaders.TIME, head.end().toString());
        Records.put(record.headers(), EventHeaders.CONTENT_TYPE, "application/json");
        send(List.of(record));
    }

    /** What a record of Kafka that cannot be used becomes. */
    static ProducerRecord<String, byte[]> deadLetter(
            ConsumerRecord<String, byte[]> cause, String topic, String code, String detail) {
        return Records.deadLetter(cause, topic, cause.value(), code, detail);
    }

    /** A record of the audit trail, of this service itself. */
    public static ProducerRecord<String, byte[]> auditRecord(
            String topic, UUID id, String action, Instant at, byte[] value, String cloud) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, SOURCE, value);
        Records.event(record.headers(), id, SOURCE, EventTypes.AUDIT, action);
        Records.put(record.headers(), EventHeaders.TIME, at.toString());
        Records.put(record.headers(), EventHeaders.CONTENT_TYPE, "application/json");
        if (!cloud.isEmpty()) {
            Records.put(record.headers(), EventHeaders.CLOUD, cloud);
        }
        return record;
    }
}
