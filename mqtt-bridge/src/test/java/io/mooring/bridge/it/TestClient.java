package io.mooring.bridge.it;

import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5SubAckException;
import io.mooring.bridge.stack.TestAuthority;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A device as far as MQTT goes, in either version. Keeps its session, unless told otherwise. */
final class TestClient implements AutoCloseable {
    /** The versions devices speak. */
    enum Version {
        MQTT_3,
        MQTT_5
    }

    private static final long PATIENCE_SECONDS = 20;

    private final @Nullable Mqtt3AsyncClient three;
    private final @Nullable Mqtt5AsyncClient five;
    private final Queue<String> heard = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> disconnected = new CompletableFuture<>();
    private volatile long disconnectedNanos;

    TestClient(Version version, String clientId, int port, TestAuthority authority, TestAuthority.Identity identity) {
        this(version, clientId, port, authority, identity, true);
    }

    TestClient(
            Version version,
            String clientId,
            int port,
            TestAuthority authority,
            TestAuthority.Identity identity,
            boolean acknowledges) {
        MqttClientBuilder builder = com.hivemq.client.mqtt.MqttClient.builder()
                .identifier(clientId)
                .serverHost("localhost")
                .serverPort(port)
                .sslConfig(MqttClientSslConfig.builder()
                        .keyManagerFactory(authority.keyManagers(identity))
                        .trustManagerFactory(authority.trustManagers())
                        .build())
                .addDisconnectedListener(context -> {
                    disconnectedNanos = System.nanoTime();
                    disconnected.complete(null);
                });
        if (version == Version.MQTT_3) {
            five = null;
            three = builder.useMqttVersion3().buildAsync();
            three.publishes(
                    MqttGlobalPublishFilter.ALL,
                    message -> hear(message.getTopic().toString(), message.getPayloadAsBytes()),
                    !acknowledges);
        } else {
            three = null;
            five = builder.useMqttVersion5().buildAsync();
            five.publishes(
                    MqttGlobalPublishFilter.ALL,
                    message -> hear(message.getTopic().toString(), message.getPayloadAsBytes()),
                    !acknowledges);
        }
    }

    private void hear(String topic, byte[] payload) {
        heard.add(topic + " " + new String(payload, StandardCharsets.UTF_8));
    }

    /** Connects; fails with what the broker said. */
    TestClient connect() {
        await(tryConnect());
        return this;
    }

    CompletableFuture<?> tryConnect() {
        if (three != null) {
            return three.connectWith().cleanSession(false).keepAlive(60).send();
        }
        return five().connectWith()
                .cleanStart(false)
                .sessionExpiryInterval(3600)
                .keepAlive(60)
                .send();
    }

    /** MQTT 3.1.1 only. */
    CompletableFuture<?> tryConnectWithWill(String topic) {
        if (three == null) {
            throw new IllegalStateException();
        }
        return three.connectWith()
                .cleanSession(false)
                .willPublish()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(new byte[] {1})
                .applyWillPublish()
                .send();
    }

    /** Subscribes at QoS 1; fails if the broker refuses. */
    TestClient subscribe(String... filters) {
        for (String filter : filters) {
            if (three != null) {
                await(three.subscribeWith()
                        .topicFilter(filter)
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .send());
            } else {
                await(five().subscribeWith()
                        .topicFilter(filter)
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .send());
            }
        }
        return this;
    }

    /** Publishes; completes when the broker acknowledged, and fails where it refused. */
    CompletableFuture<?> publish(String topic, int qos, byte[] payload) {
        MqttQos level = MqttQos.values()[qos];
        if (three != null) {
            return three.publishWith().topic(topic).qos(level).payload(payload).send();
        }
        return five().publishWith().topic(topic).qos(level).payload(payload).send();
    }

    /** What the broker said. */
    static String reason(@Nullable Throwable error) {
        if (error instanceof Mqtt5PubAckException refused) {
            return refused.getMqttMessage().getReasonCode().name();
        }
        if (error instanceof Mqtt5SubAckException refused) {
            return refused.getMqttMessage().getReasonCodes() + " "
                    + refused.getMqttMessage().getReasonString().orElse(null);
        }
        return error instanceof Mqtt5DisconnectException ended
                ? ended.getMqttMessage().getReasonCode().name()
                : String.valueOf(error);
    }

    /** The MQTT 5 client itself. */
    Mqtt5AsyncClient five() {
        if (five == null) {
            throw new IllegalStateException();
        }
        return five;
    }

    /** What was heard so far, as "topic payload". */
    List<String> heard() {
        return List.copyOf(heard);
    }

    boolean isDisconnected() {
        return disconnected.isDone();
    }

    /** How long after an instant it was disconnected, in ms. */
    long disconnectedMillisAfter(long nanos) {
        await(disconnected);
        return TimeUnit.NANOSECONDS.toMillis(disconnectedNanos - nanos);
    }

    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        } catch (ExecutionException failed) {
            throw new IllegalStateException(reason(failed.getCause()), failed.getCause());
        } catch (TimeoutException late) {
            throw new AssertionError("nothing within " + PATIENCE_SECONDS + " s", late);
        }
    }

    @Override
    public void close() {
        if (three != null) {
            three.disconnect();
        } else {
            five().disconnect();
        }
    }
}
