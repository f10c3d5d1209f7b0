package io.mooring.audit.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.audit.cli.VerifyMain;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import io.mooring.devstack.launcher.DevstackBuilder;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The service against real Kafka and PostgreSQL; the test is the one source of records beside the service itself. */
final class AuditedCloud implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A signing key takes the code of a brief cloud's JVM four seconds of a processor on average, and ten now and then: beside
     * the tests of other modules that has been more than a minute.
     */
    static final Duration PATIENCE = Duration.ofMinutes(3);

    private final Devstack stack;
    private final KafkaProducer<String, byte[]> producer;
    private final HttpClient client = HttpClient.newHttpClient();
    private final String epoch = UUID.randomUUID().toString();
    private final Path folder;

    private AuditedCloud(Devstack stack, Path folder) {
        this.stack = stack;
        this.folder = folder;
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", stack.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    /**
     * Starts one.
     *
     * @param folder for what is made on the way
     * @param environment the service's
     */
    static AuditedCloud start(Path folder, Map<String, String> environment) {
        return start(folder, environment, Devstack.builder().brief());
    }

    /** Starts one whose JVMs compile well: it makes keys at four times the speed. */
    static AuditedCloud startThatMakesKeys(Path folder, Map<String, String> environment) {
        return start(folder, environment, Devstack.builder());
    }

    private static AuditedCloud start(Path folder, Map<String, String> environment, DevstackBuilder cloud) {
        return new AuditedCloud(
                cloud.with(Component.AUDIT)
                        .environment(Component.AUDIT, environment)
                        .start(),
                folder);
    }

    @Override
    public void close() {
        producer.close();
        stack.close();
        client.close();
    }

    Devstack stack() {
        return stack;
    }

    /** Of the numbers of the test's records. */
    String epoch() {
        return epoch;
    }

    KafkaProducer<String, byte[]> producer() {
        return producer;
    }

    /** Kills the service; done when the launcher knows. */
    void kill() throws Exception {
        int deaths = stack.deaths(Component.AUDIT);
        stack.kill(Component.AUDIT);
        await().atMost(PATIENCE).until(() -> stack.deaths(Component.AUDIT) > deaths);
    }

    /** Sends the records of these numbers, both included; done when Kafka has them. */
    void send(int from, int to) {
        for (int number = from; number <= to; number++) {
            send(number);
        }
        producer.flush();
    }

    /** Sends a record; the same for the same number. */
    void send(int number) {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(topic(), "/services/provisioning", record(number, "kim"));
        record.headers().add("ce_cloud", "main".getBytes(StandardCharsets.US_ASCII));
        var _ = producer.send(record);
    }

    byte[] record(int number, String who) {
        return """
            {"eventVersion":"1.11","userIdentity":{"type":"Operator","principalId":"%s","userName":"%s"},\
            "eventTime":"2026-09-01T10:00:00Z","eventSource":"provisioning.mooring","eventName":"ClaimDevice",\
            "sourceIPAddress":"127.0.0.1","requestParameters":{"id":"DEVICE%04d"},"responseElements":null,\
            "additionalEventData":{"sequence":{"source":"/services/provisioning","epoch":"%s","number":%d}},\
            "eventID":"%s","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,\
            "eventCategory":"Management"}\
            """.formatted(who, who, number, epoch, number, new UUID(42, number))
                .getBytes(UTF_8);
    }

    String topic() {
        return Topic.AUDIT_EVENT.name(stack.topicsPrefix());
    }

    /** Waits until so many of the test's records were taken in. */
    void awaitTaken(int records) {
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(SQLException.class)
                .untilAsserted(() -> assertThat(taken()).isEqualTo(records));
    }

    /** How many of the test's records were taken in. */
    long taken() throws SQLException {
        return count("SELECT count(*) FROM audit.event WHERE source = 'provisioning.mooring'");
    }

    /** Waits until all that was taken until now is in a digest. */
    void awaitArchived() {
        Instant since = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(count(
                                "SELECT count(*) FROM audit.digest WHERE announced AND end_time > '" + since + "'"))
                        .isPositive());
    }

    /** What the service counts of a source's records. */
    JsonNode source(String ofEpoch) throws Exception {
        for (JsonNode source : get("/v1/audit/status").path("sources")) {
            if (source.path("epoch").asText().equals(ofEpoch)) {
                return source;
            }
        }
        return JSON.createObjectNode();
    }

    /** The trail's folder. */
    Path trail() {
        return stack.dataDir().resolve("audit");
    }

    /** What our verifier says of the trail, against what the database and Kafka know. */
    JsonNode verify(String... options) throws Exception {
        List<String> all = new ArrayList<>(List.of(
                "--folder",
                trail().toString(),
                "--keys",
                saved("/v1/audit/keys").toString(),
                "--heads",
                saved("/v1/audit/heads").toString(),
                "--kafka",
                stack.bootstrapServers(),
                "--topic",
                Topic.AUDIT_DIGEST.name(stack.topicsPrefix())));
        all.addAll(List.of(options));
        return verifier(all);
    }

    /** The same with these options alone: all of {@code ./mooring audit verify} but its process. */
    static JsonNode verifier(List<String> options) throws Exception {
        List<String> arguments = new ArrayList<>(options);
        arguments.add("--json");
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        int code = VerifyMain.run(
                arguments.toArray(String[]::new),
                new PrintStream(said, true, UTF_8),
                new PrintStream(complained, true, UTF_8));
        assertThat(code).as(complained.toString(UTF_8)).isBetween(0, 1);
        return JSON.readTree(said.toByteArray());
    }

    /** The codes of what was found. */
    static List<String> codes(JsonNode verdict) {
        List<String> codes = new ArrayList<>();
        verdict.path("findings")
                .forEach(finding -> codes.add(finding.path("code").asText()));
        return codes;
    }

    /** An answer of the service's, as a new file. */
    Path saved(String path) throws Exception {
        return Files.writeString(
                Files.createTempFile(folder, "saved", ".json"), get(path).toString());
    }

    /** AWS' own tools, with an access key of the operator's. */
    AwsTools aws() throws Exception {
        return new AwsTools(stack, post("/v1/access-keys", 200), folder);
    }

    String url() {
        return "http://127.0.0.1:" + stack.ports().audit();
    }

    JsonNode get(String path) throws Exception {
        return JSON.readTree(text(path, token(), 200));
    }

    JsonNode post(String path, int status) throws Exception {
        return JSON.readTree(answer(
                HttpRequest.newBuilder(URI.create(url() + path)).POST(HttpRequest.BodyPublishers.noBody()),
                token(),
                status));
    }

    String text(String path, String bearer, int status) throws Exception {
        return answer(HttpRequest.newBuilder(URI.create(url() + path)), bearer, status);
    }

    private String answer(HttpRequest.Builder request, String bearer, int status) throws Exception {
        HttpResponse<String> answer = client.send(
                request.header("Authorization", "Bearer " + bearer).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return answer.body();
    }

    String token() {
        return stack.secrets().operatorToken();
    }

    long count(String sql) throws SQLException {
        try (Connection connection = stack.connection("mooring_audit");
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    void sql(String sql) throws SQLException {
        try (Connection connection = stack.connection("mooring_audit");
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    /** Makes the database, while the service is stopped, what a backup of when this digest was the last would hold. */
    void setBack(Instant lastDigest) throws SQLException {
        sql("DELETE FROM audit.event WHERE place > coalesce((SELECT max(last) FROM audit.log_file f JOIN audit.digest d"
                + " ON d.id = f.digest WHERE d.end_time <= '" + lastDigest + "'), 0)");
        sql("DELETE FROM audit.log_file WHERE digest IS NULL OR digest IN"
                + " (SELECT id FROM audit.digest WHERE end_time > '" + lastDigest + "')");
        sql("DELETE FROM audit.digest WHERE end_time > '" + lastDigest + "'");
        sql("UPDATE audit.tail SET last = (SELECT coalesce(max(place), 0) FROM audit.event)");
        sql("DELETE FROM audit.position");
        sql("DELETE FROM audit.source");
        sql("""
            INSERT INTO audit.source (source, epoch, seen, first_at, last_at)
            SELECT sequence ->> 'source', sequence ->> 'epoch', range_agg(int8range(n, n + 1)), now(), now()
            FROM audit.event, LATERAL (SELECT convert_from(record, 'UTF8')::jsonb #> '{additionalEventData,sequence}') s (sequence),
              LATERAL (SELECT (sequence ->> 'number')::bigint) numbers (n)
            GROUP BY 1, 2
            """);
    }
}
