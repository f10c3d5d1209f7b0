package io.mooring.certificates.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.certificates.core.Event;
import io.mooring.certificates.core.Purpose;
import io.mooring.certificates.core.ServerName;
import io.mooring.certificates.db.Outbox;
import io.mooring.contracts.audit.AuditPosition;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/** Writes events as records of the public topics. */
public final class EventCodec {
    private final ObjectMapper json;
    private final String topicsPrefix;
    private final String region;

    public EventCodec(ObjectMapper json, String topicsPrefix, String region) {
        this.json = json;
        this.topicsPrefix = topicsPrefix;
        this.region = region;
    }

    /** One event as a record. */
    public Outbox.Outgoing encode(UUID id, Event event) {
        return switch (event) {
            case Event.Issued issued -> issued(id, issued);
            case Event.Revoked revoked -> revoked(id, revoked);
            case Event.Audited(AuditRecord record) -> new Outbox.Numbered(position -> audited(id, record, position));
        };
    }

    private Outbox.Message issued(UUID id, Event.Issued event) {
        Purpose purpose = event.certificate().purpose();
        ObjectNode value = json.createObjectNode()
                .put("serial", event.certificate().serial())
                .put("fingerprint", event.certificate().fingerprint())
                .put("subject", purpose.subject())
                .put("notBefore", event.certificate().validity().notBefore().toString())
                .put("notAfter", event.certificate().validity().notAfter().toString())
                .put("issued", text(event.at()));
        String cloud = "";
        switch (purpose) {
            case Purpose.Device device -> {
                cloud = device.cloud();
                value.put("purpose", "device").put("cloud", cloud).put("device", device.id());
            }
            case Purpose.Server server -> {
                value.put("purpose", "server");
                server.names().stream().map(ServerName::text).forEach(value.putArray("names")::add);
            }
            case Purpose.Responder responder -> value.put("purpose", "responder");
        }
        return message(
                id,
                Topic.CERTIFICATE_EVENT,
                purpose.subject(),
                value,
                EventTypes.CERTIFICATE_ISSUED,
                event.certificate().serial(),
                cloud,
                event.at());
    }

    private Outbox.Message revoked(UUID id, Event.Revoked event) {
        ObjectNode value = json.createObjectNode()
                .put("serial", event.certificate().serial())
                .put("subject", event.certificate().subject())
                .put("reason", event.certificate().reason().text())
                .put("revoked", text(event.certificate().revoked()));
        String cloud = event.certificate().cloud();
        if (!cloud.isEmpty()) {
            value.put("cloud", cloud).put("device", event.certificate().subject());
        }
        if (!event.certificate().fingerprint().isEmpty()) {
            value.put("fingerprint", event.certificate().fingerprint());
        }
        return message(
                id,
                Topic.CERTIFICATE_EVENT,
                event.certificate().subject(),
                value,
                EventTypes.CERTIFICATE_REVOKED,
                event.certificate().serial(),
                cloud,
                event.certificate().revoked());
    }

    private Outbox.Message audited(UUID id, AuditRecord record, AuditPosition position) {
        return message(
                id,
                Topic.AUDIT_EVENT,
                Outbox.SOURCE,
                record.toCloudTrail(id, "certificate-authority", region, position),
                EventTypes.AUDIT,
                record.action(),
                "",
                record.at());
    }

    private Outbox.Message message(
            UUID id, Topic topic, String key, Object value, String type, String subject, String cloud, Instant at) {
        try {
            return new Outbox.Message(
                    id,
                    topic.name(topicsPrefix),
                    key.getBytes(StandardCharsets.UTF_8),
                    json.writeValueAsBytes(value),
                    type,
                    subject,
                    cloud,
                    text(at));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON always has a text", e);
        }
    }

    private static String text(Instant at) {
        return at.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
