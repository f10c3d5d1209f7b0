package io.mooring.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.audit.core.TrailLayout;
import io.mooring.audit.kafka.RecordProducer;
import io.mooring.chassis.TopicNames;
import io.mooring.contracts.audit.AuditCounter;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.Topic;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;

/** Tells the trail what was asked of the trail: who reads it is in it, too. */
@Singleton
public class OwnTrail {
    private static final JsonMapper JSON = new JsonMapper();

    private final RecordProducer producer;
    private final String topic;
    private final String region;
    private final AuditCounter counter =
            new AuditCounter(RecordProducer.SOURCE, UUID.randomUUID().toString());

    public OwnTrail(RecordProducer producer, TopicNames topics, TrailLayout layout) {
        this.producer = producer;
        this.topic = topics.of(Topic.AUDIT_EVENT);
        this.region = layout.region();
    }

    /**
     * Tells; when this returns, Kafka has it.
     *
     * @throws IOException if Kafka could not be told
     */
    public void tell(AuditRecord record) throws IOException {
        UUID id = UUID.randomUUID();
        try {
            byte[] value = JSON.writeValueAsBytes(record.toCloudTrail(id, "audit", region, counter.next()));
            producer.send(List.of(RecordProducer.auditRecord(topic, id, record.action(), record.at(), value, "")));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a map of texts always has a form in JSON", impossible);
        } catch (ExecutionException | KafkaException failed) {
            throw new IOException("the audit trail could not be told", failed);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", ending);
        }
    }
}
