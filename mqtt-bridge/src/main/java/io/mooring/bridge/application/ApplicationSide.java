package io.mooring.bridge.application;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.hivemq.extension.sdk.api.auth.Authorizer;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.client.ClientContext;
import com.hivemq.extension.sdk.api.client.parameter.ConnectionInformation;
import com.hivemq.extension.sdk.api.client.parameter.InitializerInput;
import com.hivemq.extension.sdk.api.events.client.ClientLifecycleEventListener;
import com.hivemq.extension.sdk.api.events.client.parameters.AuthenticationSuccessfulInput;
import com.hivemq.extension.sdk.api.events.client.parameters.ConnectionStartInput;
import com.hivemq.extension.sdk.api.events.client.parameters.DisconnectEventInput;
import com.hivemq.extension.sdk.api.interceptor.connect.parameter.ConnectInboundInput;
import com.hivemq.extension.sdk.api.interceptor.connect.parameter.ConnectInboundOutput;
import com.hivemq.extension.sdk.api.packets.disconnect.DisconnectReasonCode;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.admin.LifecycleStage;
import io.mooring.bridge.BridgeConfig;
import io.mooring.bridge.ack.AckHold;
import io.mooring.bridge.ack.AckHolds;
import io.mooring.bridge.delivery.DeliveryConsumer;
import io.mooring.bridge.delivery.Progress;
import io.mooring.bridge.event.RefusalAudit;
import io.mooring.bridge.kafka.DeadLetters;
import io.mooring.bridge.kafka.KafkaClients;
import io.mooring.bridge.kafka.RecordSender;
import io.mooring.bridge.kafka.StateConsumer;
import io.mooring.bridge.kafka.Worker;
import io.mooring.bridge.message.Message;
import io.mooring.bridge.registry.DeviceEntry;
import io.mooring.bridge.registry.DeviceRegistry;
import io.mooring.bridge.trace.Tracing;
import io.mooring.contracts.kafka.Topic;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** The bridge's side towards applications, put together. */
public final class ApplicationSide implements AutoCloseable {
    private static final long BROKER_PAUSE_MILLIS = 50;
    private static final Duration OVERDUE = Duration.ofSeconds(5);

    private final BridgeConfig config;
    private final DeviceRegistry registry;
    private final RefusalAudit audit;
    private final Clock clock;
    private final AckHolds ackHolds;
    private final Applications applications = new Applications();
    private final DeclaredTopics topics = new DeclaredTopics();
    private final RetainedValues retained;
    private final DataPublisher publisher;
    private final ApplicationSessions sessions;
    private final ShareGroups groups;
    private final ApplicationFeed feed;
    private final ApplicationSubscriptions subscriptions;
    private final StateConsumer state;
    private final StateConsumer retainedState;
    private final DeliveryConsumer delivery;
    private final ApplicationAuthenticator authenticator;
    private final List<Worker> workers;

    /**
     * With what it shares with the devices' side.
     *
     * @param ready completes when that side has all it needs
     */
    public ApplicationSide(
            BridgeConfig config,
            KafkaClients clients,
            RecordSender sender,
            Tracing tracing,
            DeadLetters deadLetters,
            DeviceRegistry registry,
            RefusalAudit audit,
            Clock clock,
            AckHolds ackHolds,
            Supplier<CompletableFuture<Void>> ready) {
        this.config = config;
        this.registry = registry;
        this.audit = audit;
        this.clock = clock;
        this.ackHolds = ackHolds;
        String prefix = config.topicsPrefix();
        BridgeConfig.Applications limits = config.applications();
        String retainedTopic = Topic.APPLICATION_RETAINED.name(prefix);
        retained =
                new RetainedValues(retainedTopic, sender, clock, limits.maxRetainedPerDevice(), limits.maxRetained());
        publisher = new DataPublisher(
                prefix, topics, retained, sender, tracing, config.maxPayloadBytes(), limits.maxPropertiesBytes());
        sessions = new ApplicationSessions(applications, clock, limits.maxOutstanding(), limits.maxMessagesPerSecond());
        groups = new ShareGroups(clients, prefix, applications, registry, clock, limits.maxShared());
        String messageTopic = Topic.APPLICATION_MESSAGE.name(prefix);
        feed = new ApplicationFeed(messageTopic, applications, sessions, registry, audit, clock);
        subscriptions = new ApplicationSubscriptions(applications, sessions, groups, audit, limits.maxSubscriptions());
        state = new StateConsumer(
                clients,
                "applications.state",
                Map.of(
                        Topic.APPLICATION_REGISTRY.name(prefix), applications,
                        Topic.APPLICATION_TOPIC.name(prefix), topics),
                deadLetters);
        retainedState =
                new StateConsumer(clients, "applications.retained", Map.of(retainedTopic, retained), deadLetters);
        delivery = new DeliveryConsumer(
                clients,
                "applications",
                List.of(Topic.APPLICATION_UPLINK.name(prefix), messageTopic),
                prefix + ".applications." + config.nodeId(),
                feed,
                deadLetters,
                sessions::kept);
        authenticator = new ApplicationAuthenticator(
                applications,
                sessions,
                () -> CompletableFuture.allOf(ready.get(), state.loaded(), delivery.ready()),
                audit,
                clock,
                config.connectWaitMillis(),
                limits.maxConnections(),
                limits.maxOutstanding());
        workers = List.of(
                new Worker("applications-state", state),
                new Worker("applications", delivery),
                new Worker("applications-retained", this::retain));
    }

    /** The broker takes retained values once it has started. */
    private void retain(Worker worker) throws InterruptedException {
        while (worker.isWanted() && Services.adminService().getCurrentStage() != LifecycleStage.STARTED_SUCCESSFULLY) {
            worker.pause(BROKER_PAUSE_MILLIS);
        }
        retainedState.run(worker);
    }

    /** Begins to read. */
    public void start() {
        workers.forEach(Worker::start);
    }

    /** What devices publish for applications. */
    public DataPublisher publisher() {
        return publisher;
    }

    /** Something was told of a device's shadow. */
    public void shadow(String cloud, String device, Message message, Progress.Step step) {
        feed.shadow(cloud, device, message, step);
    }

    /** Completes when it is known which topics products have. */
    public CompletableFuture<Void> loaded() {
        return state.loaded();
    }

    /** Whether a client that the broker knows is an application's. */
    public static boolean isApplicationsClient(String clientId) {
        return ApplicationSessions.applicationOf(clientId).isPresent();
    }

    /** Whether a connection came in where applications do. */
    public boolean isApplication(ConnectionInformation connection) {
        return connection
                .getListener()
                .filter(listener ->
                        listener.getName().equals(config.applications().listener()))
                .isPresent();
    }

    /** The registry says something new of a device. */
    public void changed(String device, Optional<DeviceEntry> entry) {
        retained.changed(device, entry);
    }

    /** Before anything of a connecting application is proved. */
    public void prepare(ConnectInboundInput input, ConnectInboundOutput output) {
        authenticator.prepare(input, output);
    }

    /** Who lets applications in. */
    public SimpleAuthenticator authenticator() {
        return authenticator;
    }

    /** Who says what applications may subscribe. */
    public Authorizer authorizer() {
        return subscriptions;
    }

    /** Gives a new connection what it needs. */
    public void initialize(InitializerInput input, ClientContext context) {
        ApplicationSession session = sessions.of(input.getConnectionInformation())
                .orElseThrow(() -> new IllegalStateException("an application without a session: "
                        + input.getClientInformation().getClientId()));
        AckHold hold = ackHolds.install(input, context, () -> {
            sessions.end(session, DisconnectReasonCode.UNSPECIFIED_ERROR, "kafka-unavailable");
            return CompletableFuture.completedFuture(true);
        });
        Duration timeout = Duration.ofMillis(config.deliveryTimeoutMillis()).plus(OVERDUE);
        context.addPublishInboundInterceptor(new ApplicationPublishes(
                session, applications, sessions, registry, publisher, hold, audit, clock, timeout));
        ApplicationDeliveries deliveries = new ApplicationDeliveries(session, applications, registry, groups.tickets());
        context.addPublishOutboundInterceptor(deliveries);
        context.addPubackInboundInterceptor(deliveries);
        context.addSubscribeInboundInterceptor((subscribe, output) -> subscriptions.subscribing(session, output));
        context.addUnsubscribeInboundInterceptor((unsubscribe, output) -> subscriptions.unsubscribing(session, output));
    }

    /** Follows one connection. */
    public ClientLifecycleEventListener listener() {
        return new Listener();
    }

    private final class Listener implements ClientLifecycleEventListener {
        private Optional<ApplicationSession> session = Optional.empty();

        @Override
        public void onMqttConnectionStart(ConnectionStartInput input) {
            // not known yet who it is
        }

        @Override
        public synchronized void onAuthenticationSuccessful(AuthenticationSuccessfulInput input) {
            session = sessions.of(input.getConnectionInformation());
            session.ifPresent(arrived -> {
                sessions.arrived(arrived);
                groups.rejoin(arrived);
            });
        }

        @Override
        public synchronized void onDisconnect(DisconnectEventInput input) {
            session.ifPresent(left -> {
                groups.left(left);
                sessions.left(left);
            });
            session = Optional.empty();
        }
    }

    /** Looks after connections. To be called each second or so. */
    public void sweep() {
        sessions.sweep();
    }

    /** How many connections of applications there are. */
    public int connections() {
        return sessions.connections();
    }

    /** Adds what is counted to the broker's metrics. */
    public void measure(MetricRegistry metrics, String prefix) {
        metrics.gauge(prefix + "applications", () -> (Gauge<Integer>) applications::size);
        metrics.gauge(prefix + "applications.connections", () -> (Gauge<Integer>) sessions::connections);
        metrics.gauge(prefix + "applications.delivered", () -> (Gauge<Long>) feed::delivered);
        metrics.gauge(prefix + "applications.dropped", () -> (Gauge<Long>) feed::dropped);
        metrics.gauge(prefix + "applications.shared", () -> (Gauge<Integer>) groups::size);
        metrics.gauge(prefix + "applications.unacknowledged", () ->
                (Gauge<Integer>) () -> groups.tickets().size());
        metrics.gauge(prefix + "retained", () -> (Gauge<Integer>) retained::size);
    }

    @Override
    public void close() {
        groups.close();
        workers.forEach(Worker::close);
    }
}
