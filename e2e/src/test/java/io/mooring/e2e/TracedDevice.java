package io.mooring.e2e;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.mooring.contracts.trace.TraceContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A device that records traces: it says of what it publishes which one it belongs to, and hears that of what it is told. */
final class TracedDevice implements AutoCloseable {
    /** A message it was told, and its trace. */
    record Heard(String topic, String payload, Optional<TraceContext> trace) {}

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final String id;
    private final Mqtt5AsyncClient mqtt;
    private final List<Heard> heard = new CopyOnWriteArrayList<>();

    private TracedDevice(String id, JsonNode provisioned, CloudAccess cloud) throws Exception {
        this.id = id;
        this.mqtt = MqttClient.builder()
                .useMqttVersion5()
                .identifier(id)
                .serverHost(provisioned.get("endpoint").asText())
                .serverPort(provisioned.get("port").asInt())
                .sslConfig()
                .keyManagerFactory(IotoDevice.keys(
                        provisioned.get("certificate").asText(),
                        provisioned.get("key").asText()))
                .trustManagerFactory(IotoDevice.trusting(cloud.authority()))
                .applySslConfig()
                .buildAsync();
    }

    /** Registers a device, has it claimed, and connects it. */
    static TracedDevice join(String id, String product, CloudAccess cloud, OperatorApi operator) throws Exception {
        try (IotoDevice identity = new IotoDevice(id, cloud)) {
            identity.register(product, false);
            operator.claim(id);
            JsonNode claimed = JSON.readTree(identity.register(product, false).body());
            JsonNode provisioned = identity.provision(
                    claimed.get("api").asText(), claimed.get("token").asText());
            TracedDevice device = new TracedDevice(id, provisioned, cloud);
            device.connect();
            return device;
        }
    }

    private void connect() throws Exception {
        mqtt.publishes(MqttGlobalPublishFilter.ALL, this::hear);
        await().atMost(TIMEOUT).ignoreExceptions().until(() -> {
            mqtt.connect().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            return true;
        });
        for (String filter : List.of("ioto/device/" + id + "/#", "ioto/account/all/#", "ioto/account/main/#")) {
            mqtt.subscribeWith()
                    .topicFilter(filter)
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .send()
                    .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        }
        // From then on it is told what changes.
        tell("db/syncDown", "{\"timestamp\":\"1970-01-01T00:00:00.000Z\"}", Optional.empty());
        await().atMost(TIMEOUT)
                .until(() -> heard.stream().anyMatch(message -> message.topic().endsWith("sync/SYNCDOWN")));
    }

    private void hear(Mqtt5Publish message) {
        Optional<TraceContext> trace = message.getUserProperties().asList().stream()
                .filter(property -> property.getName().toString().equals(TraceContext.TRACE_PARENT))
                .findFirst()
                .flatMap(property -> TraceContext.parse(property.getValue().toString()));
        heard.add(new Heard(
                message.getTopic().toString(), new String(message.getPayloadAsBytes(), StandardCharsets.UTF_8), trace));
    }

    String id() {
        return id;
    }

    /** Publishes as a step of a trace; returns when the broker has acknowledged. */
    void tell(String topic, String payload, TraceContext trace) throws Exception {
        tell(topic, payload, Optional.of(trace));
    }

    private void tell(String topic, String payload, Optional<TraceContext> trace) throws Exception {
        var publish = mqtt.publishWith()
                .topic("ioto/service/" + id + "/" + topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(StandardCharsets.UTF_8));
        (trace.isEmpty()
                        ? publish
                        : publish.userProperties()
                                .add(TraceContext.TRACE_PARENT, trace.get().toString())
                                .applyUserProperties())
                .send()
                .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    /** The first message below {@code sync/} that holds a text, once it is there. */
    Heard hears(String text) {
        return await().atMost(TIMEOUT)
                .until(
                        () -> heard.stream()
                                .filter(message -> message.topic().contains("/sync/")
                                        && message.payload().contains(text))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    @Override
    public void close() {
        mqtt.disconnect()
                .orTimeout(5, TimeUnit.SECONDS)
                .exceptionally(failed -> null)
                .join();
    }
}
