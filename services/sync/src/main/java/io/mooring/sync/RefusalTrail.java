package io.mooring.sync;

import io.mooring.chassis.TopicNames;
import io.mooring.chassis.audit.DirectTrail;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.Topic;
import io.mooring.sync.kafka.RecordProducer;
import jakarta.inject.Singleton;
import java.io.IOException;

/** Tells the audit trail of requests that were not let in. */
@Singleton
public class RefusalTrail {
    private final DirectTrail trail;

    public RefusalTrail(RecordProducer producer, TopicNames topics) {
        this.trail = new DirectTrail(producer::send, topics.of(Topic.AUDIT_EVENT), "sync", "");
    }

    /**
     * Tells of a refusal; when this returns, Kafka has it.
     *
     * @throws IOException if Kafka could not be told
     */
    public void tell(AuditRecord refusal) throws IOException {
        trail.tell(refusal);
    }
}
