package io.mooring.metrics.access;

import io.mooring.contracts.audit.AuditCaller;
import io.mooring.contracts.audit.AuditCounter;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.metrics.Json;
import io.mooring.metrics.TopicNames;
import io.mooring.metrics.kafka.RecordProducer;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/** Tells the audit trail of requests that were not let in. The form is CloudTrail's, event version 1.11. */
@Singleton
public class RefusalTrail {
    private final RecordProducer producer;
    private final String topic;
    private final String region;
    private final AuditCounter counter =
            new AuditCounter(RecordProducer.SOURCE, UUID.randomUUID().toString());
    private final Clock clock = Clock.systemUTC();

    /**
     * A request that was refused.
     *
     * @param who whose key it was, empty if that is not certain
     * @param resource the namespace; empty if it is not known
     */
    public record Refusal(
            String action, String who, String address, String resource, String errorCode, String errorMessage) {}

    public RefusalTrail(RecordProducer producer, TopicNames topics, AccessConfig config) {
        this.producer = producer;
        this.topic = topics.of(Topic.AUDIT_EVENT);
        this.region = config.region();
    }

    /**
     * Tells of a refusal; when this returns, Kafka has it.
     *
     * @throws IOException if Kafka could not be told
     */
    public void refused(Refusal refusal) throws IOException {
        refused(refusal, "Device");
    }

    /**
     * The same of any caller.
     *
     * @param kind what the caller is, if it is known who
     */
    public void refused(Refusal refusal, String kind) throws IOException {
        UUID id = UUID.randomUUID();
        Instant now = clock.instant();
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                topic, RecordProducer.SOURCE, value(id, now, refusal, kind).getBytes(StandardCharsets.UTF_8));
        header(record, EventHeaders.SPEC_VERSION, EventHeaders.SPEC_VERSION_1_0);
        header(record, EventHeaders.ID, id.toString());
        header(record, EventHeaders.SOURCE, RecordProducer.SOURCE);
        header(record, EventHeaders.TYPE, EventTypes.AUDIT);
        header(record, EventHeaders.SUBJECT, refusal.action());
        header(record, EventHeaders.TIME, now.truncatedTo(ChronoUnit.MILLIS).toString());
        header(record, EventHeaders.CONTENT_TYPE, "application/json");
        try {
            producer.send(List.of(record));
        } catch (ExecutionException | KafkaException failed) {
            throw new IOException("the audit trail could not be told", failed);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", ending);
        }
    }

    private String value(UUID id, Instant now, Refusal refusal, String kind) {
        AuditCaller caller =
                new AuditCaller(refusal.who().isEmpty() ? "Unknown" : kind, refusal.who(), "", refusal.address(), "");
        AuditRecord record = AuditRecord.refused(
                        refusal.action(),
                        caller,
                        Map.of("resource", refusal.resource()),
                        refusal.errorCode(),
                        refusal.errorMessage(),
                        now)
                .as(AuditRecord.Kind.API_CALL, AuditRecord.Category.DATA);
        return Json.write(record.toCloudTrail(id, "metrics", region, counter.next()));
    }

    private static void header(ProducerRecord<String, byte[]> record, String name, String value) {
        record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
    }
}
