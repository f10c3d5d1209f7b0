package io.mooring.sync;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.Receiver;
import io.mooring.sync.core.JsonText;
import io.mooring.sync.core.Refusal;
import io.mooring.sync.core.Row;
import io.mooring.sync.core.RowJson;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.db.OutboxStore;
import io.mooring.sync.kafka.UplinkRecord;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Words what the merge says: to devices, and to the audit trail. */
@Singleton
public class DownlinkMessages {
    /** Below a receiver: a row that stands, whatever the device has. */
    static final String UPSERT = "sync/UPSERT";

    /** Below a receiver: a row that is no longer. */
    static final String REMOVE = "sync/REMOVE";

    /** Below a receiver: how its sync is set, and how far its catch-up is. */
    static final String CONTROL = "control/sync";

    private static final int MAX_DETAILS = 20;

    private final TopicNames topics;

    public DownlinkMessages(TopicNames topics) {
        this.topics = topics;
    }

    /** Something for one device. */
    public OutboxStore.Message toDevice(String cloud, String device, String tail, String json) {
        return to(cloud, new Receiver.Device(device), tail, json);
    }

    /** Something for all devices of a cloud. */
    public OutboxStore.Message toAll(String cloud, String tail, String json) {
        return to(cloud, new Receiver.Everybody(), tail, json);
    }

    private OutboxStore.Message to(String cloud, Receiver receiver, String tail, String json) {
        return new OutboxStore.Message(
                topics.of(Topic.DEVICE_DOWNLINK),
                receiver.key(),
                json,
                EventTypes.DEVICE_DOWNLINK,
                receiver.toString(),
                cloud,
                null,
                tail);
    }

    /**
     * The row that stands, for a device that wrote another.
     *
     * @param claimed the time the device had given its write, if it was not believed; a device without
     *     clocks takes nothing earlier than that
     */
    public OutboxStore.Message standingRow(
            UplinkRecord record, TableLayout layout, Row row, @Nullable HybridTimestamp claimed) {
        HybridTimestamp latest = HybridTimestamp.max(row.state().clock().latest(), claimed);
        String tail = row.state().clock().isLive() ? UPSERT : REMOVE;
        String json = latest == null ? RowJson.write(layout, row) : RowJson.write(layout, row, latest.isoMillis());
        return toDevice(record.cloud(), record.device(), tail, json);
    }

    /** For the audit trail: a device tried what it may not. The form is CloudTrail's. */
    public OutboxStore.Message audit(UplinkRecord record, Collection<Refusal> refusals) {
        Refusal first = refusals.iterator().next();
        StringBuilder json = new StringBuilder("{\"eventVersion\":\"1.11\"");
        member(json, "eventID", UUID.randomUUID().toString());
        member(json, "eventTime", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        member(json, "eventSource", "sync.mooring");
        member(json, "eventName", "SyncRows");
        member(json, "eventType", "AwsServiceEvent");
        member(json, "eventCategory", "Data");
        member(json, "errorCode", first.code());
        member(json, "errorMessage", first.detail());
        json.append(",\"readOnly\":false,\"managementEvent\":false,\"userIdentity\":{\"type\":\"Device\"");
        member(json, "principalId", record.device());
        if (record.account() != null) {
            member(json, "accountId", record.account());
        }
        json.append("},\"additionalEventData\":{\"cloud\":");
        JsonText.quote(json, record.cloud());
        json.append(",\"refused\":").append(refusals.size()).append(",\"changes\":[");
        String separator = "";
        for (Refusal refusal : refusals.stream().limit(MAX_DETAILS).toList()) {
            json.append(separator).append("{\"key\":");
            JsonText.quote(json, refusal.key());
            member(json, "code", refusal.code());
            json.append('}');
            separator = ",";
        }
        json.append("]}}");
        return new OutboxStore.Message(
                topics.of(Topic.AUDIT_EVENT),
                OutboxStore.SOURCE,
                json.toString(),
                EventTypes.AUDIT,
                "device/" + record.device(),
                record.cloud(),
                record.account(),
                null);
    }

    /** For the audit trail: somebody set how a cloud's sync goes. */
    public OutboxStore.Message auditControl(
            String cloud, String by, String event, Map<String, @Nullable String> parameters) {
        StringBuilder json = new StringBuilder("{\"eventVersion\":\"1.11\"");
        member(json, "eventID", UUID.randomUUID().toString());
        member(json, "eventTime", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        member(json, "eventSource", "sync.mooring");
        member(json, "eventName", event);
        member(json, "eventType", "AwsApiCall");
        member(json, "eventCategory", "Management");
        json.append(",\"readOnly\":false,\"managementEvent\":true,\"userIdentity\":{\"type\":\"Service\"");
        member(json, "principalId", by);
        json.append("},\"requestParameters\":{\"cloud\":");
        JsonText.quote(json, cloud);
        parameters.forEach((name, value) -> {
            if (value != null) {
                member(json, name, value);
            }
        });
        json.append("}}");
        return new OutboxStore.Message(
                topics.of(Topic.AUDIT_EVENT),
                OutboxStore.SOURCE,
                json.toString(),
                EventTypes.AUDIT,
                "cloud/" + cloud,
                cloud,
                null,
                null);
    }

    private static void member(StringBuilder json, String name, String value) {
        json.append(',');
        JsonText.quote(json, name);
        json.append(':');
        JsonText.quote(json, value);
    }
}
