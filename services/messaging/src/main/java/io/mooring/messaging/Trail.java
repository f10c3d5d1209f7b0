package io.mooring.messaging;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.messaging.core.Caller;
import io.mooring.messaging.db.Outbox;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Tells the audit trail what callers changed, in the transaction of the change. The form is CloudTrail's. */
@Singleton
public class Trail {
    private static final int MAX_VALUE = 256;

    private final TopicNames topics;

    public Trail(TopicNames topics) {
        this.topics = topics;
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
        ObjectNode json = Json.object()
                .put("eventVersion", "1.11")
                .put("eventID", UUID.randomUUID().toString())
                .put("eventTime", now.truncatedTo(ChronoUnit.SECONDS).toString())
                .put("eventSource", "messaging.mooring")
                .put("eventName", action)
                .put("eventType", "AwsApiCall")
                .put("eventCategory", "Management")
                .put("readOnly", false)
                .put("managementEvent", true);
        json.putObject("userIdentity")
                .put("type", caller.isOperator() ? "Operator" : "Application")
                .put("principalId", caller.name());
        ObjectNode asked = json.putObject("requestParameters").put("cloud", cloud);
        parameters.forEach((name, value) ->
                asked.put(name, value.length() <= MAX_VALUE ? value : value.substring(0, MAX_VALUE) + "…"));
        Outbox.add(
                connection,
                List.of(new Outbox.Message(
                        topics.of(Topic.AUDIT_EVENT),
                        Outbox.SOURCE,
                        json.toString(),
                        EventTypes.AUDIT,
                        action,
                        cloud,
                        null,
                        null)));
    }
}
