package io.mooring.bench.command;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import io.mooring.bench.cloud.Times;
import io.mooring.bridge.stack.BrokerNode;
import io.mooring.bridge.stack.TestAuthority;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * What no command can be faster than: a message through HiveMQ alone to another client, and its echo back, mutual TLS and
 * QoS 1 as everywhere. Nothing is stored, nobody is asked whether it may be.
 */
final class BareEcho {
    private static final char[] NO_PASSWORD = {};
    private static final int PATIENCE_SECONDS = 30;
    private static final String ASK = "bench/ask";
    private static final String REPLY = "bench/reply";

    private BareEcho() {}

    /** Times so many echoes, one after the other, after as many to warm up. */
    static Times measure(Path root, Path folder, int calls) throws Exception {
        TestAuthority authority = new TestAuthority();
        try (BrokerNode broker = BrokerNode.startBare(root, folder, authority)) {
            Mqtt3AsyncClient device = client(broker, authority, "DEVICE");
            Mqtt3AsyncClient caller = client(broker, authority, "CALLER");
            BlockingQueue<String> replies = new ArrayBlockingQueue<>(1);
            listen(device, ASK, text -> publish(device, REPLY, text));
            listen(caller, REPLY, replies::offer);
            for (int i = 0; i < calls; i++) {
                echo(caller, replies, "warm " + i);
            }
            Times times = new Times();
            for (int i = 0; i < calls; i++) {
                long start = System.nanoTime();
                echo(caller, replies, "call " + i);
                times.record(System.nanoTime() - start);
            }
            device.disconnect().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            caller.disconnect().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return times;
        }
    }

    private static void echo(Mqtt3AsyncClient caller, BlockingQueue<String> replies, String text) throws Exception {
        publish(caller, ASK, text);
        if (!text.equals(replies.poll(PATIENCE_SECONDS, TimeUnit.SECONDS))) {
            throw new TimeoutException("no echo came back");
        }
    }

    private static void publish(Mqtt3AsyncClient client, String topic, String text) {
        var _ = client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(text.getBytes(StandardCharsets.UTF_8))
                .send();
    }

    private static void listen(Mqtt3AsyncClient client, String topic, java.util.function.Consumer<String> heard)
            throws Exception {
        client.subscribeWith()
                .topicFilter(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .callback(message -> heard.accept(new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8)))
                .send()
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static Mqtt3AsyncClient client(BrokerNode broker, TestAuthority authority, String id) throws Exception {
        TestAuthority.Identity identity = authority.device(id);
        List<X509Certificate> chain = new ArrayList<>(List.of(identity.certificate()));
        chain.addAll(identity.issuers());
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("client", identity.key(), NO_PASSWORD, chain.toArray(X509Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, NO_PASSWORD);
        TrustManagerFactory trust = authority.trustManagers();
        Mqtt3AsyncClient client = Mqtt3Client.builder()
                .identifier(id)
                .serverHost("localhost")
                .serverPort(broker.port())
                .sslConfig(MqttClientSslConfig.builder()
                        .keyManagerFactory(keys)
                        .trustManagerFactory(trust)
                        .build())
                .buildAsync();
        client.connect().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return client;
    }
}
