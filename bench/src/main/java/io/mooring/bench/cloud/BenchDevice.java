package io.mooring.bench.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import io.mooring.devstack.launcher.Component;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.jspecify.annotations.Nullable;

/** A device that does one step at a time, so that each can be measured. It keeps nothing on a disk. */
public final class BenchDevice {
    private static final JsonMapper JSON = new JsonMapper();
    private static final char[] NO_PASSWORD = {};
    private static final long PATIENCE_SECONDS = 60;

    private final BenchCloud cloud;
    private final String id;
    private final @Nullable KeyPair keys;
    private final String request;
    private final @Nullable KeyManagerFactory shown;
    private String api = "";
    private String token = "";
    private JsonNode membership = JSON.createObjectNode();
    private CompletableFuture<Long> closed = new CompletableFuture<>();
    private @Nullable Mqtt3AsyncClient client;

    /** Makes a key and the request to have it certified: what a device does by its own means, before it joins. */
    public BenchDevice(BenchCloud cloud, String id) throws GeneralSecurityException {
        this.cloud = cloud;
        this.id = id;
        this.shown = null;
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair made = generator.generateKeyPair();
        this.keys = made;
        try {
            byte[] encoded = new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=" + id), made.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(made.getPrivate()))
                    .getEncoded();
            this.request = "-----BEGIN CERTIFICATE REQUEST-----\n"
                    + Base64.getMimeEncoder().encodeToString(encoded) + "\n-----END CERTIFICATE REQUEST-----\n";
        } catch (OperatorCreationException | IOException impossible) {
            throw new GeneralSecurityException(impossible);
        }
    }

    /**
     * A device that need not join, since the registry lists its certificate already.
     *
     * @param shown what it proves itself with
     */
    public BenchDevice(BenchCloud cloud, String id, KeyManagerFactory shown) {
        this.cloud = cloud;
        this.id = id;
        this.keys = null;
        this.request = "";
        this.shown = shown;
        this.membership = JSON.createObjectNode()
                .put("endpoint", "localhost")
                .put("port", cloud.stack().port(Component.BROKER));
    }

    public String id() {
        return id;
    }

    /** Device protocol, section 1.1: registers, and is claimed at once because it names its account and cloud. */
    public void register() throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode()
                .put("id", id)
                .put("product", cloud.productToken())
                .put("name", "Bench " + id)
                .put("account", "main")
                .put("cloud", "main");
        JsonNode answer = cloud.device(cloud.deviceApi() + "/device/register", cloud.productToken(), body.toString());
        api = answer.path("api").asText();
        token = answer.path("token").asText();
        if (token.isEmpty()) {
            throw new IOException("the device was not claimed: " + answer);
        }
    }

    /** Section 1.2: gets its certificate. */
    public void provision() throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode().put("id", id).put("csr", request);
        membership = cloud.device(api + "/tok/device/provision", token, body.toString());
        if (!membership.has("certificate")) {
            throw new IOException("the device was given no certificate: " + membership);
        }
    }

    /** Section 2: connects to the broker, by a new TLS connection; fails if it is refused. */
    public void connect() throws IOException, GeneralSecurityException, InterruptedException {
        CompletableFuture<Long> end = new CompletableFuture<>();
        closed = end;
        Mqtt3AsyncClient connecting = Mqtt3Client.builder()
                .identifier(id)
                .serverHost(membership.path("endpoint").asText())
                .serverPort(membership.path("port").asInt())
                .sslConfig(MqttClientSslConfig.builder()
                        .keyManagerFactory(keyManagers())
                        .trustManagerFactory(cloud.trust())
                        .handshakeTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .build())
                .executorConfig(cloud.executors())
                .addDisconnectedListener(context -> end.complete(System.nanoTime()))
                .buildAsync();
        try {
            connecting.connectWith().cleanSession(false).keepAlive(300).send().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            client = connecting;
        } catch (ExecutionException | TimeoutException refused) {
            throw new IOException(id + " was not let in: " + refused.getMessage(), refused);
        }
    }

    /**
     * Section 3: hears commands, and answers each at once that it succeeded.
     *
     * @param heard what is told of each, by its id, before it is answered
     */
    public void answerCommands(Consumer<String> heard) throws IOException, InterruptedException {
        Mqtt3AsyncClient connected = Objects.requireNonNull(client, "connect first");
        try {
            connected
                    .subscribeWith()
                    .topicFilter("ioto/device/" + id + "/#")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .callback(message -> answer(connected, message, heard))
                    .send()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException refused) {
            throw new IOException(id + " could not subscribe: " + refused.getMessage(), refused);
        }
    }

    private void answer(Mqtt3AsyncClient connected, Mqtt3Publish message, Consumer<String> heard) {
        if (!message.getTopic().toString().endsWith("/sync/INSERT")) {
            return;
        }
        try {
            JsonNode row = JSON.readTree(message.getPayloadAsBytes());
            if (!row.path("_type").asText().equals("Command")) {
                return;
            }
            String command = row.path("id").asText();
            heard.accept(command);
            String key = "result#main#" + id + "#" + command;
            ObjectNode body = JSON.createObjectNode().put("seq", 1);
            ObjectNode change =
                    body.putArray("changes").addObject().put("cmd", "create").put("key", key);
            change.putObject("item")
                    .put("_type", "CommandResult")
                    .put("sk", key)
                    .put("id", command)
                    .put("status", "succeeded")
                    .put("updated", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
            var _ = connected
                    .publishWith()
                    .topic("ioto/service/" + id + "/db/syncToDynamo")
                    .qos(MqttQos.AT_LEAST_ONCE)
                    .payload(JSON.writeValueAsBytes(body))
                    .send();
        } catch (IOException unreadable) {
            throw new IllegalStateException(unreadable);
        }
    }

    /** Where the broker is, as the device was told. */
    public int brokerPort() {
        return membership.path("port").asInt();
    }

    /** What the device proves itself with to the broker. */
    public KeyManagerFactory keyManagers() throws IOException, GeneralSecurityException {
        if (shown != null) {
            return shown;
        }
        KeyPair own = Objects.requireNonNull(keys);
        String chain = membership.path("certificate").asText();
        List<Certificate> certificates = new ArrayList<>(CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(chain.getBytes(StandardCharsets.US_ASCII))));
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("device", own.getPrivate(), NO_PASSWORD, certificates.toArray(Certificate[]::new));
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, NO_PASSWORD);
        return managers;
    }

    /** When the connection ended, by {@link System#nanoTime}; waits for it. */
    public long awaitClosed() throws IOException, InterruptedException {
        try {
            return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException never) {
            throw new IOException("the connection of " + id + " was not closed", never);
        }
    }
}
