package io.mooring.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import io.mooring.agent.enrol.Trust;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Says over the wire what a device with the Ioto agent says, and nothing that Mooring added: no CSR, basic ingest, whole
 * rows without clocks (device protocol, sections 1 to 3.2).
 */
public final class IotoDevice implements AutoCloseable {
    /** A message it was told. */
    public record Heard(String topic, String payload) {
        /** What it says. */
        public JsonNode json() {
            try {
                return JSON.readTree(payload);
            } catch (IOException e) {
                throw new IllegalStateException(payload, e);
            }
        }
    }

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final String id;
    private final String account;
    private final CloudAccess cloud;
    private final int keepAliveSeconds;
    private final Consumer<Heard> hearer;
    private final TrustManagerFactory trust;
    private final HttpClient http;
    private final List<Heard> heard = new CopyOnWriteArrayList<>();
    private @Nullable Mqtt3AsyncClient mqtt;

    /** A device of the main account that remembers all it hears. */
    public IotoDevice(String id, CloudAccess cloud) throws IOException, GeneralSecurityException {
        this.id = id;
        this.account = "main";
        this.cloud = cloud;
        this.keepAliveSeconds = 60;
        this.hearer = heard::add;
        this.trust = trusting(cloud.authority());
        this.http = http(trust);
    }

    /**
     * A device that hands on what it hears.
     *
     * @param keepAliveSeconds how soon it notices that its connection is dead
     * @param hearer what it hears; a message is acknowledged when this returns
     */
    public IotoDevice(String id, String account, CloudAccess cloud, int keepAliveSeconds, Consumer<Heard> hearer)
            throws IOException, GeneralSecurityException {
        this.id = id;
        this.account = account;
        this.cloud = cloud;
        this.keepAliveSeconds = keepAliveSeconds;
        this.hearer = hearer;
        this.trust = trusting(cloud.authority());
        this.http = http(trust);
    }

    private static HttpClient http(TrustManagerFactory trust) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context)
                .build();
    }

    /** §1.1, as the agent sends it, hints for auto-claim included or not. */
    public HttpResponse<String> register(String productToken, boolean autoClaim) throws Exception {
        String hints = autoClaim ? ",\"account\":\"" + account + "\",\"cloud\":\"main\"" : "";
        return post(cloud.deviceApi() + "/device/register", productToken, """
            {"id":"%s","product":"%s","name":"Demo","description":"e2e","model":"M1","created":"1970-01-01T00:00:00.000Z"%s}\
            """.formatted(id, productToken, hints));
    }

    /** §1.2 without a CSR. */
    public JsonNode provision(String api, String deviceToken) throws Exception {
        HttpResponse<String> response =
                post(api + "/tok/device/provision", deviceToken, "{\"id\":\"%s\"}".formatted(id));
        return JSON.readTree(response.body());
    }

    public HttpResponse<String> post(String url, String token, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(TIMEOUT)
                .header("Authorization", "bearer " + token)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    /** §2: connects with the certificate and key the cloud made, and hears what is told to it. */
    public void connect(JsonNode provisioned) throws Exception {
        disconnect();
        Mqtt3AsyncClient client = MqttClient.builder()
                .useMqttVersion3()
                .identifier(id)
                .serverHost(provisioned.get("endpoint").asText())
                .serverPort(provisioned.get("port").asInt())
                .sslConfig()
                .keyManagerFactory(keys(
                        provisioned.get("certificate").asText(),
                        provisioned.get("key").asText()))
                .trustManagerFactory(trust)
                .applySslConfig()
                .buildAsync();
        mqtt = client;
        client.publishes(MqttGlobalPublishFilter.ALL, this::hear);
        client.connectWith()
                .cleanSession(false)
                .keepAlive(keepAliveSeconds)
                .send()
                .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        for (String filter :
                List.of("ioto/device/" + id + "/#", "ioto/account/all/#", "ioto/account/" + account + "/#")) {
            subscribe(filter);
        }
    }

    /** Listens to what it does not listen to by itself. */
    public void subscribe(String filter) throws Exception {
        Objects.requireNonNull(mqtt, "connect first")
                .subscribeWith()
                .topicFilter(filter)
                .qos(MqttQos.AT_LEAST_ONCE)
                .send()
                .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    /** Publishes under basic ingest; returns when the broker has acknowledged. */
    public void tell(String topic, String payload) throws Exception {
        publish("$aws/rules/IotoDevice/ioto/service/" + id + "/" + topic, payload);
    }

    public void publish(String topic, String payload) throws Exception {
        Objects.requireNonNull(mqtt, "connect first")
                .publishWith()
                .topic(topic)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(payload.getBytes(StandardCharsets.UTF_8))
                .send()
                .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    /** What was heard so far below {@code ioto/device/{id}/}. */
    public List<Heard> heard(String tail) {
        return heardOn("ioto/device/" + id + "/" + tail);
    }

    /** What was heard so far on topics that begin with that, below {@code ioto/device/{id}/}. */
    public List<Heard> heardBelow(String tail) {
        return heard.stream()
                .filter(message -> message.topic().startsWith("ioto/device/" + id + "/" + tail))
                .toList();
    }

    /** What was heard so far on a topic. */
    public List<Heard> heardOn(String topic) {
        return heard.stream().filter(message -> message.topic().equals(topic)).toList();
    }

    /** Whether it heard anything on a topic. */
    public boolean hears(String topic) {
        return heard.stream().anyMatch(message -> message.topic().equals(topic));
    }

    public boolean isConnected() {
        return mqtt != null && mqtt.getState().isConnected();
    }

    private void hear(Mqtt3Publish publish) {
        hearer.accept(new Heard(
                publish.getTopic().toString(), new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8)));
    }

    static KeyManagerFactory keys(String certificatePem, String keyPem) throws IOException, GeneralSecurityException {
        byte[] der = Base64.getMimeDecoder()
                .decode(keyPem.replaceAll("-----(BEGIN|END) PRIVATE KEY-----", "")
                        .trim());
        PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
        return Trust.keys(key, certificates(new ByteArrayInputStream(certificatePem.getBytes(StandardCharsets.UTF_8))));
    }

    static TrustManagerFactory trusting(Path authority) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(authority)) {
            for (Certificate certificate : certificates(in)) {
                store.setCertificateEntry("ca-" + store.size(), certificate);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }

    private static Collection<? extends Certificate> certificates(InputStream in) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509").generateCertificates(in);
    }

    /** Leaves; the broker keeps the session. */
    public void disconnect() {
        if (mqtt != null && mqtt.getState().isConnected()) {
            mqtt.disconnect()
                    .orTimeout(5, TimeUnit.SECONDS)
                    .exceptionally(e -> null)
                    .join();
        }
        mqtt = null;
    }

    @Override
    public void close() {
        disconnect();
        http.close();
    }
}
