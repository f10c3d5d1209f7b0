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
import io.mooring.bridge.event.RefusalAudit;
import io.mooring.bridge.kafka.RecordSender;
import io.mooring.bridge.session.DeviceSession;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

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
        if (tail.isEmpty()) {
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
        byte[] payload = packet.getPayload().map(UplinkInterceptor::bytes).orElse(EMPTY);
        if (payload.length > maxPayloadBytes) {
            refuse(packet, output, AckReasonCode.QUOTA_EXCEEDED, "payload-too-large", payload.length + " bytes");
            return;
        }
        metrics.received(payload.length);
        switch (packet.getQos()) {
            case AT_MOST_ONCE -> sendUnacknowledged(tail.get(), payload, output);
            case AT_LEAST_ONCE -> sendAcknowledged(packet.getPacketId(), tail.get(), payload, output);
            case EXACTLY_ONCE -> sendExactlyOnce(tail.get(), payload, output);
        }
    }

    private void sendUnacknowledged(String tail, byte[] payload, PublishInboundOutput output) {
        output.preventPublishDelivery();
        sender.send(records.record(tail, payload), metrics::answered);
    }

    private void sendAcknowledged(int packetId, String tail, byte[] payload, PublishInboundOutput output) {
        PendingAck ack = hold.hold(packetId);
        sender.send(records.record(tail, payload), failure -> {
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
    private void sendExactlyOnce(String tail, byte[] payload, PublishInboundOutput output) {
        Async<PublishInboundOutput> later =
                output.async(timeout, TimeoutFallback.FAILURE, AckReasonCode.UNSPECIFIED_ERROR);
        sender.send(records.record(tail, payload), failure -> {
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

    private static byte[] bytes(ByteBuffer payload) {
        byte[] bytes = new byte[payload.remaining()];
        payload.get(payload.position(), bytes);
        return bytes;
    }
}
