package io.mooring.bridge.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.datatypes.Mqtt5UserProperties;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.sun.net.httpserver.HttpServer;
import io.mooring.bridge.stack.BrokerNode;
import io.mooring.bridge.stack.TopicReader;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.trace.TraceContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Traces pass through: what comes in goes out, one step further; and nothing where none are wanted. */
class TraceIT {
    private static final String UPLINK = Topic.DEVICE_UPLINK.name(Stack.PREFIX);
    private static final TraceContext TOLD =
            new TraceContext("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", true);
    private static final long PATIENCE_SECONDS = 20;

    @TempDir
    static Path folder;

    /** What was exported, as Latin-1 text. */
    private static final List<String> EXPORTED = new CopyOnWriteArrayList<>();

    static HttpServer collector;
    static Stack stack;
    static BrokerNode tracing;

    @BeforeAll
    static void start() throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/v1/traces", exchange -> {
            EXPORTED.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1));
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        collector.start();
        stack = new Stack(folder, Map.of());
        tracing = stack.anotherBroker(
                "tracing",
                Map.of(
                        "OTEL_EXPORTER_OTLP_ENDPOINT",
                        "http://127.0.0.1:" + collector.getAddress().getPort(),
                        "OTEL_BSP_SCHEDULE_DELAY",
                        "50"));
    }

    @AfterAll
    static void stop() {
        stack.close();
        collector.stop(0);
    }

    @Test
    void carriesADevicesTraceOnAsOneStepFurther() {
        TraceContext carried = said("TRACEUP1", tracing, TOLD.toString()).orElseThrow();

        assertThat(carried.traceId()).isEqualTo(TOLD.traceId());
        assertThat(carried.parentId()).isNotEqualTo(TOLD.parentId());
        assertThat(carried.sampled()).isTrue();
        await().untilAsserted(() -> assertThat(EXPORTED)
                .anyMatch(spans -> spans.contains(bytes(TOLD.traceId()))
                        && spans.contains(bytes(TOLD.parentId()))
                        && spans.contains(bytes(carried.parentId()))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "nonsense"})
    void beginsATraceWhereThereIsNone(String traceParent) {
        String device = "TRACENEW" + traceParent.length();

        TraceContext carried = said(device, tracing, traceParent).orElseThrow();

        assertThat(carried.sampled()).isTrue();
        assertThat(carried.traceId()).isNotEqualTo(TOLD.traceId());
    }

    @Test
    void carriesNothingOnThatIsNotToBeRecorded() {
        assertThat(said("TRACEUP2", tracing, new TraceContext(TOLD.traceId(), TOLD.parentId(), false).toString()))
                .isEmpty();
    }

    @Test
    void carriesNothingOnWhereNoTracesAreWanted() {
        assertThat(said("TRACEUP3", stack.broker, TOLD.toString())).isEmpty();
    }

    @Test
    void tellsADeviceWhereItsTraceGoesOn() throws Exception {
        Mqtt5Publish heard = told("TRACEDOWN1", tracing);

        TraceContext carried = TraceContext.parse(property(heard)).orElseThrow();
        assertThat(carried.traceId()).isEqualTo(TOLD.traceId());
        assertThat(carried.parentId()).isNotEqualTo(TOLD.parentId());
        assertThat(heard.getUserProperties().asList()).hasSize(1);
        await().untilAsserted(() -> assertThat(EXPORTED).anyMatch(spans -> spans.contains(bytes(carried.parentId()))));
    }

    @Test
    void tellsADeviceNothingOfTracesWhereNoneAreWanted() throws Exception {
        assertThat(told("TRACEDOWN2", stack.broker).getUserProperties().asList())
                .isEmpty();
    }

    @Test
    void loadsNothingOfTheSdkWhereNoTracesAreWanted() throws Exception {
        said("TRACEUP4", stack.broker, TOLD.toString());
        said("TRACEUP5", tracing, TOLD.toString());

        assertThat(ofTheSdk(tracing)).isNotEmpty();
        assertThat(ofTheSdk(stack.broker)).isEmpty();
    }

    /** The classes of OpenTelemetry's SDK and exporters that a broker has loaded. */
    private static List<String> ofTheSdk(BrokerNode node) throws IOException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(node.process().pid()),
                        "VM.class_hierarchy",
                        "-i")
                .redirectErrorStream(true)
                .start();
        List<String> classes;
        try (BufferedReader lines = jcmd.inputReader(StandardCharsets.UTF_8)) {
            classes = lines.lines().toList();
        }
        assertThat(classes).anyMatch(line -> line.contains("--io.mooring.bridge.trace.Tracing/"));
        // Kafka's client has a part of OpenTelemetry of its own, by another name.
        return classes.stream()
                .filter(line ->
                        line.contains("--io.opentelemetry.sdk.") || line.contains("--io.opentelemetry.exporter."))
                .toList();
    }

    /** What the record says of a trace that a device's message becomes. */
    private static Optional<TraceContext> said(String device, BrokerNode node, String traceParent) {
        stack.join(device, "main", "acct1");
        TestClient client =
                stack.client(TestClient.Version.MQTT_5, device, node).connect();
        Mqtt5UserProperties properties = traceParent.isEmpty()
                ? Mqtt5UserProperties.of()
                : Mqtt5UserProperties.builder()
                        .add(TraceContext.TRACE_PARENT, traceParent)
                        .build();
        TestClient.await(client.five()
                .publishWith()
                .topic("ioto/service/" + device + "/log/set")
                .qos(MqttQos.AT_LEAST_ONCE)
                .userProperties(properties)
                .send());
        List<ConsumerRecord<String, String>> records = stack.records(UPLINK, device);
        assertThat(records).hasSize(1);
        String header = TopicReader.headers(records.get(0)).get(EventHeaders.TRACE_PARENT);
        Optional<TraceContext> carried = TraceContext.parse(header);
        assertThat(carried.isPresent()).as(String.valueOf(header)).isEqualTo(header != null);
        return carried;
    }

    /** What a device hears that is told something of the trace. */
    private static Mqtt5Publish told(String device, BrokerNode node) throws InterruptedException {
        stack.join(device, "main", "acct1");
        BlockingQueue<Mqtt5Publish> heard = new LinkedBlockingQueue<>();
        TestClient client = stack.client(TestClient.Version.MQTT_5, device, node);
        client.five().publishes(MqttGlobalPublishFilter.ALL, heard::add);
        client.connect().subscribe("ioto/device/" + device + "/#");
        stack.cloud.tellTraced("main", "device/" + device, "sync/MODIFY", "{}", TOLD.toString());
        Mqtt5Publish message = heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(message).isNotNull();
        return message;
    }

    private static @Nullable String property(Mqtt5Publish message) {
        return message.getUserProperties().asList().stream()
                .filter(property -> property.getName().toString().equals(TraceContext.TRACE_PARENT))
                .map(property -> property.getValue().toString())
                .findFirst()
                .orElse(null);
    }

    /** An id as OTLP has it. */
    private static String bytes(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
    }
}
