package io.mooring.messaging;

import io.mooring.chassis.Json;
import io.mooring.chassis.TopicNames;
import io.mooring.contracts.audit.AuditCaller;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.messaging.access.AccessConfig;
import io.mooring.messaging.core.Caller;
import io.mooring.messaging.db.Outbox;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** Tells the audit trail what callers changed, in the transaction of the change. The form is CloudTrail's. */
@Singleton
public class Trail {
    private static final int MAX_VALUE = 256;

    private final TopicNames topics;
    private final String region;

    public Trail(TopicNames topics, AccessConfig config) {
        this.topics = topics;
        this.region = config.region();
    }

    /**
     * Tells of a change.
     *
     * @param action such as {@code SendCommand}
     * @param parameters what was asked for, without secrets
     */
    public void tell(
            Connection connection,
            Caller caller,
            String action,
            String cloud,
            Map<String, String> parameters,
            Instant now)
            throws SQLException {
        Map<String, String> asked = new TreeMap<>(parameters);
        asked.replaceAll((name, value) -> value.length() <= MAX_VALUE ? value : value.substring(0, MAX_VALUE) + "…");
        asked.put("cloud", cloud);
        AuditCaller who = new AuditCaller(caller.isOperator() ? "Operator" : "Application", caller.name(), "", "", "");
        Map<String, ?> record = AuditRecord.done(action, who, asked, Map.of(), now)
                .toCloudTrail(UUID.randomUUID(), "messaging", region, Outbox.nextAuditPosition(connection));
        Outbox.add(
                connection,
                List.of(new Outbox.Message(
                        topics.of(Topic.AUDIT_EVENT),
                        Outbox.SOURCE,
                        Json.write(record),
                        EventTypes.AUDIT,
                        action,
                        cloud,
                        null,
                        null)));
    }
}
