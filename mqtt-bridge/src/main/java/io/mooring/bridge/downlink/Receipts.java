package io.mooring.bridge.downlink;

import com.hivemq.extension.sdk.api.async.Async;
import com.hivemq.extension.sdk.api.client.ClientContext;
import com.hivemq.extension.sdk.api.interceptor.puback.PubackInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.puback.parameter.PubackInboundInput;
import com.hivemq.extension.sdk.api.interceptor.puback.parameter.PubackInboundOutput;
import com.hivemq.extension.sdk.api.interceptor.publish.PublishOutboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishOutboundInput;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishOutboundOutput;
import com.hivemq.extension.sdk.api.packets.general.ModifiableUserProperties;
import com.hivemq.extension.sdk.api.packets.publish.ModifiableOutboundPublish;
import io.mooring.bridge.event.EventCodec;
import io.mooring.bridge.kafka.RecordSender;
import io.mooring.bridge.message.MessageProperties;
import io.mooring.bridge.session.DeviceSession;
import io.mooring.bridge.trace.Tracing;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.trace.TraceContext;
import io.opentelemetry.api.trace.Span;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Says on the receipt topic that devices acknowledged what they were told, where that was asked for. What is asked
 * travels with the message through the broker's queue as a user property, which no device gets to see; so it outlives
 * reconnects and restarts. By the same way what is sent is recorded where it belongs to a trace, until it is
 * acknowledged. The broker hears of an acknowledgement only when Kafka has the receipt; while Kafka is away
 * receipts wait here, a bounded number of them.
 */
public final class Receipts {
    /** The user property that asks. */
    static final String PROPERTY = MessageProperties.OWN + "receipt";

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MAX_UNSAID = 100_000;
    private static final int SAID_AGAIN_AT_ONCE = 1_000;

    private final RecordSender sender;
    private final String topic;
    private final Clock clock;
    private final Tracing tracing;
    private final EventCodec codec;
    private final Deque<ProducerRecord<byte[], byte[]>> unsaid = new ArrayDeque<>();

    /** With where it says so. */
    public Receipts(RecordSender sender, String topic, String node, Clock clock, Tracing tracing) {
        this.sender = sender;
        this.topic = topic;
        this.clock = clock;
        this.tracing = tracing;
        this.codec = new EventCodec("/bridges/" + node);
    }

    /** Follows what one connected device is sent and acknowledges. */
    public void install(DeviceSession session, ClientContext context) {
        Connection connection = new Connection(session);
        context.addPubackInboundInterceptor(connection);
        // To look at each message costs something: not where nobody ever asks.
        session.window().whenReceiptAsked(() -> context.addPublishOutboundInterceptor(connection));
    }

    /** Says what Kafka did not take before. To be called each second or so. */
    public void sayAgain() {
        for (int i = 0; i < (sender.isKafkaAway() ? 1 : SAID_AGAIN_AT_ONCE); i++) {
            ProducerRecord<byte[], byte[]> record;
            synchronized (unsaid) {
                record = unsaid.pollFirst();
            }
            if (record == null) {
                return;
            }
            sender.send(record, failure -> keep(record, failure));
        }
    }

    private void keep(ProducerRecord<byte[], byte[]> record, @Nullable Exception failure) {
        if (failure != null) {
            synchronized (unsaid) {
                if (unsaid.size() < MAX_UNSAID) {
                    unsaid.addLast(record);
                }
            }
        }
    }

    private ProducerRecord<byte[], byte[]> record(DeviceSession session, String receipt) {
        Instant now = clock.instant();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("device", session.device());
        fields.put("receipt", receipt);
        fields.put("time", EventCodec.time(now));
        return codec.record(
                topic,
                session.device(),
                EventTypes.DEVICE_RECEIPT,
                "device/" + session.device(),
                session.entry().cloud(),
                session.entry().account(),
                now,
                fields);
    }

    private final class Connection implements PublishOutboundInterceptor, PubackInboundInterceptor {
        private final DeviceSession session;
        /** By packet id; no more than the device may have in flight. */
        private final Map<Integer, String> asked = new ConcurrentHashMap<>();
        /** Likewise. */
        private final Map<Integer, Span> recorded = new ConcurrentHashMap<>();

        Connection(DeviceSession session) {
            this.session = session;
        }

        @Override
        public void onOutboundPublish(PublishOutboundInput input, PublishOutboundOutput output) {
            ModifiableOutboundPublish packet = output.getPublishPacket();
            if (packet.getUserProperties().isEmpty()) {
                return;
            }
            follow(packet);
            String receipt = packet.getUserProperties().getFirst(PROPERTY).orElse(null);
            if (receipt != null) {
                packet.getUserProperties().removeName(PROPERTY);
                if (packet.getPacketId() != 0) {
                    asked.put(packet.getPacketId(), receipt);
                }
            }
        }

        /** Goes on from here for a device that records traces itself, whatever the message said before. */
        private void follow(ModifiableOutboundPublish packet) {
            ModifiableUserProperties properties = packet.getUserProperties();
            String trace = properties.getFirst(Tracing.PROPERTY).orElse(null);
            if (trace == null) {
                return;
            }
            properties.removeName(Tracing.PROPERTY);
            Span span = tracing.sending(trace, session.device());
            if (span == null) {
                return;
            }
            properties.removeName(TraceContext.TRACE_PARENT);
            properties.addUserProperty(
                    TraceContext.TRACE_PARENT, Tracing.context(span).toString());
            if (packet.getPacketId() == 0) {
                span.end();
            } else {
                recorded.put(packet.getPacketId(), span);
            }
        }

        @Override
        public void onInboundPuback(PubackInboundInput input, PubackInboundOutput output) {
            session.window().settled();
            Span span = recorded.isEmpty()
                    ? null
                    : recorded.remove(input.getPubackPacket().getPacketIdentifier());
            if (span != null) {
                span.end();
            }
            String receipt = asked.isEmpty()
                    ? null
                    : asked.remove(input.getPubackPacket().getPacketIdentifier());
            if (receipt != null) {
                ProducerRecord<byte[], byte[]> record = record(session, receipt);
                Async<PubackInboundOutput> later = output.async(PATIENCE);
                sender.send(record, failure -> {
                    keep(record, failure);
                    later.resume();
                });
            }
        }
    }
}
