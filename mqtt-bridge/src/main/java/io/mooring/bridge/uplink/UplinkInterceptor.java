package io.mooring.bridge.uplink;

import com.hivemq.extension.sdk.api.async.Async;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.interceptor.publish.PublishInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundInput;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundOutput;
import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.packets.publish.AckReasonCode;
import com.hivemq.extension.sdk.api.packets.publish.PublishPacket;
import io.mooring.bridge.ack.AckHold;
import io.mooring.bridge.ack.PendingAck;
import io.mooring.bridge.application.DataPublisher;
import io.mooring.bridge.event.RefusalAudit;
import io.mooring.bridge.kafka.RecordSender;
import io.mooring.bridge.limits.Pace;
import io.mooring.bridge.message.MessageProperties;
import io.mooring.bridge.session.DeviceSession;
import io.mooring.bridge.trace.Forwarding;
import io.mooring.bridge.trace.Tracing;
import io.mooring.contracts.mqtt.ApplicationTopics;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.contracts.trace.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Takes what one device publishes. Authorization happens here: the broker's own authorizer is not
 * asked for messages that are kept from delivery, and all are.
 */
final class UplinkInterceptor implements PublishInboundInterceptor {
    private static final byte[] EMPTY = {};

    private final DeviceSession session;
    private final UplinkRecords records;
    private final AckHold hold;
    private final RecordSender sender;
    private final Tracing tracing;
    private final DataPublisher publisher;
    private final RefusalAudit audit;
    private final UplinkMetrics metrics;
    private final int maxPayloadBytes;
    private final Pace pace;
    private final Runnable slowDown;
    private final Duration timeout;

    UplinkInterceptor(
            DeviceSession session,
            UplinkRecords records,
            AckHold hold,
            RecordSender sender,
            Tracing tracing,
            DataPublisher publisher,
            RefusalAudit audit,
            UplinkMetrics metrics,
            int maxPayloadBytes,
            Pace pace,
            Runnable slowDown,
            Duration timeout) {
        this.session = session;
        this.records = records;
        this.hold = hold;
        this.sender = sender;
        this.tracing = tracing;
        this.publisher = publisher;
        this.audit = audit;
        this.metrics = metrics;
        this.maxPayloadBytes = maxPayloadBytes;
        this.pace = pace;
        this.slowDown = slowDown;
        this.timeout = timeout;
    }

    @Override
    public void onInboundPublish(PublishInboundInput input, PublishInboundOutput output) {
        PublishPacket packet = input.getPublishPacket();
        Optional<String> tail = DeviceTopics.uplink(session.device(), packet.getTopic());
        Optional<ApplicationTopics.Data> data =
                tail.isPresent() ? Optional.empty() : ApplicationTopics.parse(packet.getTopic());
        if (tail.isEmpty() && data.isEmpty()) {
            refuse(packet, output, AckReasonCode.NOT_AUTHORIZED, "topic-not-allowed", packet.getTopic());
            return;
        }
        Pace.Verdict verdict = pace.next(System.nanoTime());
        if (verdict == Pace.Verdict.REFUSE) {
            refuse(packet, output, AckReasonCode.QUOTA_EXCEEDED, "rate-exceeded", packet.getTopic());
            return;
        }
        if (verdict == Pace.Verdict.WARN) {
            slowDown.run();
        }
        byte[] payload = packet.getPayload().map(MessageProperties::bytes).orElse(EMPTY);
        if (payload.length > maxPayloadBytes) {
            refuse(packet, output, AckReasonCode.QUOTA_EXCEEDED, "payload-too-large", payload.length + " bytes");
            return;
        }
        if (tail.isPresent()) {
            ProducerRecord<byte[], byte[]> record = records.record(tail.get(), payload);
            Forwarding recorded =
                    tracing.isOn() ? tracing.forwarding(traceParent(packet), session.device(), record) : null;
            send(
                    packet,
                    output,
                    payload,
                    outcome -> sender.send(record, recorded == null ? outcome : recorded.before(outcome)));
        } else {
            data.ifPresent(one -> sendData(packet, output, one, payload));
        }
    }

    private static @Nullable String traceParent(PublishPacket packet) {
        return packet.getUserProperties().getFirst(TraceContext.TRACE_PARENT).orElse(null);
    }

    /** What one message is handed to Kafka by. */
    @FunctionalInterface
    private interface Handing {
        void over(RecordSender.Outcome outcome);
    }

    private void sendData(
            PublishPacket packet, PublishInboundOutput output, ApplicationTopics.Data data, byte[] payload) {
        MessageProperties properties = MessageProperties.of(packet, Instant.now());
        Optional<DataPublisher.Refusal> refusal =
                publisher.refusesUp(session.entry(), data, payload.length, properties);
        if (refusal.isPresent()) {
            DataPublisher.Refusal why = refusal.get();
            refuse(packet, output, why.reason(), why.code(), why.detail());
        } else {
            send(packet, output, payload, outcome -> publisher.up(session.entry(), data, payload, properties, outcome));
        }
    }

    private void send(PublishPacket packet, PublishInboundOutput output, byte[] payload, Handing handing) {
        metrics.received(payload.length);
        switch (packet.getQos()) {
            case AT_MOST_ONCE -> sendUnacknowledged(handing, output);
            case AT_LEAST_ONCE -> sendAcknowledged(packet.getPacketId(), handing, output);
            case EXACTLY_ONCE -> sendExactlyOnce(handing, output);
        }
    }

    private void sendUnacknowledged(Handing handing, PublishInboundOutput output) {
        output.preventPublishDelivery();
        handing.over(metrics::answered);
    }

    private void sendAcknowledged(int packetId, Handing handing, PublishInboundOutput output) {
        PendingAck ack = hold.hold(packetId);
        handing.over(failure -> {
            metrics.answered(failure);
            ack.done(failure);
        });
        Exception refused = ack.failure();
        if (refused != null && hold.drop(ack)) {
            output.preventPublishDelivery(reason(refused), "kafka-unavailable");
        } else {
            output.preventPublishDelivery();
        }
    }

    /** QoS 2 is rare, so the plain way will do: nothing of the device goes on before Kafka's answer. */
    private void sendExactlyOnce(Handing handing, PublishInboundOutput output) {
        Async<PublishInboundOutput> later =
                output.async(timeout, TimeoutFallback.FAILURE, AckReasonCode.UNSPECIFIED_ERROR);
        handing.over(failure -> {
            metrics.answered(failure);
            if (failure == null) {
                output.preventPublishDelivery();
            } else {
                output.preventPublishDelivery(reason(failure), "kafka-unavailable");
            }
            later.resume();
        });
    }

    private void refuse(
            PublishPacket packet, PublishInboundOutput output, AckReasonCode reason, String code, String detail) {
        audit.refused(RefusalAudit.Action.PUBLISH, session.device(), session.entry(), code, detail);
        metrics.refused();
        if (packet.getQos() == Qos.AT_MOST_ONCE) {
            output.preventPublishDelivery();
        } else {
            output.preventPublishDelivery(reason, code);
        }
    }

    private static AckReasonCode reason(Exception failure) {
        return failure instanceof RecordSender.BufferFullException
                ? AckReasonCode.QUOTA_EXCEEDED
                : AckReasonCode.UNSPECIFIED_ERROR;
    }
}
