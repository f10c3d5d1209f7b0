package io.mooring.bridge.application;

import com.hivemq.extension.sdk.api.packets.publish.AckReasonCode;
import io.mooring.bridge.kafka.RecordSender;
import io.mooring.bridge.message.MessageProperties;
import io.mooring.bridge.registry.DeviceEntry;
import io.mooring.bridge.trace.Forwarding;
import io.mooring.bridge.trace.Tracing;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.ApplicationTopics;
import io.mooring.contracts.mqtt.ShadowTopic;
import io.mooring.contracts.trace.TraceContext;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Hands what is published on application topics to Kafka: the message, and its retained value if it has one. */
public final class DataPublisher {
    /**
     * A message is not taken.
     *
     * @param reason for MQTT 5
     * @param code for machines
     * @param detail for people
     */
    public record Refusal(AckReasonCode reason, String code, String detail) {}

    private final String prefix;
    private final DeclaredTopics topics;
    private final RetainedValues retained;
    private final RecordSender sender;
    private final Tracing tracing;
    private final int maxPayloadBytes;
    private final int maxPropertiesBytes;

    DataPublisher(
            String prefix,
            DeclaredTopics topics,
            RetainedValues retained,
            RecordSender sender,
            Tracing tracing,
            int maxPayloadBytes,
            int maxPropertiesBytes) {
        this.prefix = prefix;
        this.topics = topics;
        this.retained = retained;
        this.sender = sender;
        this.tracing = tracing;
        this.maxPayloadBytes = maxPayloadBytes;
        this.maxPropertiesBytes = maxPropertiesBytes;
    }

    /** Why a device may not say something; empty if it may. */
    public Optional<Refusal> refusesUp(
            DeviceEntry device, ApplicationTopics.Data data, int payloadLength, MessageProperties properties) {
        return data.device().equals(device.device())
                ? refuses(device, data, DeclaredTopics.Way.UP, payloadLength, properties)
                : Optional.of(new Refusal(AckReasonCode.NOT_AUTHORIZED, "topic-not-allowed", data.topic()));
    }

    /** Why a device may not be told something; empty if it may. */
    Optional<Refusal> refusesDown(
            DeviceEntry device, ApplicationTopics.Data data, int payloadLength, MessageProperties properties) {
        return refuses(device, data, DeclaredTopics.Way.DOWN, payloadLength, properties);
    }

    private Optional<Refusal> refuses(
            DeviceEntry device,
            ApplicationTopics.Data data,
            DeclaredTopics.Way way,
            int payloadLength,
            MessageProperties properties) {
        if (!topics.allows(device.cloud(), device.product(), data.tail(), way)) {
            return Optional.of(new Refusal(
                    AckReasonCode.NOT_AUTHORIZED,
                    "topic-not-declared",
                    data.topic() + " matches no pattern that product " + device.product() + " declares for this way"));
        }
        Optional<Refusal> size = refusesSize(payloadLength, properties);
        if (size.isPresent()) {
            return size;
        }
        return properties.retain() && payloadLength > 0 && !retained.mayRetain(data)
                ? Optional.of(new Refusal(
                        AckReasonCode.QUOTA_EXCEEDED, RetainedValues.FULL, data.device() + " has as many as it may"))
                : Optional.empty();
    }

    /** Why something is too large; empty if it is not. */
    Optional<Refusal> refusesSize(int payloadLength, MessageProperties properties) {
        if (payloadLength > maxPayloadBytes) {
            return Optional.of(new Refusal(
                    AckReasonCode.QUOTA_EXCEEDED,
                    "payload-too-large",
                    payloadLength + " bytes, at most " + maxPayloadBytes));
        }
        return properties.length() > maxPropertiesBytes
                ? Optional.of(new Refusal(
                        AckReasonCode.QUOTA_EXCEEDED,
                        "properties-too-large",
                        properties.length() + " bytes, at most " + maxPropertiesBytes))
                : Optional.empty();
    }

    /** Hands over what a device says. The outcome is told once, when Kafka has answered for all of it. */
    public void up(
            DeviceEntry device,
            ApplicationTopics.Data data,
            byte[] payload,
            MessageProperties properties,
            RecordSender.Outcome outcome) {
        String source = "/clouds/" + device.cloud() + "/devices/" + device.device();
        ProducerRecord<byte[], byte[]> record = record(
                Topic.APPLICATION_UPLINK,
                device.device(),
                payload,
                EventTypes.APPLICATION_UPLINK,
                source,
                device.cloud());
        add(record, EventHeaders.SUBJECT, data.tail());
        add(record, EventHeaders.ACCOUNT, device.account());
        send(record, data, payload, properties, source, device.cloud(), device.device(), outcome);
    }

    /** Hands over what an application tells a device. */
    void down(
            Application application,
            ApplicationTopics.Data data,
            byte[] payload,
            MessageProperties properties,
            RecordSender.Outcome outcome) {
        String source = "/applications/" + application.id();
        ProducerRecord<byte[], byte[]> record = record(
                Topic.APPLICATION_DOWNLINK,
                data.device(),
                payload,
                EventTypes.APPLICATION_DOWNLINK,
                source,
                application.cloud());
        add(record, EventHeaders.SUBJECT, "device/" + data.device());
        add(record, EventHeaders.TOPIC, data.tail());
        add(record, EventHeaders.APPLICATION, application.id());
        send(record, data, payload, properties, source, application.cloud(), application.id(), outcome);
    }

    /** Hands over what an application asks of a device's shadow: as if the device had asked, and answered like it. */
    void shadow(
            Application application,
            DeviceEntry device,
            ShadowTopic shadow,
            byte[] payload,
            RecordSender.Outcome outcome) {
        ProducerRecord<byte[], byte[]> record = record(
                Topic.DEVICE_UPLINK,
                device.device(),
                payload,
                EventTypes.DEVICE_UPLINK,
                "/applications/" + application.id(),
                device.cloud());
        add(record, EventHeaders.SUBJECT, shadow.tail());
        add(record, EventHeaders.ACCOUNT, device.account());
        add(record, EventHeaders.APPLICATION, application.id());
        sender.send(record, outcome);
    }

    /** Hands over what an application asks the cloud. */
    void request(
            Application application,
            String tail,
            byte[] payload,
            MessageProperties properties,
            RecordSender.Outcome outcome) {
        ProducerRecord<byte[], byte[]> record = record(
                Topic.APPLICATION_REQUEST,
                application.id(),
                payload,
                EventTypes.APPLICATION_REQUEST,
                "/applications/" + application.id(),
                application.cloud());
        add(record, EventHeaders.SUBJECT, tail);
        add(record, EventHeaders.APPLICATION, application.id());
        properties.writeTo(record.headers());
        sender.send(record, outcome);
    }

    private void send(
            ProducerRecord<byte[], byte[]> record,
            ApplicationTopics.Data data,
            byte[] payload,
            MessageProperties properties,
            String source,
            String cloud,
            String client,
            RecordSender.Outcome outcome) {
        Forwarding recorded =
                tracing.isOn() ? tracing.forwarding(properties.user(TraceContext.TRACE_PARENT), client, record) : null;
        // Who hears it goes on from there.
        (recorded == null ? properties : properties.with(TraceContext.TRACE_PARENT, recorded.traceParent()))
                .writeTo(record.headers());
        RecordSender.Outcome told = recorded == null ? outcome : recorded.before(outcome);
        if (!properties.retain()) {
            sender.send(record, told);
            return;
        }
        // An empty one clears what was retained (MQTT 5, section 3.3.1.3).
        ProducerRecord<byte[], byte[]> last = record(
                Topic.APPLICATION_RETAINED,
                data.topic(),
                payload.length == 0 ? null : payload,
                EventTypes.APPLICATION_RETAINED,
                source,
                cloud);
        add(last, EventHeaders.SUBJECT, "device/" + data.device());
        properties.writeTo(last.headers());
        AtomicInteger open = new AtomicInteger(2);
        AtomicReference<@Nullable Exception> failed = new AtomicReference<>();
        RecordSender.Outcome both = failure -> {
            if (failure != null) {
                failed.set(failure);
            }
            if (open.decrementAndGet() == 0) {
                told.done(failed.get());
            }
        };
        sender.send(last, both);
        sender.send(record, both);
    }

    private ProducerRecord<byte[], byte[]> record(
            Topic topic, String key, byte @Nullable [] value, String type, String source, String cloud) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic.name(prefix), utf8(key), value);
        add(record, EventHeaders.SPEC_VERSION, EventHeaders.SPEC_VERSION_1_0);
        add(record, EventHeaders.ID, UUID.randomUUID().toString());
        add(record, EventHeaders.TYPE, type);
        add(record, EventHeaders.SOURCE, source);
        add(record, EventHeaders.CLOUD, cloud);
        return record;
    }

    private static void add(ProducerRecord<byte[], byte[]> record, String name, String value) {
        record.headers().add(name, utf8(value));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
