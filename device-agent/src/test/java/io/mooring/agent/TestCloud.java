package io.mooring.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3AsyncClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import com.hivemq.client.mqtt.mqtt3.message.publish.Mqtt3Publish;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.mooring.agent.cloud.CloudSide;
import io.mooring.agent.db.Values;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import io.mooring.contracts.sync.StreamPosition;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The other side of the protocol, following a script: a cloud that claims, certifies, merges in memory
 * and can be told to misbehave. Every device has rows of its own.
 */
final class TestCloud implements AutoCloseable {
    static final String PRODUCT_TOKEN = "product-token";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    final TestAuthority authority = new TestAuthority();
    final TestBroker broker;
    final Path authorityFile;
    /** Every message of changes, as it came. */
    final List<ObjectNode> changes = new CopyOnWriteArrayList<>();
    /** The times that devices asked from. */
    final List<String> catchUps = new CopyOnWriteArrayList<>();
    /** Paths that were requested. */
    final List<String> requests = new CopyOnWriteArrayList<>();

    final AtomicInteger acknowledgementsToLose = new AtomicInteger();
    final AtomicInteger pollsBeforeClaim = new AtomicInteger();
    final AtomicInteger blocks = new AtomicInteger();
    volatile boolean answersCatchUp = true;
    volatile boolean online = true;
    volatile String account = "main";
    volatile String refusedKey = "";
    /** How long certificates live. */
    volatile Duration life = Duration.ofDays(1);
    /** How long access keys do. */
    volatile Duration accessKeyLife = Duration.ofHours(1);
    /** Whether an expired device may come back by itself. */
    volatile boolean inGrace = true;
    /** Whether the broker lets nobody in by a certificate that is issued from now on. */
    volatile boolean refusesNewCertificates;
    /** Devices that were given a new certificate for showing that they had the old one. */
    final List<String> renewed = new CopyOnWriteArrayList<>();

    private final Map<String, List<X509Certificate>> issued = new ConcurrentHashMap<>();

    private final Map<String, Map<String, RowState<JsonNode>>> rows = new ConcurrentHashMap<>();
    private final Map<String, String> models = new ConcurrentHashMap<>();
    private final Map<String, String> tokens = new ConcurrentHashMap<>();
    private final Map<String, Map<String, Long>> index = new ConcurrentHashMap<>();
    private final HttpsServer http;
    private Mqtt3AsyncClient client;
    private long position;

    TestCloud(Path folder) throws IOException, GeneralSecurityException {
        broker = new TestBroker(folder.resolve("broker"), authority);
        authorityFile = folder.resolve("ca.pem");
        Files.writeString(authorityFile, TestAuthority.pem(authority.root));
        http = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        http.setHttpsConfigurator(new HttpsConfigurator(authority.serverContext()));
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", this::serve);
        http.start();
        client = connect();
    }

    /** Behaves again, and remembers no messages. */
    void reset() {
        changes.clear();
        catchUps.clear();
        requests.clear();
        acknowledgementsToLose.set(0);
        pollsBeforeClaim.set(0);
        blocks.set(0);
        answersCatchUp = true;
        online = true;
        account = "main";
        refusedKey = "";
        life = Duration.ofDays(1);
        accessKeyLife = Duration.ofHours(1);
        inGrace = true;
        refusesNewCertificates = false;
        renewed.clear();
        logged.clear();
        measured.clear();
        broker.refused.clear();
        broker.refusedCertificates.clear();
        broker.admitted.clear();
        broker.basicIngest.clear();
    }

    String url() {
        return "https://localhost:" + http.getAddress().getPort();
    }

    private Mqtt3AsyncClient connect() throws IOException, GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(authority.identity("CN=cloud"), TestAuthority.PASSWORD);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(authority.trust());
        Mqtt3AsyncClient made = Mqtt3Client.builder()
                .identifier("cloud")
                .serverHost("localhost")
                .serverPort(broker.port)
                .sslConfig(MqttClientSslConfig.builder()
                        .keyManagerFactory(keys)
                        .trustManagerFactory(trust)
                        .build())
                .buildAsync();
        made.connect().join();
        made.subscribeWith()
                .topicFilter("ioto/service/#")
                .qos(MqttQos.AT_LEAST_ONCE)
                .callback(this::heard)
                .send()
                .join();
        return made;
    }

    /** The broker was restarted: the cloud comes back, too. */
    void reconnect() throws IOException, GeneralSecurityException {
        client = connect();
    }

    // requests

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            requests.add(path);
            String token = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            ObjectNode body = (ObjectNode) JSON.readTree(exchange.getRequestBody());
            ObjectNode reply = JSON.createObjectNode();
            int status = switch (path) {
                case "/device/register" -> register(token, body, reply);
                case "/tok/device/provision" -> provision(token, body, reply);
                case "/tok/device/getCreds" -> accessKey(token, reply);
                default -> 404;
            };
            byte[] bytes = JSON.writeValueAsBytes(reply);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private int register(String token, ObjectNode body, ObjectNode reply) {
        if (!token.equals("bearer " + PRODUCT_TOKEN)) {
            reply.put("error", "unknown product");
            return 401;
        }
        reply.put("registered", true);
        if (pollsBeforeClaim.getAndDecrement() <= 0) {
            String made = "token-" + body.path("id").asText() + "-" + requests.size();
            tokens.put(body.path("id").asText(), made);
            reply.put("api", url()).put("token", made).put("cloudName", "main").put("cloudType", "dedicated");
        }
        return 200;
    }

    private int provision(String token, ObjectNode body, ObjectNode reply) {
        String id = body.path("id").asText();
        if (!token.equals("bearer " + tokens.get(id))) {
            reply.put("error", "unknown device");
            return 401;
        }
        if (blocks.getAndDecrement() > 0) {
            reply.put("error", "blocked").put("delay", 1);
            return 200;
        }
        if (body.has("renewal") && !isExpired(id) && !isProved(id, body)) {
            reply.put("error", "this device has no such certificate");
            return 403;
        }
        if (isExpired(id) && (!inGrace || !isProved(id, body))) {
            reply.put("error", "the certificate expired: release the device and claim it anew");
            return 403;
        }
        try {
            X509Certificate certificate;
            if (body.has("csr")) {
                if (body.has("renewal") && isProved(id, body)) {
                    renewed.add(id);
                }
                certificate = authority.signRequest(body.path("csr").asText(), id, life);
            } else {
                KeyPair keys = TestAuthority.newKeys();
                certificate = authority.sign("CN=" + id, keys.getPublic());
                reply.put("key", TestAuthority.pem(keys.getPrivate()));
            }
            issued.computeIfAbsent(id, device -> new CopyOnWriteArrayList<>()).add(certificate);
            if (refusesNewCertificates) {
                broker.refusedCertificates.add(certificate.getSerialNumber());
            }
            reply.put("accountId", account).put("id", id).put("thing", "thing-" + id);
            reply.put("certificate", TestAuthority.pem(certificate));
            reply.put("authority", TestAuthority.pem(authority.root));
            reply.put("endpoint", "localhost").put("port", broker.port).put("expires", "2099-01-01T00:00:00.000Z");
            return 200;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int accessKey(String token, ObjectNode reply) {
        if (tokens.values().stream().noneMatch(known -> token.equals("bearer " + known))) {
            reply.put("error", "unknown device");
            return 401;
        }
        reply.put("accessKeyId", "KEY" + requests.size()).put("secretAccessKey", "secret");
        reply.put("sessionToken", "session of " + token).put("region", "local-1");
        reply.put("expires", Instant.now().plus(accessKeyLife).toString());
        return 200;
    }

    /** The last certificate that a device was given, be it that it never came to use it. */
    X509Certificate lastIssued(String id) {
        return Objects.requireNonNull(issued.get(id), "it was given none").getLast();
    }

    private boolean isExpired(String id) {
        List<X509Certificate> all = issued.getOrDefault(id, List.of());
        return !all.isEmpty() && all.getLast().getNotAfter().toInstant().isBefore(Instant.now());
    }

    private boolean isProved(String id, JsonNode body) {
        try {
            byte[] request =
                    Base64.getMimeDecoder().decode(body.path("csr").asText().replaceAll("-----[A-Z ]+-----", ""));
            for (X509Certificate old : issued.getOrDefault(id, List.of())) {
                String fingerprint = HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(old.getEncoded()));
                if (fingerprint.equals(body.path("renewal").path("fingerprint").asText())) {
                    Signature signature = Signature.getInstance("SHA256withECDSA");
                    signature.initVerify(old.getPublicKey());
                    signature.update(request);
                    return signature.verify(Base64.getDecoder()
                            .decode(body.path("renewal").path("signature").asText()));
                }
            }
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Lists none of a device's certificates any more, as if it had had others since. */
    void forgetCertificates(String device) {
        List<X509Certificate> all = issued.remove(device);
        if (all != null) {
            all.forEach(certificate -> broker.refusedCertificates.add(certificate.getSerialNumber()));
        }
    }

    /** Forgets that a device was ever claimed. */
    void forget(String device) {
        tokens.remove(device);
    }

    /** A device changes hands: its rows stay with whoever had it. */
    synchronized void forgetRows(String device) {
        rows.remove(device);
        index.remove(device);
    }

    // messages

    /** What devices answered that were asked. */
    final List<String> answers = new java.util.concurrent.CopyOnWriteArrayList<>();

    private synchronized void heard(Mqtt3Publish publish) {
        if (!online) {
            return;
        }
        String[] levels = publish.getTopic().toString().split("/", 4);
        if (levels[3].startsWith("store/get/")) {
            tell(levels[2], levels[3], "42");
            return;
        }
        if (levels[3].equals("log/batch")) {
            logged(levels[2], publish.getPayloadAsBytes());
            return;
        }
        if (levels[3].equals("metric/batch")) {
            measured(levels[2], publish.getPayloadAsBytes());
            return;
        }
        if (levels[3].startsWith("answer/")) {
            answers.add(levels[3] + " " + new String(publish.getPayloadAsBytes(), StandardCharsets.UTF_8));
            return;
        }
        try {
            ObjectNode message = (ObjectNode) JSON.readTree(publish.getPayloadAsBytes());
            switch (levels[3]) {
                case "db/syncToDynamo" -> changes(levels[2], message);
                case "db/syncDown" ->
                    catchUp(levels[2], message.path("timestamp").asText());
                default -> throw new IllegalStateException(publish.getTopic().toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The lines that devices logged. */
    final List<JsonNode> logged = new java.util.concurrent.CopyOnWriteArrayList<>();

    private void logged(String device, byte[] batch) {
        JsonNode json = unpacked(batch);
        take(device, json, "lines", logged);
        acknowledge(device, "log/batch", json, "lines");
    }

    /** The entries of batches of points: a series each, with its values. */
    final List<JsonNode> measured = new java.util.concurrent.CopyOnWriteArrayList<>();

    private void measured(String device, byte[] batch) {
        JsonNode json = unpacked(batch);
        take(device, json, "points", measured);
        acknowledge(device, "metric/batch", json, "points");
    }

    private final Set<String> batches = ConcurrentHashMap.newKeySet();

    /** Once, however often it comes: one whose answer got lost is sent again. */
    private void take(String device, JsonNode batch, String entries, List<JsonNode> to) {
        if (batches.add(device + entries + batch.path("id").asText())) {
            batch.path(entries).forEach(to::add);
        }
    }

    private void acknowledge(String device, String tail, JsonNode batch, String entries) {
        tell(
                device,
                tail,
                JSON.createObjectNode()
                        .put("id", batch.path("id").asText())
                        .put("taken", batch.path(entries).size())
                        .put("refused", 0));
    }

    /** A batch as services read it: gzip if it begins so. */
    static JsonNode unpacked(byte[] batch) {
        try (InputStream plain = new ByteArrayInputStream(batch);
                InputStream in = batch[0] == '{' ? plain : new GZIPInputStream(plain)) {
            return JSON.readTree(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void changes(String device, ObjectNode message) {
        changes.add(message);
        ObjectNode answer =
                JSON.createObjectNode().put("seq", message.path("seq").longValue());
        List<String> standing = new ArrayList<>();
        for (JsonNode change : message.path("changes")) {
            String key = change.path("key").asText();
            answer.withArray("keys").add(key);
            if (key.equals(refusedKey)) {
                answer.withArray("refused").addObject().put("key", key).put("code", "foreign-row");
                continue;
            }
            models.put(key, change.path("item").path("_type").asText());
            RowState<JsonNode> written = CloudSide.read(device, change);
            RowState<JsonNode> merged = row(device, key).mergedWith(written, Values.ORDER);
            put(device, key, merged);
            if (!written.prevailsIn(merged)) {
                standing.add(key);
            }
        }
        if (acknowledgementsToLose.getAndDecrement() <= 0) {
            tell(device, "sync/SYNC", answer);
        }
        standing.forEach(key -> send(device, key, "UPSERT"));
    }

    private void catchUp(String device, String from) {
        catchUps.add(from);
        if (!answersCatchUp) {
            return;
        }
        long since = StreamPosition.parse(from).map(StreamPosition::offset).orElse(-1L);
        index.getOrDefault(device, Map.of()).forEach((key, at) -> {
            if (at > since) {
                send(device, key, "UPSERT");
            }
        });
        tell(device, "sync/SYNCDOWN", JSON.createObjectNode().put("updated", here()));
    }

    synchronized String here() {
        return new StreamPosition(1, position).toString();
    }

    synchronized RowState<JsonNode> row(String device, String key) {
        return rows.getOrDefault(device, Map.of()).getOrDefault(key, RowState.absent());
    }

    synchronized Map<String, RowState<JsonNode>> rows(String device) {
        return new TreeMap<>(rows.getOrDefault(device, Map.of()));
    }

    private void put(String device, String key, RowState<JsonNode> row) {
        rows.computeIfAbsent(device, d -> new ConcurrentHashMap<>()).put(key, row);
        index.computeIfAbsent(device, d -> new ConcurrentHashMap<>()).put(key, ++position);
    }

    /** Somebody in the cloud writes some fields of a device's row. */
    synchronized void write(String device, String model, String key, Map<String, ?> values) {
        HybridTimestamp at = after(row(device, key));
        Map<String, HybridTimestamp> clocks = new HashMap<>();
        SortedMap<String, JsonNode> json = new TreeMap<>();
        values.forEach((field, value) -> {
            clocks.put(field, at);
            json.put(field, JSON.valueToTree(value));
        });
        models.put(key, model);
        put(device, key, row(device, key).mergedWith(new RowState<>(RowClock.of(clocks), json), Values.ORDER));
        if (online) {
            send(device, key, "MODIFY");
        }
    }

    /** Somebody in the cloud removes a device's row. */
    synchronized void remove(String device, String key) {
        put(device, key, row(device, key).mergedWith(RowState.removed(after(row(device, key))), Values.ORDER));
        if (online) {
            send(device, key, "REMOVE");
        }
    }

    private static HybridTimestamp after(RowState<JsonNode> row) {
        HybridTimestamp latest = row.clock().latest();
        long now = System.currentTimeMillis();
        return latest == null || latest.millis() < now
                ? new HybridTimestamp(now, 0, HybridTimestamp.CLOUD)
                : new HybridTimestamp(latest.millis(), latest.counter() + 1, HybridTimestamp.CLOUD);
    }

    private void send(String device, String key, String tail) {
        RowState<JsonNode> row = row(device, key);
        tell(
                device,
                "sync/" + (row.clock().isLive() ? tail : "REMOVE"),
                CloudSide.write(models.getOrDefault(key, ""), key, row));
    }

    void tell(String device, String tail, JsonNode message) {
        tell(device, tail, message.toString());
    }

    void tell(String device, String tail, @Nullable String payload) {
        var _ = client.publishWith()
                .topic("ioto/device/" + device + "/" + tail)
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(String.valueOf(payload).getBytes(StandardCharsets.UTF_8))
                .send();
    }

    @Override
    public void close() {
        http.stop(0);
        client.disconnect().exceptionally(e -> null).join();
        broker.close();
    }
}
