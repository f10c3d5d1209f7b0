package io.mooring.logs.access;

import io.mooring.chassis.Json;
import io.mooring.chassis.TopicNames;
import io.mooring.contracts.audit.AuditCaller;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.Topic;
import io.mooring.logs.core.Caller;
import io.mooring.logs.db.AuditOutbox;
import io.mooring.logs.kafka.RecordProducer;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** Tells the audit trail who set for how long lines are kept, in the transaction of the change. The form is CloudTrail's. */
@Singleton
public class ChangeTrail {
    private final String topic;
    private final String region;
    private final Clock clock = Clock.systemUTC();

    public ChangeTrail(TopicNames topics, AccessConfig config) {
        this.topic = topics.of(Topic.AUDIT_EVENT);
        this.region = config.region();
    }

    /**
     * Tells of a change.
     *
     * @param parameters what was asked for
     */
    public void tell(Connection connection, Caller caller, String action, String cloud, Map<String, String> parameters)
            throws SQLException {
        Map<String, String> asked = new TreeMap<>(parameters);
        asked.put("cloud", cloud);
        AuditCaller who = new AuditCaller(caller.kind().type(), caller.name(), "", "", "");
        Map<String, ?> record = AuditRecord.done(action, who, asked, Map.of(), clock.instant())
                .toCloudTrail(UUID.randomUUID(), "logs", region, AuditOutbox.next(connection, RecordProducer.SOURCE));
        AuditOutbox.send(connection, topic, RecordProducer.SOURCE, action, cloud, Json.write(record));
    }
}
