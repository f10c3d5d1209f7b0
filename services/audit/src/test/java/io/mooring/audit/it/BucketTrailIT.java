package io.mooring.audit.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;

/** The service with its trail in a bucket, played by moto, that is away for a while: first not there, then silent. */
class BucketTrailIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final String EPOCH = UUID.randomUUID().toString();

    @TempDir
    private Path folder;

    @Test
    void losesNothingWhileTheBucketIsAway() throws Exception {
        AwsTools.require();
        int port = freePort();
        String endpoint = "http://127.0.0.1:" + port;
        try (Devstack stack = Devstack.builder()
                        .with(Component.AUDIT)
                        .environment(
                                Component.AUDIT,
                                Map.of(
                                        "MOORING_AUDIT_DIGEST_EVERY",
                                        "10s",
                                        "MOORING_AUDIT_FOLDER",
                                        "",
                                        "MOORING_AUDIT_BUCKET_ENABLED",
                                        "true",
                                        "MOORING_AUDIT_BUCKET_ENDPOINT",
                                        endpoint,
                                        "MOORING_AUDIT_BUCKET_LOCK",
                                        "GOVERNANCE",
                                        "AWS_ACCESS_KEY_ID",
                                        "testing",
                                        "AWS_SECRET_ACCESS_KEY",
                                        "testing"))
                        .start();
                KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", stack.bootstrapServers()),
                        new StringSerializer(),
                        new ByteArraySerializer());
                S3Client s3 = S3Client.builder()
                        .region(Region.US_EAST_1)
                        .endpointOverride(URI.create(endpoint))
                        .forcePathStyle(true)
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .credentialsProvider(
                                StaticCredentialsProvider.create(AwsBasicCredentials.create("testing", "testing")))
                        .build()) {
            send(stack, producer, 1, 200);
            awaitTaken(stack, 200);
            Process moto = moto(port);
            try {
                await().atMost(PATIENCE)
                        .ignoreExceptions()
                        .untilAsserted(() -> s3.createBucket(
                                bucket -> bucket.bucket("mooring-audit").objectLockEnabledForBucket(true)));
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(numbers(s3)).hasSize(200));

                signal(moto, "STOP");
                send(stack, producer, 201, 300);
                awaitTaken(stack, 300);
                int deaths = stack.deaths(Component.AUDIT);
                stack.kill(Component.AUDIT);
                await().atMost(PATIENCE).until(() -> stack.deaths(Component.AUDIT) > deaths);
                signal(moto, "CONT");
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(numbers(s3)).hasSize(300));

                stack.awaitReady(Component.AUDIT);
                Instant since = Instant.now().truncatedTo(ChronoUnit.SECONDS);
                await().atMost(PATIENCE)
                        .until(() -> count(
                                        stack,
                                        "SELECT count(*) FROM audit.digest WHERE announced AND end_time > '" + since
                                                + "'")
                                > 0);
                AwsTools.Ended valid = new AwsTools(stack, key(stack), folder).validate();
                assertThat(valid.code()).as(valid.said()).isZero();
                assertThat(valid.said()).contains("log files valid").doesNotContain("INVALID");
                String object = s3.listObjectsV2(list -> list.bucket("mooring-audit"))
                        .contents()
                        .getFirst()
                        .key();
                assertThat(s3.headObject(head -> head.bucket("mooring-audit").key(object))
                                .objectLockMode())
                        .isEqualTo(ObjectLockMode.GOVERNANCE);
            } finally {
                moto.destroyForcibly();
                moto.waitFor();
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static Process moto(int port) throws IOException {
        return new ProcessBuilder("python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", Integer.toString(port))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    private static void signal(Process process, String name) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    private static void send(Devstack stack, KafkaProducer<String, byte[]> producer, int from, int to) {
        String topic = Topic.AUDIT_EVENT.name(stack.topicsPrefix());
        for (int number = from; number <= to; number++) {
            ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                    topic, "/services/provisioning", """
                    {"eventVersion":"1.11","userIdentity":{"type":"Operator","principalId":"kim","userName":"kim"},\
                    "eventTime":"2026-09-01T10:00:00Z","eventSource":"provisioning.mooring","eventName":"ClaimDevice",\
                    "sourceIPAddress":"127.0.0.1","requestParameters":{"id":"DEVICE%04d"},"responseElements":null,\
                    "additionalEventData":{"sequence":{"source":"/services/provisioning","epoch":"%s","number":%d}},\
                    "eventID":"%s","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,\
                    "eventCategory":"Management"}\
                    """.formatted(number, EPOCH, number, UUID.randomUUID())
                            .getBytes(StandardCharsets.UTF_8));
            record.headers().add("ce_cloud", "main".getBytes(StandardCharsets.US_ASCII));
            var _ = producer.send(record);
        }
        producer.flush();
    }

    private static void awaitTaken(Devstack stack, int records) {
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(SQLException.class)
                .untilAsserted(() -> assertThat(
                                count(stack, "SELECT count(*) FROM audit.event WHERE source = 'provisioning.mooring'"))
                        .isEqualTo(records));
    }

    /** The numbers of our records in the bucket's log files; each must be there once. */
    private static Set<Integer> numbers(S3Client s3) throws IOException {
        Set<Integer> numbers = new TreeSet<>();
        for (var object : s3.listObjectsV2(list -> list.bucket("mooring-audit")).contents()) {
            if (!object.key().contains("/CloudTrail/")) {
                continue;
            }
            byte[] packed = s3.getObjectAsBytes(
                            get -> get.bucket("mooring-audit").key(object.key()))
                    .asByteArray();
            JsonNode records = JSON.readTree(new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes())
                    .path("Records");
            for (JsonNode record : records) {
                JsonNode sequence = record.at("/additionalEventData/sequence");
                if (sequence.path("epoch").asText().equals(EPOCH)) {
                    assertThat(numbers.add(sequence.path("number").asInt()))
                            .as(sequence.toString())
                            .isTrue();
                }
            }
        }
        return numbers;
    }

    private static JsonNode key(Devstack stack) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create(
                                    "http://127.0.0.1:" + stack.ports().audit() + "/v1/access-keys"))
                            .header("Authorization", "Bearer " + stack.secrets().operatorToken())
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            return JSON.readTree(answer.body());
        }
    }

    private static long count(Devstack stack, String sql) throws SQLException {
        try (Connection connection = stack.connection("mooring_audit");
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
