package io.mooring.audit.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.audit.core.Digest;
import io.mooring.audit.core.Gzip;
import io.mooring.audit.core.Signed;
import io.mooring.audit.core.SigningKey;
import io.mooring.audit.core.TrailLayout;
import io.mooring.audit.core.TrailPublicKey;
import io.mooring.audit.db.ArchiveStore;
import io.mooring.audit.db.KeyStore;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Ports;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ObjectLockMode;
import software.amazon.awssdk.services.s3.model.S3Object;

/** The service with its trail in a bucket, played by moto, that is away: not there for hours, then silent for a while. */
class BucketTrailIT {
    private static final Duration PATIENCE = AuditedCloud.PATIENCE;
    private static final String BUCKET = "mooring-audit";
    private static final TrailLayout LAYOUT = new TrailLayout("000000000000", "local-1", "mooring-trail", BUCKET, "");

    /** More than this many wait in Kafka. */
    private static final int ROOM = 200;

    /** After how long Kafka gives up a consumer that does not poll; the shortest that its broker allows. */
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(6);

    @TempDir
    private Path folder;

    private String endpoint = "";
    private int port;
    private S3Client s3;
    private AuditedCloud audit;

    @BeforeEach
    void start() throws Exception {
        AwsTools.require();
        port = Ports.anyFree();
        endpoint = "http://127.0.0.1:" + port;
        s3 = S3Client.builder()
                .region(Region.US_EAST_1)
                .endpointOverride(URI.create(endpoint))
                .forcePathStyle(true)
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("testing", "testing")))
                .build();
        String pollMillis = Long.toString(POLL_INTERVAL.toMillis());
        audit = AuditedCloud.start(
                folder,
                Map.ofEntries(
                        Map.entry("MOORING_AUDIT_DIGEST_EVERY", "10s"),
                        Map.entry("MOORING_AUDIT_FOLDER", ""),
                        Map.entry("MOORING_AUDIT_BUCKET_ENABLED", "true"),
                        Map.entry("MOORING_AUDIT_BUCKET_ENDPOINT", endpoint),
                        Map.entry("MOORING_AUDIT_BUCKET_LOCK", "GOVERNANCE"),
                        Map.entry("MOORING_AUDIT_LIMITS_WAITING", Integer.toString(ROOM)),
                        Map.entry("MP_MESSAGING_INCOMING_EVENTS_MAX_POLL_INTERVAL_MS", pollMillis),
                        Map.entry("MP_MESSAGING_INCOMING_EVENTS_SESSION_TIMEOUT_MS", pollMillis),
                        Map.entry("AWS_ACCESS_KEY_ID", "testing"),
                        Map.entry("AWS_SECRET_ACCESS_KEY", "testing")));
    }

    @AfterEach
    void stop() {
        audit.close();
        s3.close();
    }

    @Test
    void losesNothingWhileTheBucketIsAway() throws Exception {
        Signed last = lastDigestOf(Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(Duration.ofMinutes(205)));
        audit.send(1, ROOM);
        audit.awaitTaken(ROOM);
        // Taken in one a minute, for more than three hours.
        audit.sql("UPDATE audit.event SET taken = taken - (" + (ROOM + 1) + " - place) * interval '1 minute'");
        audit.send(ROOM + 1, 300);
        await().during(POLL_INTERVAL.plusSeconds(2)).atMost(PATIENCE).until(() -> audit.taken() == ROOM && isPolling());

        Process moto = moto(port);
        try {
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() ->
                            s3.createBucket(bucket -> bucket.bucket(BUCKET).objectLockEnabledForBucket(true)));
            put(last);
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(numbers()).hasSize(300));

            signal(moto, "STOP");
            audit.send(301, 400);
            audit.awaitTaken(400);
            audit.kill();
            signal(moto, "CONT");
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(numbers()).hasSize(400));

            audit.stack().awaitReady(Component.AUDIT);
            audit.awaitArchived();
            isSeenByAws(last.digest().end());
            isWhole();
            String object = objects().getLast();
            assertThat(s3.headObject(head -> head.bucket(BUCKET).key(object)).objectLockMode())
                    .isEqualTo(ObjectLockMode.GOVERNANCE);
        } finally {
            moto.destroyForcibly();
            moto.waitFor();
        }
    }

    /** To our verifier, by a copy of the bucket; stops the service, which goes on making digests. */
    private void isWhole() throws Exception {
        Path keys = audit.saved("/v1/audit/keys");
        Path heads = audit.saved("/v1/audit/heads");
        audit.stack().stop(Component.AUDIT);
        Path copy = folder.resolve("copy");
        for (String object : objects()) {
            Path file = copy.resolve(object);
            Files.createDirectories(file.getParent());
            Files.write(file, bytes(object));
        }
        JsonNode verdict = AuditedCloud.verifier(List.of(
                "--folder", copy.toString(),
                "--keys", keys.toString(),
                "--heads", heads.toString(),
                "--kafka", audit.stack().bootstrapServers(),
                "--topic", Topic.AUDIT_DIGEST.name(audit.stack().topicsPrefix())));
        assertThat(AuditedCloud.codes(verdict)).as(verdict.toString()).isEmpty();
        assertThat(verdict.path("records").asInt()).isGreaterThanOrEqualTo(400);
    }

    /** As a whole, and each hour of those that were missed by itself. */
    private void isSeenByAws(Instant last) throws Exception {
        AwsTools aws = audit.aws();
        AwsTools.Ended valid = aws.validate();
        assertThat(valid.code()).as(valid.said()).isZero();
        assertThat(valid.said())
                .containsPattern("(\\d+)/\\1 digest files valid")
                .doesNotContain("INVALID");
        for (int hour = 0; hour < 3; hour++) {
            Instant from = last.plus(Duration.ofMinutes(60L * hour + 5));
            AwsTools.Ended within = aws.validate(from, from.plus(Duration.ofMinutes(5)));
            assertThat(within.code()).as(within.said()).isZero();
            assertThat(within.said()).contains("1/1 digest files valid", "1/1 log files valid");
        }
    }

    /** The digest that this database signed before it lost sight of the bucket, so that no test has to wait for hours. */
    private Signed lastDigestOf(Instant end) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair pair = generator.generateKeyPair();
        TrailPublicKey open = TrailPublicKey.of((RSAPublicKey) pair.getPublic(), end, end);
        Digest digest = new Digest(
                LAYOUT.account(),
                end.minusSeconds(1),
                end,
                BUCKET,
                LAYOUT.digestKey(end),
                open.fingerprint(),
                null,
                List.of());
        Signed signed = Signed.of(digest, new SigningKey(open, pair.getPrivate()));
        try (Connection connection = audit.stack().connection("mooring_audit")) {
            KeyStore.adopt(connection, open);
            ArchiveStore.add(connection, digest, signed.head(), signed.document(), List.of(), true);
        }
        return signed;
    }

    private void put(Signed signed) {
        Map<String, String> metadata =
                Map.of("signature", signed.head().signature(), "signature-algorithm", Digest.SIGNATURE_ALGORITHM);
        s3.putObject(
                put -> put.bucket(BUCKET).key(signed.digest().object()).metadata(metadata),
                RequestBody.fromBytes(Gzip.pack(signed.document())));
        s3.putObject(
                put -> put.bucket(BUCKET)
                        .key(LAYOUT.signatureKey(signed.digest().end())),
                RequestBody.fromBytes(signed.head().signature().getBytes(StandardCharsets.US_ASCII)));
    }

    /** Whether Kafka still counts on the service: one that did not poll for too long is put out of its group. */
    private boolean isPolling() throws Exception {
        String group = audit.stack().topicsPrefix() + "-audit";
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", audit.stack().bootstrapServers()))) {
            return admin.describeConsumerGroups(List.of(group)).all().get().values().stream()
                    .noneMatch(known -> known.members().isEmpty());
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

    private List<String> objects() {
        return s3.listObjectsV2(list -> list.bucket(BUCKET)).contents().stream()
                .map(S3Object::key)
                .toList();
    }

    private byte[] bytes(String object) {
        return s3.getObjectAsBytes(get -> get.bucket(BUCKET).key(object)).asByteArray();
    }

    /** The numbers of our records in the bucket's log files; each must be there once. */
    private Set<Integer> numbers() throws IOException {
        Set<Integer> numbers = new TreeSet<>();
        for (String object : objects()) {
            if (!object.contains("/CloudTrail/")) {
                continue;
            }
            JsonNode records = AuditedCloud.JSON
                    .readTree(new GZIPInputStream(new ByteArrayInputStream(bytes(object))).readAllBytes())
                    .path("Records");
            for (JsonNode record : records) {
                JsonNode sequence = record.at("/additionalEventData/sequence");
                if (sequence.path("epoch").asText().equals(audit.epoch())) {
                    assertThat(numbers.add(sequence.path("number").asInt()))
                            .as(sequence.toString())
                            .isTrue();
                }
            }
        }
        return numbers;
    }
}
