package io.mooring.metrics.access;

import io.mooring.chassis.TopicNames;
import io.mooring.chassis.audit.DirectTrail;
import io.mooring.contracts.audit.AuditCaller;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.Topic;
import io.mooring.metrics.kafka.RecordProducer;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;

/** Tells the audit trail of requests that were not let in. The form is CloudTrail's, event version 1.11. */
@Singleton
public class RefusalTrail {
    private final DirectTrail trail;
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
        this.trail = new DirectTrail(producer::send, topics.of(Topic.AUDIT_EVENT), "metrics", config.region());
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
        AuditCaller caller =
                new AuditCaller(refusal.who().isEmpty() ? "Unknown" : kind, refusal.who(), "", refusal.address(), "");
        AuditRecord record = AuditRecord.refused(
                        refusal.action(),
                        caller,
                        Map.of("resource", refusal.resource()),
                        refusal.errorCode(),
                        refusal.errorMessage(),
                        clock.instant())
                .as(AuditRecord.Kind.API_CALL, AuditRecord.Category.DATA);
        trail.tell(record);
    }
}
