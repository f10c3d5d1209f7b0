package io.mooring.files.kafka;

import io.mooring.chassis.TopicNames;
import io.mooring.chassis.audit.DirectTrail;
import io.mooring.chassis.kafka.KafkaSettings;
import io.mooring.chassis.kafka.RecordWriter;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.Topic;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Tells the audit trail what was refused. This service has no database: it answers when Kafka has the record. */
@Singleton
public class AuditTrail {
    private static final int BUFFER_BYTES = 2 * 1024 * 1024;

    private final RecordWriter writer;
    private final DirectTrail trail;

    public AuditTrail(
            KafkaSettings kafka,
            TopicNames topics,
            @ConfigProperty(name = "mooring.files.region", defaultValue = "local-1") String region) {
        this.writer = RecordWriter.beforeAnswers(kafka, "mooring-files-audit", BUFFER_BYTES);
        this.trail = new DirectTrail(writer::send, topics.of(Topic.AUDIT_EVENT), "files", region);
    }

    @PreDestroy
    void close() {
        writer.close();
    }

    /**
     * Tells of a refusal; when this returns, Kafka has it.
     *
     * @param cloud whose data it was, empty if that is not certain
     * @throws IOException if Kafka could not be told
     */
    public void refused(AuditRecord refusal, String cloud) throws IOException {
        trail.tell(refusal, cloud);
    }
}
