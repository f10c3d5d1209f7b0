package io.mooring.bridge;

import com.codahale.metrics.MetricRegistry;
import com.hivemq.extension.sdk.api.client.parameter.ConnectionInformation;
import com.hivemq.extension.sdk.api.client.parameter.ServerInformation;
import com.hivemq.extension.sdk.api.interceptor.connect.parameter.ConnectInboundInput;
import com.hivemq.extension.sdk.api.interceptor.connect.parameter.ConnectInboundOutput;
import com.hivemq.extension.sdk.api.services.ManagedExtensionExecutorService;
import com.hivemq.extension.sdk.api.services.Services;
import io.mooring.bridge.ack.AckHolds;
import io.mooring.bridge.application.ApplicationSide;
import io.mooring.bridge.delivery.DeliveryConsumer;
import io.mooring.bridge.downlink.DownlinkDelivery;
import io.mooring.bridge.downlink.Receipts;
import io.mooring.bridge.event.Heartbeat;
import io.mooring.bridge.event.Presence;
import io.mooring.bridge.event.RefusalAudit;
import io.mooring.bridge.kafka.DeadLetters;
import io.mooring.bridge.kafka.KafkaClients;
import io.mooring.bridge.kafka.RecordSender;
import io.mooring.bridge.kafka.Worker;
import io.mooring.bridge.registry.DeviceEntry;
import io.mooring.bridge.registry.DeviceRegistry;
import io.mooring.bridge.registry.RegistryConsumer;
import io.mooring.bridge.session.ConnectionAuthenticator;
import io.mooring.bridge.session.ConnectionListener;
import io.mooring.bridge.session.DeviceAuthorizer;
import io.mooring.bridge.session.SessionDirectory;
import io.mooring.bridge.session.SessionGuard;
import io.mooring.bridge.session.Takeovers;
import io.mooring.bridge.session.Wills;
import io.mooring.bridge.tls.RefusedCertificates;
import io.mooring.bridge.trace.Tracing;
import io.mooring.bridge.uplink.UplinkInitializer;
import io.mooring.contracts.kafka.Topic;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of the bridge, put together. */
final class Bridge implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Bridge.class);
    private static final long WARM_MILLIS = 500;

    private static final List<Topic> PRODUCED = List.of(
            Topic.SYNC_UPLINK,
            Topic.DEVICE_UPLINK,
            Topic.METRIC_UPLINK,
            Topic.LOG_UPLINK,
            Topic.DEVICE_PRESENCE,
            Topic.DEVICE_RECEIPT,
            Topic.APPLICATION_UPLINK,
            Topic.APPLICATION_DOWNLINK,
            Topic.APPLICATION_RETAINED,
            Topic.APPLICATION_REQUEST,
            Topic.BROKER_NODE,
            Topic.AUDIT_EVENT);

    private final Tracing tracing;
    private final RecordSender sender;
    private final DeviceRegistry registry;
    private final SessionDirectory sessions;
    private final SessionGuard guard;
    private final RefusalAudit audit;
    private final Presence presence;
    private final DownlinkDelivery delivery;
    private final DeliveryConsumer downlink;
    private final Receipts receipts;
    private final Heartbeat heartbeat;
    private final Wills wills;
    private final ApplicationSide applications;
    private final AckHolds ackHolds;
    private final int maxDeviceSubscriptions;
    private final UplinkInitializer uplink;
    private final Worker registryWorker;
    private final Worker downlinkWorker;
    private final Worker takeoverWorker;
    private final Worker warmWorker;
    private final ConnectionAuthenticator authenticator;

    Bridge(BridgeConfig config, ServerInformation server, Tracing tracing) {
        this.tracing = tracing;
        String prefix = config.topicsPrefix();
        Clock clock = Clock.systemUTC();
        ackHolds = new AckHolds(config, server);
        KafkaClients clients = new KafkaClients(config, ackHolds.batching());
        sender = new RecordSender(clients, config.bufferBytes());
        DeadLetters deadLetters = new DeadLetters(sender);
        registry = new DeviceRegistry(config.maxDevices());
        sessions = new SessionDirectory(config.maxOutstanding());
        guard = new SessionGuard(registry, sessions, clock, config.releaseGraceMillis());
        MetricRegistry metrics = Services.metricRegistry();
        audit = new RefusalAudit(
                sender,
                Topic.AUDIT_EVENT.name(prefix),
                config.nodeId(),
                clock,
                code -> metrics.counter(BridgeExtension.METRICS + "refusals." + code)
                        .inc());
        presence = new Presence(sender, Topic.DEVICE_PRESENCE.name(prefix), config.nodeId(), clock);
        receipts = new Receipts(sender, Topic.DEVICE_RECEIPT.name(prefix), config.nodeId(), clock, tracing);
        CompletableFuture<Void> warm = new CompletableFuture<>();
        applications = new ApplicationSide(
                config,
                clients,
                sender,
                tracing,
                deadLetters,
                registry,
                audit,
                clock,
                ackHolds,
                () -> CompletableFuture.allOf(registry.loaded(), warm));
        registry.listen(new RegistryListeners(guard, applications));
        wills = new Wills(applications.publisher(), sessions, clock);
        maxDeviceSubscriptions = config.maxDeviceSubscriptions();
        uplink = new UplinkInitializer(
                config, sessions, guard, sender, tracing, applications.publisher(), receipts, audit, metrics, ackHolds);
        String dataTopic = Topic.APPLICATION_DOWNLINK.name(prefix);
        delivery = new DownlinkDelivery(
                dataTopic,
                applications::shadow,
                registry,
                sessions,
                guard,
                clock,
                config.stallTimeoutMillis(),
                tracing);
        downlink = new DeliveryConsumer(
                clients,
                "downlink",
                List.of(Topic.DEVICE_DOWNLINK.name(prefix), dataTopic),
                prefix + ".bridge." + config.nodeId(),
                delivery,
                deadLetters,
                this::sayAbsent);
        heartbeat = new Heartbeat(
                sender,
                Topic.BROKER_NODE.name(prefix),
                config.nodeId(),
                clock,
                () -> sessions.connected().size(),
                applications::connections);
        registryWorker = new Worker(
                "registry", new RegistryConsumer(clients, Topic.DEVICE_REGISTRY.name(prefix), registry, deadLetters));
        downlinkWorker = new Worker("downlink", downlink);
        Takeovers takeovers =
                new Takeovers(clients, Topic.DEVICE_PRESENCE.name(prefix), presence.source(), sessions, guard);
        takeoverWorker = new Worker("takeovers", takeovers);
        List<String> topics = PRODUCED.stream().map(topic -> topic.name(prefix)).toList();
        warmWorker = new Worker("uplink", worker -> warm(worker, topics, warm));
        Supplier<CompletableFuture<Void>> ready = () -> CompletableFuture.allOf(
                registry.loaded(), downlink.ready(), takeovers.ready(), applications.loaded(), warm, heartbeat.said());
        // Once it has been, it stays: without Kafka a node goes by what it knew last.
        BridgeExtension.gauge(metrics, "ready", () -> ready.get().isDone() ? 1 : 0);
        authenticator =
                new ConnectionAuthenticator(registry, ready, sessions, audit, wills, clock, config.connectWaitMillis());
        measure(metrics, deadLetters);
    }

    /** How acknowledgements are held, for the log. */
    String acknowledgementWay() {
        return ackHolds.way();
    }

    void start() {
        RefusedCertificates.watch(audit::refusedHandshake);
        DeviceAuthorizer authorizer = new DeviceAuthorizer(sessions, audit, maxDeviceSubscriptions);
        Services.securityRegistry()
                .setAuthenticatorProvider(connecting -> isApplication(connecting.getConnectionInformation())
                        ? applications.authenticator()
                        : authenticator);
        Services.securityRegistry()
                .setAuthorizerProvider(client ->
                        isApplication(client.getConnectionInformation()) ? applications.authorizer() : authorizer);
        Services.eventRegistry()
                .setClientLifecycleEventListener(client -> isApplication(client.getConnectionInformation())
                        ? applications.listener()
                        : new ConnectionListener(sessions, guard, presence, wills, uplink::ended));
        Services.interceptorRegistry().setConnectInboundInterceptorProvider(client -> this::connecting);
        Services.initializerRegistry().setClientInitializer((client, context) -> {
            if (isApplication(client.getConnectionInformation())) {
                applications.initialize(client, context);
            } else {
                uplink.initialize(client, context);
            }
        });
        applications.start();
        registryWorker.start();
        downlinkWorker.start();
        takeoverWorker.start();
        warmWorker.start();
        ManagedExtensionExecutorService executor = Services.extensionExecutorService();
        executor.scheduleWithFixedDelay(this::everySecond, 1, 1, TimeUnit.SECONDS);
        executor.scheduleWithFixedDelay(heartbeat::beat, 0, Heartbeat.SECONDS, TimeUnit.SECONDS);
        executor.scheduleWithFixedDelay(audit::startMinute, 1, 1, TimeUnit.MINUTES);
    }

    private boolean isApplication(ConnectionInformation connection) {
        return applications.isApplication(connection);
    }

    private void connecting(ConnectInboundInput input, ConnectInboundOutput output) {
        if (isApplication(input.getConnectionInformation())) {
            applications.prepare(input, output);
        } else {
            wills.takeOff(input, output);
        }
    }

    /**
     * The broker has kept the session of a device from before it started. A node that was killed could not say that its
     * devices left; those that are back already have. And a device may have been released meanwhile.
     */
    private void sayAbsent(String device) {
        if (ApplicationSide.isApplicationsClient(device)) {
            return;
        }
        sessions.know(device).askReceipt();
        var unused = registry.loaded().thenRun(() -> {
            guard.changed(device, registry.find(device));
            if (sessions.connected(device).isEmpty()) {
                registry.find(device)
                        .ifPresent(
                                entry -> presence.disconnected(entry, Presence.Connection.UNKNOWN, "node-restarted"));
            }
        });
    }

    private void everySecond() {
        try {
            guard.sweep();
            uplink.sweep();
            delivery.sweep();
            presence.sayAgain();
            receipts.sayAgain();
            applications.sweep();
        } catch (RuntimeException failed) {
            // Thrown on, it would have been the last round.
            LOG.error("a round of checks failed", failed);
        }
    }

    /** Looks up the topics until all are known; after that the producer keeps knowing them. Then says that the node lives. */
    private void warm(Worker worker, List<String> topics, CompletableFuture<Void> warm) throws InterruptedException {
        while (worker.isWanted()) {
            if (!warm.isDone() && sender.warm(topics)) {
                warm.complete(null);
            }
            if (warm.isDone() && !heartbeat.said().isDone()) {
                heartbeat.beat();
            }
            worker.pause(WARM_MILLIS);
        }
    }

    private void measure(MetricRegistry metrics, DeadLetters deadLetters) {
        delivery.measure(metrics);
        applications.measure(metrics, BridgeExtension.METRICS);
        BridgeExtension.gauge(metrics, "connections", () -> sessions.connected().size());
        BridgeExtension.gauge(metrics, "registry.devices", registry::size);
        BridgeExtension.gauge(metrics, "registry.bytes", registry::bytes);
        BridgeExtension.gauge(metrics, "registry.beyond", registry::beyond);
        BridgeExtension.gauge(metrics, "kafka.waiting.bytes", sender::waitingBytes);
        BridgeExtension.gauge(metrics, "kafka.away", () -> sender.isKafkaAway() ? 1 : 0);
        BridgeExtension.gauge(metrics, "refusals", audit::count);
        BridgeExtension.gauge(metrics, "dead.letters", deadLetters::count);
    }

    /** The devices' side first: what it ends need not be looked at again. */
    private record RegistryListeners(SessionGuard guard, ApplicationSide applications)
            implements DeviceRegistry.Listener {
        @Override
        public void changed(String device, Optional<DeviceEntry> entry) {
            guard.changed(device, entry);
            applications.changed(device, entry);
        }

        @Override
        public void reloaded() {
            guard.reloaded();
        }
    }

    @Override
    public void close() {
        RefusedCertificates.stop();
        heartbeat.close();
        applications.close();
        warmWorker.close();
        takeoverWorker.close();
        downlinkWorker.close();
        registryWorker.close();
        sender.close();
        tracing.close();
    }
}
