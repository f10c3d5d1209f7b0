package io.mooring.sync;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.chassis.TopicNames;
import io.mooring.contracts.audit.AuditCaller;
import io.mooring.contracts.audit.AuditPosition;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.Receiver;
import io.mooring.sync.core.Refusal;
import io.mooring.sync.core.Row;
import io.mooring.sync.core.RowJson;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.db.OutboxStore;
import io.mooring.sync.kafka.UplinkRecord;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
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
    private static final ObjectMapper JSON = new ObjectMapper();

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

    /** For the audit trail: a device tried what it may not. */
    public OutboxStore.Message audit(UplinkRecord record, Collection<Refusal> refusals, AuditPosition position) {
        Refusal first = refusals.iterator().next();
        String account = record.account() == null ? "" : record.account();
        AuditRecord told = AuditRecord.refused(
                        "SyncRows",
                        AuditCaller.device(record.device(), account),
                        Map.of(),
                        first.code(),
                        first.detail(),
                        Instant.now())
                .as(AuditRecord.Kind.SERVICE_EVENT, AuditRecord.Category.DATA)
                .with(Map.of(
                        "cloud",
                        record.cloud(),
                        "refused",
                        refusals.size(),
                        "changes",
                        refusals.stream()
                                .limit(MAX_DETAILS)
                                .map(refusal -> Map.of("key", refusal.key(), "code", refusal.code()))
                                .toList()));
        return new OutboxStore.Message(
                topics.of(Topic.AUDIT_EVENT),
                OutboxStore.SOURCE,
                json(told.toCloudTrail(UUID.randomUUID(), "sync", "", position)),
                EventTypes.AUDIT,
                "device/" + record.device(),
                record.cloud(),
                record.account(),
                null);
    }

    /** For the audit trail: somebody set how a cloud's sync goes. */
    public OutboxStore.Message auditControl(
            String cloud, String by, String event, Map<String, @Nullable String> parameters, AuditPosition position) {
        Map<String, String> asked = new HashMap<>(Map.of("cloud", cloud));
        parameters.forEach((name, value) -> {
            if (value != null) {
                asked.put(name, value);
            }
        });
        AuditCaller caller = new AuditCaller("Service", by, "", "", "");
        AuditRecord told = AuditRecord.done(event, caller, asked, Map.of(), Instant.now());
        return new OutboxStore.Message(
                topics.of(Topic.AUDIT_EVENT),
                OutboxStore.SOURCE,
                json(told.toCloudTrail(UUID.randomUUID(), "sync", "", position)),
                EventTypes.AUDIT,
                "cloud/" + cloud,
                cloud,
                null,
                null);
    }

    private static String json(Map<String, ?> fields) {
        try {
            return JSON.writeValueAsString(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of texts and numbers always has a form in JSON", e);
        }
    }
}
