package io.mooring.bench.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.hivemq.client.mqtt.MqttClientExecutorConfig;
import io.mooring.bridge.stack.TestAuthority;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import io.mooring.devstack.launcher.DevstackBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A whole cloud in processes of its own, its limits of what one machine may do out of the way. */
public final class BenchCloud implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** For a broker's JVM with some ten thousand connections, each of which needs a TLS engine and a session: the usual heap is for a thousand. */
    public static final List<String> BROKER_FOR_MANY = List.of("-Xmx2560m", "-XX:MaxDirectMemorySize=1g");

    private static final String NO_LIMIT = "1000000";

    private final Devstack stack;
    private final TrustManagerFactory trust;
    private final HttpClient http;
    private final String productId;
    private final String productToken;
    private final MqttClientExecutorConfig executors =
            MqttClientExecutorConfig.builder().nettyThreads(2).build();

    private BenchCloud(Devstack stack) throws IOException, GeneralSecurityException, InterruptedException {
        this.stack = stack;
        this.trust = trusting(stack.authorityFile());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(tls)
                .connectTimeout(TIMEOUT)
                .build();
        JsonNode product = operator("/api/v1/products", "{\"name\":\"bench\"}");
        this.productId = product.path("id").asText();
        this.productToken = product.path("token").asText();
    }

    /** Starts what devices need, and more. */
    public static BenchCloud start(Component... more)
            throws IOException, GeneralSecurityException, InterruptedException {
        return start(Devstack.builder().with(more));
    }

    /**
     * The same for some ten thousand connections.
     */
    public static BenchCloud startForMany(Component... more)
            throws IOException, GeneralSecurityException, InterruptedException {
        return start(Devstack.builder()
                .with(more)
                .flags(Component.BROKER, BROKER_FOR_MANY.toArray(String[]::new))
                .flags(Component.SYNC, "-Xmx512m")
                .flags(Component.MESSAGING, "-Xmx384m"));
    }

    private static BenchCloud start(DevstackBuilder builder)
            throws IOException, GeneralSecurityException, InterruptedException {
        Devstack stack = builder.with(
                        Component.POSTGRESQL,
                        Component.KAFKA,
                        Component.CONNECT,
                        Component.CERTIFICATE_AUTHORITY,
                        Component.PROVISIONING,
                        Component.SYNC,
                        Component.BROKER)
                .environment(
                        Component.PROVISIONING,
                        Map.of(
                                "MOORING_PROVISIONING_LIMITS_REGISTER_PER_SECOND", NO_LIMIT,
                                "MOORING_PROVISIONING_LIMITS_REGISTER_BURST", NO_LIMIT,
                                "MOORING_PROVISIONING_LIMITS_NEW_IDS_PER_SECOND", NO_LIMIT,
                                "MOORING_PROVISIONING_LIMITS_NEW_IDS_BURST", NO_LIMIT,
                                "MOORING_PROVISIONING_LIMITS_PRODUCT_NEW_IDS_PER_SECOND", NO_LIMIT,
                                "MOORING_PROVISIONING_LIMITS_PRODUCT_NEW_IDS_BURST", NO_LIMIT))
                .environment(
                        Component.MESSAGING,
                        Map.of(
                                "MOORING_MESSAGING_LIMITS_REQUESTS_PER_SECOND", NO_LIMIT,
                                "MOORING_MESSAGING_LIMITS_REQUEST_BURST", NO_LIMIT))
                .environment(
                        Component.METRICS,
                        Map.of(
                                "MOORING_METRICS_LIMITS_REQUESTS_PER_SECOND", NO_LIMIT,
                                "MOORING_METRICS_LIMITS_REQUEST_BURST", NO_LIMIT))
                .start();
        try {
            return new BenchCloud(stack);
        } catch (IOException | GeneralSecurityException | RuntimeException failed) {
            stack.close();
            throw failed;
        }
    }

    private static TrustManagerFactory trusting(Path authority) throws IOException, GeneralSecurityException {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        for (Certificate certificate : CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(authority)))) {
            anchors.setCertificateEntry("anchor-" + anchors.size(), certificate);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(anchors);
        return trust;
    }

    /** What runs. */
    public Devstack stack() {
        return stack;
    }

    /** Has an operator call something; gives the answer. */
    public JsonNode operator(String path, String body) throws IOException, InterruptedException {
        return post(
                stack.url(Component.PROVISIONING) + path,
                "Bearer " + stack.secrets().operatorToken(),
                body);
    }

    /** Has an operator ask messaging something; gives the answer. */
    public JsonNode messaging(String path, String body) throws IOException, InterruptedException {
        return post(
                stack.url(Component.MESSAGING) + path,
                "Bearer " + stack.secrets().operatorToken(),
                body);
    }

    /** The same, for something to look at. */
    public JsonNode messagingGet(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(stack.url(Component.MESSAGING) + path))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + stack.secrets().operatorToken())
                .build());
    }

    /** Has an operator look at something of metrics. */
    public JsonNode metricsGet(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(stack.url(Component.METRICS) + path))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + stack.secrets().operatorToken())
                .build());
    }

    /** The id of the product that all devices are of. */
    public String productId() {
        return productId;
    }

    /** A request as devices make it; gives the answer. */
    JsonNode device(String url, String token, String body) throws IOException, InterruptedException {
        return post(url, "bearer " + token, body);
    }

    private JsonNode post(String url, String authorization, String body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(url))
                .timeout(TIMEOUT)
                .header("Authorization", authorization)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IOException(request.uri() + " answered " + response.statusCode() + ": " + response.body());
        }
        return JSON.readTree(response.body());
    }

    String deviceApi() {
        return stack.url(Component.PROVISIONING);
    }

    String productToken() {
        return productToken;
    }

    /** Has the broker trust one more authority of devices. It is started again for that. */
    public void trust(TestAuthority authority) throws IOException, GeneralSecurityException {
        char[] password = stack.secrets().keystorePassword().toCharArray();
        Path file = stack.dataDir().resolve("tls/devices.p12");
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        try (InputStream before = Files.newInputStream(file)) {
            anchors.load(before, password);
        }
        anchors.setCertificateEntry("bench", authority.certificate());
        try (OutputStream after = Files.newOutputStream(file)) {
            anchors.store(after, password);
        }
        stack.restart(Component.BROKER);
    }

    /** What devices trust. */
    public TrustManagerFactory trust() {
        return trust;
    }

    MqttClientExecutorConfig executors() {
        return executors;
    }

    /** How much of a processor each process has used so far, in seconds. */
    public Map<Component, Double> processorSeconds() throws IOException {
        return ProcessorTime.seconds(stack);
    }

    @Override
    public void close() {
        http.close();
        stack.close();
    }
}
