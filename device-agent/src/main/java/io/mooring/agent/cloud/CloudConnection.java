package io.mooring.agent.cloud;

import com.hivemq.client.mqtt.MqttClientExecutorConfig;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttClientTransportConfig;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.Mqtt3Subscription;
import com.hivemq.client.mqtt.mqtt3.message.subscribe.suback.Mqtt3SubAckReturnCode;
import io.mooring.agent.enrol.Membership;
import io.mooring.agent.enrol.Trust;
import io.mooring.contracts.mqtt.ApplicationTopics;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.contracts.mqtt.Receiver;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the cloud's broker: MQTT 3.1.1 over mutual TLS, the server's name checked, the
 * session kept by the broker while the device is away (device protocol, section 2). It connects once;
 * who wants another makes a new one.
 */
public final class CloudConnection implements Uplink {
    private static final Logger LOG = LoggerFactory.getLogger(CloudConnection.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Mqtt3AsyncClient client;
    private final String upPrefix;
    private final String dataPrefix;
    private final List<String> filters;
    private final int keepAliveSeconds;
    private final CompletableFuture<String> closed = new CompletableFuture<>();
    private final CompletableFuture<Void> ready;

    /** What is done with a message from the cloud. */
    @FunctionalInterface
    public interface CloudHearer {
        /**
         * Takes a message.
         *
         * @param tail the topic past the receiver, such as {@code sync/MODIFY}
         * @param done to be run once the message is taken, later if that is so
         */
        void hear(String tail, byte[] payload, Runnable done);
    }

    /** What is done with a message from an application. */
    @FunctionalInterface
    public interface DataHearer {
        /**
         * Takes a message.
         *
         * @param tail the topic past {@code app/{id}/}
         */
        void hear(String tail, byte[] payload);
    }

    /** Who hears what the cloud says, and who what applications say. */
    public record Hearers(CloudHearer cloud, DataHearer data) {}

    /**
     * How to connect.
     *
     * @param deviceId the device
     * @param basicIngest whether to publish below the prefix of basic ingest
     * @param keepAlive how often to show a sign of life
     * @param executors the threads to use
     */
    public record Settings(
            String deviceId, boolean basicIngest, Duration keepAlive, MqttClientExecutorConfig executors) {}

    /** Starts to connect. */
    public static CloudConnection open(Settings settings, Membership membership, Trust trust, Hearers hearers)
            throws GeneralSecurityException {
        MqttClientSslConfig tls = MqttClientSslConfig.builder()
                .keyManagerFactory(Trust.keys(membership))
                .trustManagerFactory(trust.managers(membership))
                .protocols(List.of("TLSv1.3", "TLSv1.2"))
                .handshakeTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .build();
        return new CloudConnection(settings, membership, tls, hearers);
    }

    private CloudConnection(Settings settings, Membership membership, MqttClientSslConfig tls, Hearers hearers) {
        upPrefix =
                (settings.basicIngest() ? DeviceTopics.BASIC_INGEST : "") + "ioto/service/" + settings.deviceId() + "/";
        dataPrefix = ApplicationTopics.data(settings.deviceId(), "");
        filters = List.of(
                new Receiver.Device(settings.deviceId()).topic("#"),
                new Receiver.Everybody().topic("#"),
                new Receiver.Account(membership.account()).topic("#"));
        keepAliveSeconds = Math.toIntExact(settings.keepAlive().toSeconds());
        client = Mqtt3Client.builder()
                .identifier(settings.deviceId())
                .transportConfig(MqttClientTransportConfig.builder()
                        .serverHost(membership.endpoint())
                        .serverPort(membership.port())
                        .sslConfig(tls)
                        .socketConnectTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                        .mqttConnectTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                        .build())
                .executorConfig(settings.executors())
                .addDisconnectedListener(context ->
                        closed.complete(String.valueOf(context.getCause().getMessage())))
                .buildAsync();
        // before connecting: a kept session delivers at once
        client.publishes(MqttGlobalPublishFilter.ALL, publish -> heard(publish, dataPrefix, hearers), true);
        ready = connect();
    }

    private CompletableFuture<Void> connect() {
        return client.connectWith()
                .cleanSession(false)
                .keepAlive(keepAliveSeconds)
                .send()
                .thenCompose(connected -> client.subscribeWith()
                        .addSubscriptions(filters.stream()
                                .map(filter -> Mqtt3Subscription.builder()
                                        .topicFilter(filter)
                                        .qos(MqttQos.AT_LEAST_ONCE)
                                        .build()))
                        .send())
                .thenAccept(subscribed -> {
                    if (subscribed.getReturnCodes().contains(Mqtt3SubAckReturnCode.FAILURE)) {
                        throw new IllegalStateException(
                                "the broker refused a subscription: " + filters + " " + subscribed.getReturnCodes());
                    }
                });
    }

    /** Done when connected and subscribed; failed if that did not work. */
    public CompletableFuture<Void> ready() {
        return ready;
    }

    /** Whether it is connected and subscribed, or was until now. */
    public boolean isReady() {
        return ready.isDone() && !ready.isCompletedExceptionally();
    }

    /** Done, with the reason, when the connection is gone or could not be made. */
    public CompletableFuture<String> closed() {
        return closed;
    }

    private static void heard(Mqtt3Publish publish, String dataPrefix, Hearers hearers) {
        AtomicBoolean acknowledged = new AtomicBoolean();
        Runnable done = () -> {
            if (acknowledged.compareAndSet(false, true)) {
                acknowledge(publish);
            }
        };
        String topic = publish.getTopic().toString();
        Optional<String> tail = tail(topic);
        if (topic.startsWith(dataPrefix)) {
            done.run();
            hearers.data().hear(topic.substring(dataPrefix.length()), publish.getPayloadAsBytes());
        } else if (tail.isPresent()) {
            hearers.cloud().hear(tail.get(), publish.getPayloadAsBytes(), done);
        } else {
            LOG.warn("Heard something on {}, which this device did not subscribe", publish.getTopic());
            done.run();
        }
    }

    private static void acknowledge(Mqtt3Publish publish) {
        try {
            publish.acknowledge();
        } catch (IllegalStateException | UnsupportedOperationException e) {
            // the connection is gone: it will be delivered again
            LOG.debug("Could not acknowledge a message on {}", publish.getTopic(), e);
        }
    }

    /** The topic past {@code ioto/device/{id}/} or {@code ioto/account/{account}/}. */
    static Optional<String> tail(String topic) {
        String[] levels = topic.split("/", 4);
        boolean known = levels.length == 4
                && levels[0].equals("ioto")
                && (levels[1].equals("device") || levels[1].equals("account"));
        return known ? Optional.of(levels[3]) : Optional.empty();
    }

    @Override
    public CompletableFuture<?> publish(String tail, byte[] payload) {
        return client.publishWith()
                .topic(upPrefix + tail)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload)
                .send();
    }

    /** Publishes to applications, on a topic past {@code app/{id}/}. */
    public CompletableFuture<?> publishData(String tail, byte[] payload, boolean retain) {
        return client.publishWith()
                .topic(dataPrefix + tail)
                .qos(MqttQos.AT_LEAST_ONCE)
                .retain(retain)
                .payload(payload)
                .send();
    }

    /** Subscribes to topics of applications, past {@code app/{id}/}. */
    public CompletableFuture<?> subscribeData(String filter) {
        return client.subscribeWith()
                .topicFilter(dataPrefix + filter)
                .qos(MqttQos.AT_LEAST_ONCE)
                .send();
    }

    /** Ends the connection, or the attempt at one; the broker keeps the session. */
    public CompletableFuture<Void> close() {
        closed.complete("closed by the device");
        return ready.handle((ok, failed) -> null)
                .thenCompose(connected -> client.disconnect())
                .handle((ok, failed) -> null);
    }
}
