package io.mooring.provisioning.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.contracts.audit.AuditPosition;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.provisioning.core.DeviceEvent;
import io.mooring.provisioning.core.Owner;
import io.mooring.provisioning.core.RegistryEntry;
import io.mooring.provisioning.db.Outbox;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;

/** Writes what happened as records of the public topics. */
public final class EventCodec {
    private final ObjectMapper json;
    private final String topicsPrefix;
    private final String region;

    public EventCodec(ObjectMapper json, String topicsPrefix, String region) {
        this.json = json;
        this.topicsPrefix = topicsPrefix;
        this.region = region;
    }

    /** What became of a device. */
    public Outbox.Message encode(UUID id, DeviceEvent event) {
        ObjectNode value = json.createObjectNode()
                .put("device", event.identity().id())
                .put("product", event.identity().product());
        event.owner().ifPresent(owner -> value.put("cloud", owner.cloud()).put("account", owner.account()));
        String type = switch (event) {
            case DeviceEvent.Registered registered -> EventTypes.DEVICE_REGISTERED;
            case DeviceEvent.Claimed claimed -> EventTypes.DEVICE_CLAIMED;
            case DeviceEvent.Provisioned provisioned -> {
                value.put("serial", provisioned.certificate().serial())
                        .put("fingerprint", provisioned.certificate().fingerprint())
                        .put("expires", provisioned.certificate().expires().toString());
                yield EventTypes.DEVICE_PROVISIONED;
            }
            case DeviceEvent.Transferred transferred -> {
                value.putObject("from")
                        .put("cloud", transferred.from().cloud())
                        .put("account", transferred.from().account());
                yield EventTypes.DEVICE_TRANSFERRED;
            }
            case DeviceEvent.Released released -> EventTypes.DEVICE_RELEASED;
            case DeviceEvent.Blocked blocked -> {
                value.put("delaySeconds", blocked.delaySeconds());
                yield EventTypes.DEVICE_BLOCKED;
            }
            case DeviceEvent.Unblocked unblocked -> EventTypes.DEVICE_UNBLOCKED;
            case DeviceEvent.Deleted deleted -> EventTypes.DEVICE_DELETED;
        };
        value.put("at", text(event.at()));
        String device = event.identity().id();
        return message(id, Topic.DEVICE_EVENT, device, Optional.of(value), type, device, event.owner(), event.at());
    }

    /** Who may connect. */
    public Outbox.Message encode(UUID id, RegistryEntry entry, Instant now) {
        Optional<Owner> owner =
                entry instanceof RegistryEntry.Listed listed ? Optional.of(listed.owner()) : Optional.empty();
        Optional<ObjectNode> value =
                entry instanceof RegistryEntry.Listed listed ? Optional.of(listed(listed, now)) : Optional.empty();
        return message(
                id,
                Topic.DEVICE_REGISTRY,
                entry.device(),
                value,
                EventTypes.DEVICE_REGISTRY,
                entry.device(),
                owner,
                now);
    }

    private ObjectNode listed(RegistryEntry.Listed entry, Instant now) {
        ObjectNode value = json.createObjectNode()
                .put("device", entry.device())
                .put("cloud", entry.owner().cloud())
                .put("account", entry.owner().account())
                .put("product", entry.product())
                .put("state", entry.state());
        entry.certificates().forEach(value.putArray("certificates")::add);
        return value.put("since", text(entry.since())).put("updated", text(now));
    }

    /** Who asked for what. */
    public Outbox.Message encode(UUID id, AuditRecord record, AuditPosition position) {
        return message(
                id,
                Topic.AUDIT_EVENT,
                Outbox.SOURCE,
                Optional.of(record.toCloudTrail(id, "provisioning", region, position)),
                EventTypes.AUDIT,
                record.action(),
                Optional.empty(),
                record.at());
    }

    private Outbox.Message message(
            UUID id,
            Topic topic,
            String key,
            Optional<?> value,
            String type,
            String subject,
            Optional<Owner> owner,
            Instant at) {
        try {
            return new Outbox.Message(
                    id,
                    topic.name(topicsPrefix),
                    key.getBytes(StandardCharsets.UTF_8),
                    value.isPresent() ? json.writeValueAsBytes(value.get()) : null,
                    type,
                    subject,
                    owner.map(Owner::cloud).orElse(""),
                    owner.map(Owner::account).orElse(""),
                    text(at));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of JSON always has a text", e);
        }
    }

    private static String text(Instant at) {
        return at.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
