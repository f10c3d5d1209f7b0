package io.mooring.bridge.uplink;

import com.codahale.metrics.MetricRegistry;
import com.hivemq.extension.sdk.api.client.ClientContext;
import com.hivemq.extension.sdk.api.client.parameter.InitializerInput;
import com.hivemq.extension.sdk.api.packets.disconnect.DisconnectReasonCode;
import com.hivemq.extension.sdk.api.services.intializer.ClientInitializer;
import io.mooring.bridge.BridgeConfig;
import io.mooring.bridge.ack.AckHold;
import io.mooring.bridge.ack.AckHolds;
import io.mooring.bridge.application.DataPublisher;
import io.mooring.bridge.downlink.Receipts;
import io.mooring.bridge.event.RefusalAudit;
import io.mooring.bridge.kafka.RecordSender;
import io.mooring.bridge.limits.Pace;
import io.mooring.bridge.session.ConnectionListener;
import io.mooring.bridge.session.DeviceSession;
import io.mooring.bridge.session.SessionDirectory;
import io.mooring.bridge.session.SessionGuard;
import io.mooring.bridge.trace.Tracing;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives each new connection its uplink, and looks after what all of them hold. */
public final class UplinkInitializer implements ClientInitializer {
    private static final Logger LOG = LoggerFactory.getLogger(UplinkInitializer.class);

    /** Kafka answers within its delivery timeout; this is for the case that it does not. */
    private static final Duration OVERDUE = Duration.ofSeconds(5);

    private final BridgeConfig config;
    private final SessionDirectory sessions;
    private final SessionGuard guard;
    private final RecordSender sender;
    private final Tracing tracing;
    private final DataPublisher publisher;
    private final Receipts receipts;
    private final RefusalAudit audit;
    private final UplinkMetrics metrics;
    private final Duration deliveryTimeout;
    private final AckHolds ackHolds;
    private final Map<DeviceSession, AckHold> holds = new ConcurrentHashMap<>();

    public UplinkInitializer(
            BridgeConfig config,
            SessionDirectory sessions,
            SessionGuard guard,
            RecordSender sender,
            Tracing tracing,
            DataPublisher publisher,
            Receipts receipts,
            RefusalAudit audit,
            MetricRegistry metrics,
            AckHolds ackHolds) {
        this.config = config;
        this.sessions = sessions;
        this.guard = guard;
        this.sender = sender;
        this.tracing = tracing;
        this.publisher = publisher;
        this.receipts = receipts;
        this.audit = audit;
        this.metrics = new UplinkMetrics(metrics);
        this.deliveryTimeout = Duration.ofMillis(config.deliveryTimeoutMillis());
        this.ackHolds = ackHolds;
    }

    @Override
    public void initialize(InitializerInput input, ClientContext context) {
        DeviceSession session = ConnectionListener.session(input, sessions)
                .orElseThrow(() -> new IllegalStateException("a client without a session: "
                        + input.getClientInformation().getClientId()));
        AckHold hold = ackHolds.install(
                input, context, () -> guard.end(session, DisconnectReasonCode.UNSPECIFIED_ERROR, "kafka-unavailable"));
        holds.put(session, hold);
        context.addPublishInboundInterceptor(new UplinkInterceptor(
                session,
                new UplinkRecords(config.topicsPrefix(), session),
                hold,
                sender,
                tracing,
                publisher,
                audit,
                metrics,
                config.maxPayloadBytes(),
                new Pace(config.maxMessagesPerSecond(), System.nanoTime()),
                () -> guard.slowDown(session),
                deliveryTimeout.plus(OVERDUE)));
        context.addUnsubscribeInboundInterceptor((unsubscribe, unchanged) ->
                unsubscribe.getUnsubscribePacket().getTopicFilters().forEach(session.window()::unsubscribe));
        receipts.install(session, context);
    }

    /** A session's connection ended. */
    public void ended(DeviceSession session) {
        holds.remove(session);
    }

    /** Ends connections that wait for Kafka longer than Kafka may take. To be called each second or so. */
    public void sweep() {
        long overdue = deliveryTimeout.plus(OVERDUE).toNanos();
        holds.keySet().removeIf(session -> !sessions.isOpen(session));
        holds.forEach((session, hold) -> {
            if (hold.oldestNanos() > overdue) {
                LOG.error("Kafka never answered for a message of {}; ending its connection", session.device());
                var unused = guard.end(session, DisconnectReasonCode.UNSPECIFIED_ERROR, "kafka-unavailable");
            }
        });
    }
}
