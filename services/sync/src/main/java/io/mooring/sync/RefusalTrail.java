package io.mooring.sync;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.contracts.audit.AuditCounter;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.sync.db.OutboxStore;
import io.mooring.sync.kafka.RecordProducer;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Headers;

/**
 * Tells the audit trail of requests that were not let in. They change nothing, so there is no transaction to tell of them, and
 * they have numbers of their own: nobody's guesses wait for the row that numbers what is done.
 */
@Singleton
public class RefusalTrail {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final RecordProducer producer;
    private final String topic;
    private final AuditCounter counter =
            new AuditCounter(OutboxStore.SOURCE, UUID.randomUUID().toString());

    public RefusalTrail(RecordProducer producer, TopicNames topics) {
        this.producer = producer;
        this.topic = topics.of(Topic.AUDIT_EVENT);
    }

    /**
     * Tells of a refusal; when this returns, Kafka has it.
     *
     * @throws IOException if Kafka could not be told
     */
    public void tell(AuditRecord refusal) throws IOException {
        UUID id = UUID.randomUUID();
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, OutboxStore.SOURCE, value(id, refusal));
        Headers headers = record.headers();
        RecordProducer.put(headers, EventHeaders.SPEC_VERSION, EventHeaders.SPEC_VERSION_1_0);
        RecordProducer.put(headers, EventHeaders.ID, id.toString());
        RecordProducer.put(headers, EventHeaders.SOURCE, OutboxStore.SOURCE);
        RecordProducer.put(headers, EventHeaders.TYPE, EventTypes.AUDIT);
        RecordProducer.put(headers, EventHeaders.SUBJECT, refusal.action());
        RecordProducer.put(
                headers,
                EventHeaders.TIME,
                refusal.at().truncatedTo(ChronoUnit.MILLIS).toString());
        RecordProducer.put(headers, EventHeaders.CONTENT_TYPE, "application/json");
        try {
            producer.send(List.of(record));
        } catch (ExecutionException | KafkaException failed) {
            throw new IOException("the audit trail could not be told", failed);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", ending);
        }
    }

    private byte[] value(UUID id, AuditRecord refusal) {
        try {
            return JSON.writeValueAsBytes(refusal.toCloudTrail(id, "sync", "", counter.next()));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a map of texts always has a form in JSON", impossible);
        }
    }
}
