package io.mooring.bridge;

import com.codahale.metrics.MetricRegistry;
import com.hivemq.extension.sdk.api.client.parameter.ServerInformation;
import com.hivemq.extension.sdk.api.interceptor.connect.parameter.ConnectInboundInput;
import com.hivemq.extension.sdk.api.interceptor.connect.parameter.ConnectInboundOutput;
import com.hivemq.extension.sdk.api.services.ManagedExtensionExecutorService;
import com.hivemq.extension.sdk.api.services.Services;
import io.mooring.bridge.ack.AckHolds;
import io.mooring.bridge.downlink.DownlinkConsumer;
import io.mooring.bridge.event.Presence;
import io.mooring.bridge.event.RefusalAudit;
import io.mooring.bridge.kafka.DeadLetters;
import io.mooring.bridge.kafka.KafkaClients;
import io.mooring.bridge.kafka.RecordSender;
import io.mooring.bridge.kafka.Worker;
import io.mooring.bridge.registry.DeviceRegistry;
import io.mooring.bridge.registry.RegistryConsumer;
import io.mooring.bridge.session.ConnectionAuthenticator;
import io.mooring.bridge.session.ConnectionListener;
import io.mooring.bridge.session.DeviceAuthorizer;
import io.mooring.bridge.session.SessionDirectory;
import io.mooring.bridge.session.SessionGuard;
import io.mooring.bridge.tls.RefusedCertificates;
import io.mooring.bridge.uplink.UplinkInitializer;
import io.mooring.contracts.kafka.Topic;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of the bridge, put together. */
final class Bridge implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Bridge.class);
    private static final long WARM_MILLIS = 500;

    private final RecordSender sender;
    private final DeviceRegistry registry;
    private final SessionDirectory sessions;
    private final SessionGuard guard;
    private final RefusalAudit audit;
    private final Presence presence;
    private final DownlinkConsumer downlink;
    private final AckHolds ackHolds;
    private final UplinkInitializer uplink;
    private final Worker registryWorker;
    private final Worker downlinkWorker;
    private final Worker warmWorker;
    private final ConnectionAuthenticator authenticator;

    Bridge(BridgeConfig config, ServerInformation server) {
        String prefix = config.topicsPrefix();
        Clock clock = Clock.systemUTC();
        ackHolds = new AckHolds(config, server);
        KafkaClients clients = new KafkaClients(config, ackHolds.lingerMillis());
        sender = new RecordSender(clients, config.bufferBytes());
        DeadLetters deadLetters = new DeadLetters(sender);
        registry = new DeviceRegistry(config.maxDevices());
        sessions = new SessionDirectory(config.maxOutstanding());
        guard = new SessionGuard(registry, sessions, clock, config.releaseGraceMillis());
        registry.listen(guard);
        MetricRegistry metrics = Services.metricRegistry();
        audit = new RefusalAudit(
                sender,
                Topic.AUDIT_EVENT.name(prefix),
                config.nodeId(),
                clock,
                code -> metrics.counter(BridgeExtension.METRICS + "refusals." + code)
                        .inc());
        presence = new Presence(sender, Topic.DEVICE_PRESENCE.name(prefix), config.nodeId(), clock);
        uplink = new UplinkInitializer(config, sessions, guard, sender, audit, metrics, ackHolds);
        downlink = new DownlinkConsumer(
                clients,
                Topic.DEVICE_DOWNLINK.name(prefix),
                prefix + ".bridge." + config.nodeId(),
                registry,
                sessions,
                guard,
                deadLetters,
                this::sayAbsent,
                config.stallTimeoutMillis());
        registryWorker = new Worker(
                "registry", new RegistryConsumer(clients, Topic.DEVICE_REGISTRY.name(prefix), registry, deadLetters));
        downlinkWorker = new Worker("downlink", downlink);
        CompletableFuture<Void> warm = new CompletableFuture<>();
        List<String> topics = List.of(
                Topic.SYNC_UPLINK.name(prefix),
                Topic.DEVICE_UPLINK.name(prefix),
                Topic.DEVICE_PRESENCE.name(prefix),
                Topic.AUDIT_EVENT.name(prefix));
        warmWorker = new Worker("uplink", worker -> warm(worker, topics, warm));
        authenticator = new ConnectionAuthenticator(
                registry,
                () -> CompletableFuture.allOf(registry.loaded(), downlink.ready(), warm),
                sessions,
                audit,
                clock,
                config.connectWaitMillis());
        measure(metrics, deadLetters);
    }

    /** How acknowledgements are held, for the log. */
    String acknowledgementWay() {
        return ackHolds.way();
    }

    /** The broker would publish it itself, past all that is decided here; presence says what it would. */
    private static void removeWill(ConnectInboundInput input, ConnectInboundOutput output) {
        if (output.getConnectPacket().getWillPublish().isPresent()) {
            output.getConnectPacket().setWillPublish(null);
        }
    }

    void start() {
        RefusedCertificates.watch(audit::refusedHandshake);
        Services.securityRegistry().setAuthenticatorProvider(connecting -> authenticator);
        DeviceAuthorizer authorizer = new DeviceAuthorizer(sessions, audit);
        Services.securityRegistry().setAuthorizerProvider(client -> authorizer);
        Services.eventRegistry()
                .setClientLifecycleEventListener(
                        client -> new ConnectionListener(sessions, guard, presence, uplink::ended));
        Services.interceptorRegistry().setConnectInboundInterceptorProvider(client -> Bridge::removeWill);
        Services.initializerRegistry().setClientInitializer(uplink);
        registryWorker.start();
        downlinkWorker.start();
        warmWorker.start();
        ManagedExtensionExecutorService executor = Services.extensionExecutorService();
        executor.scheduleWithFixedDelay(this::everySecond, 1, 1, TimeUnit.SECONDS);
        executor.scheduleWithFixedDelay(audit::startMinute, 1, 1, TimeUnit.MINUTES);
    }

    /**
     * The broker has kept the session of a device from before it started. A node that was killed could not say that its
     * devices left; those that are back already have. And a device may have been released meanwhile.
     */
    private void sayAbsent(String device) {
        var unused = registry.loaded().thenRun(() -> {
            guard.changed(device, registry.find(device));
            if (sessions.connected(device).isEmpty()) {
                registry.find(device).ifPresent(entry -> presence.disconnected(entry, "", "node-restarted"));
            }
        });
    }

    private void everySecond() {
        try {
            guard.sweep();
            uplink.sweep();
            presence.sayAgain();
        } catch (RuntimeException failed) {
            // Thrown on, it would have been the last round.
            LOG.error("a round of checks failed", failed);
        }
    }

    /** Looks up the topics until all are known; after that the producer keeps knowing them. */
    private void warm(Worker worker, List<String> topics, CompletableFuture<Void> warm) throws InterruptedException {
        while (worker.isWanted()) {
            if (!warm.isDone() && sender.warm(topics)) {
                warm.complete(null);
            }
            worker.pause(WARM_MILLIS);
        }
    }

    private void measure(MetricRegistry metrics, DeadLetters deadLetters) {
        downlink.measure(metrics);
        BridgeExtension.gauge(metrics, "connections", () -> sessions.connected().size());
        BridgeExtension.gauge(metrics, "registry.devices", registry::size);
        BridgeExtension.gauge(metrics, "registry.bytes", registry::bytes);
        BridgeExtension.gauge(metrics, "registry.beyond", registry::beyond);
        BridgeExtension.gauge(metrics, "kafka.waiting.bytes", sender::waitingBytes);
        BridgeExtension.gauge(metrics, "kafka.away", () -> sender.isKafkaAway() ? 1 : 0);
        BridgeExtension.gauge(metrics, "refusals", audit::count);
        BridgeExtension.gauge(metrics, "dead.letters", deadLetters::count);
    }

    @Override
    public void close() {
        RefusedCertificates.stop();
        warmWorker.close();
        downlinkWorker.close();
        registryWorker.close();
        sender.close();
    }
}
