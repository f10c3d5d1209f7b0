package io.mooring.e2e;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** What people's own program says and hears over MQTT. */
final class ApplicationMqtt implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 20;

    private final Mqtt5AsyncClient client;
    private final List<IotoDevice.Heard> heard = new CopyOnWriteArrayList<>();

    private ApplicationMqtt(Mqtt5AsyncClient client) {
        this.client = client;
    }

    /** An application connected by its token, which hears all that is said to it alone. */
    static ApplicationMqtt connect(LocalCloud stack, ApplicationApi application) throws Exception {
        Mqtt5AsyncClient client = MqttClient.builder()
                .useMqttVersion5()
                .identifier("worker")
                .serverHost("localhost")
                .serverPort(stack.ports().mqttApplications())
                .sslConfig()
                .trustManagerFactory(IotoDevice.trusting(stack.authorityFile()))
                .applySslConfig()
                .buildAsync();
        ApplicationMqtt mqtt = new ApplicationMqtt(client);
        client.publishes(
                MqttGlobalPublishFilter.ALL,
                message -> mqtt.heard.add(new IotoDevice.Heard(
                        message.getTopic().toString(),
                        new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8))));
        client.connectWith()
                .simpleAuth()
                .username(application.id())
                .password(application.token().getBytes(StandardCharsets.UTF_8))
                .applySimpleAuth()
                .send()
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        mqtt.subscribe("application/" + application.id() + "/#");
        return mqtt;
    }

    void subscribe(String filter) throws Exception {
        client.subscribeWith()
                .topicFilter(filter)
                .qos(MqttQos.AT_LEAST_ONCE)
                .send()
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Publishes; returns when the broker has acknowledged. */
    void publish(String topic, String payload) throws Exception {
        client.publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(StandardCharsets.UTF_8))
                .send()
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** What was heard so far on topics that match. */
    List<IotoDevice.Heard> heard(String topicExpression) {
        return heard.stream()
                .filter(message -> message.topic().matches(topicExpression))
                .toList();
    }

    @Override
    public void close() throws Exception {
        client.disconnect().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
