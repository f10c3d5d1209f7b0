package io.mooring.bridge.it;

import com.hivemq.client.mqtt.MqttClientBuilder;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttClientSslConfigBuilder;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.mooring.bridge.stack.TestAuthority;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A client of an application, in either version. */
final class TestApplication implements AutoCloseable {
    private final @Nullable Mqtt3AsyncClient three;
    private final @Nullable Mqtt5AsyncClient five;
    private final Queue<String> heard = new ConcurrentLinkedQueue<>();
    private final Queue<Mqtt5Publish> messages = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Throwable> disconnected = new CompletableFuture<>();

    /**
     * Not connected yet.
     *
     * @param acknowledges whether it acknowledges what it hears
     */
    TestApplication(
            TestClient.Version version,
            String clientId,
            int port,
            TestAuthority authority,
            TestAuthority.@Nullable Identity identity,
            boolean acknowledges) {
        MqttClientSslConfigBuilder tls = MqttClientSslConfig.builder().trustManagerFactory(authority.trustManagers());
        MqttClientBuilder builder = com.hivemq.client.mqtt.MqttClient.builder()
                .identifier(clientId)
                .serverHost("localhost")
                .serverPort(port)
                .sslConfig(
                        identity == null
                                ? tls.build()
                                : tls.keyManagerFactory(authority.keyManagers(identity))
                                        .build())
                .addDisconnectedListener(context -> disconnected.complete(context.getCause()));
        if (version == TestClient.Version.MQTT_3) {
            five = null;
            three = builder.useMqttVersion3().buildAsync();
            three.publishes(
                    MqttGlobalPublishFilter.ALL,
                    message -> heard.add(
                            message.getTopic() + " " + new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8)),
                    !acknowledges);
        } else {
            three = null;
            five = builder.useMqttVersion5().buildAsync();
            five.publishes(
                    MqttGlobalPublishFilter.ALL,
                    message -> {
                        heard.add(message.getTopic() + " "
                                + new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8));
                        messages.add(message);
                    },
                    !acknowledges);
        }
    }

    /** Connects with user name and password; fails with what the broker said. */
    TestApplication connect(String application, String token) {
        TestClient.await(tryConnect(application, token, true));
        return this;
    }

    CompletableFuture<?> tryConnect(String application, String token, boolean clean) {
        byte[] password = token.getBytes(StandardCharsets.UTF_8);
        if (three != null) {
            return three.connectWith()
                    .cleanSession(clean)
                    .simpleAuth()
                    .username(application)
                    .password(password)
                    .applySimpleAuth()
                    .send();
        }
        return five().connectWith()
                .cleanStart(clean)
                .sessionExpiryInterval(clean ? 0 : 3600)
                .simpleAuth()
                .username(application)
                .password(password)
                .applySimpleAuth()
                .send();
    }

    /** Connects by its certificate alone. */
    TestApplication connectByCertificate() {
        CompletableFuture<?> connecting = three != null
                ? three.connectWith().send()
                : five().connectWith().send();
        TestClient.await(connecting);
        return this;
    }

    /** Subscribes at QoS 1; fails if the broker refuses. */
    TestApplication subscribe(String... filters) {
        for (String filter : filters) {
            TestClient.await(trySubscribe(filter));
        }
        return this;
    }

    CompletableFuture<?> trySubscribe(String filter) {
        return three != null
                ? three.subscribeWith()
                        .topicFilter(filter)
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .send()
                : five().subscribeWith()
                        .topicFilter(filter)
                        .qos(MqttQos.AT_LEAST_ONCE)
                        .send();
    }

    /** Publishes at QoS 1; completes when the broker acknowledged, and fails where it refused. */
    CompletableFuture<?> publish(String topic, String payload) {
        return publish(topic, MqttQos.AT_LEAST_ONCE, payload);
    }

    CompletableFuture<?> publish(String topic, MqttQos qos, String payload) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        return three != null
                ? three.publishWith().topic(topic).qos(qos).payload(bytes).send()
                : five().publishWith().topic(topic).qos(qos).payload(bytes).send();
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

    /** What was heard so far, in MQTT 5. */
    List<Mqtt5Publish> messages() {
        return List.copyOf(messages);
    }

    /** Completes with why the connection ended. */
    CompletableFuture<Throwable> disconnected() {
        return disconnected;
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
