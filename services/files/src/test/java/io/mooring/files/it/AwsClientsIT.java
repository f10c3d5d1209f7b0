package io.mooring.files.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.mooring.contracts.access.AccessKey;
import io.mooring.contracts.kafka.Topic;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** AWS' own clients with a device's keys: the CLI, boto3, the SDK for Java. */
class AwsClientsIT {
    private static final String DEVICE = "ABCDEF1234";
    private static final String NEIGHBOUR = "ABCDEF1235";
    private static final String REVOKED = "ABCDEF1236";
    private static final String CHANGED = "ABCDEF1237";
    private static final int LARGE = 20 * 1024 * 1024;

    private static TestFiles files;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start() throws Exception {
        files = TestFiles.start(Map.of("MOORING_FILES_LIMITS_OBJECT_BYTES", "67108864"));
        for (String device : List.of(DEVICE, NEIGHBOUR, REVOKED)) {
            files.registry(device, "active", TestFiles.SINCE);
        }
        files.registry(CHANGED, "active", TestFiles.SINCE);
        try (S3Client s3 = sdk(files.key(CHANGED))) {
            await().atMost(Duration.ofSeconds(20))
                    .ignoreExceptions()
                    .untilAsserted(() -> put(s3, CHANGED + "/first", "x"));
        }
    }

    @AfterAll
    static void stop() {
        if (files != null) {
            files.close();
        }
    }

    @Test
    void theCliCopiesUpListsAndCopiesDown() throws Exception {
        Tool.require("aws", "--version");
        AccessKey key = files.key(DEVICE);
        Path large = random("large.bin", LARGE);
        String object = "s3://main/" + DEVICE + "/a dir/large & +é.bin";

        done(aws(key, "s3", "cp", "--no-progress", large.toString(), object));
        assertThat(aws(key, "s3", "ls", "--recursive", "s3://main/" + DEVICE + "/")
                        .said())
                .contains("20971520 " + DEVICE + "/a dir/large & +é.bin");
        Path down = folder.resolve("down.bin");
        done(aws(key, "s3", "cp", "--no-progress", object, down.toString()));

        assertThat(Files.mismatch(large, down)).isEqualTo(-1);
        done(aws(key, "s3", "rm", object));
    }

    @Test
    void theCliIsRefusedWhatIsNotItsOwn() throws Exception {
        Tool.require("aws", "--version");
        AccessKey key = files.key(DEVICE);
        Path small = random("small.bin", 100);
        String theirs = "s3://main/" + NEIGHBOUR + "/x";

        assertThat(aws(key, "s3", "cp", small.toString(), theirs).said()).contains("(AccessDenied)");
        assertThat(aws(key, "s3", "ls", "s3://main/").said()).contains("(AccessDenied)");
        assertThat(aws(files.key(DEVICE, TestFiles.SINCE, Duration.ZERO), "s3", "ls", "s3://main/" + DEVICE + "/")
                        .said())
                .contains("(ExpiredToken)");
        files.registry(REVOKED, "released", Instant.now());
        AccessKey revoked = files.key(REVOKED);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(aws(revoked, "s3", "ls", "s3://main/" + REVOKED + "/")
                                .said())
                        .contains("(InvalidAccessKeyId)"));
        assertAudited("\"principalId\":\"" + DEVICE + "\"", "PutObject", "main/" + NEIGHBOUR + "/x", "AccessDenied");
    }

    @Test
    void theCliPresignsAndNobodyCanChangeOrKeepIt() throws Exception {
        Tool.require("aws", "--version");
        AccessKey key = files.key(DEVICE);
        try (S3Client s3 = sdk(key)) {
            put(s3, DEVICE + "/shared.txt", "shared");
        }
        String url = presigned(key, "300");
        String shortLived = presigned(key, "1");

        assertThat(get(url)).isEqualTo("200 shared");
        assertThat(get(url.replace("shared.txt", "other.txt"))).contains("403", "SignatureDoesNotMatch");
        assertThat(get(url.replace(DEVICE, NEIGHBOUR))).contains("403", "SignatureDoesNotMatch");
        assertThat(get(url.replace("X-Amz-Expires=300", "X-Amz-Expires=3000"))).contains("SignatureDoesNotMatch");
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(get(shortLived)).contains("403", "Request has expired"));
    }

    private String presigned(AccessKey key, String seconds) throws IOException {
        // Presigned by a client that reaches the service over plain HTTP, for the client here trusts no root of ours.
        Tool.Ended ended = Tool.run(
                files.environment(key),
                "aws",
                "--endpoint-url",
                files.http(),
                "s3",
                "presign",
                "--expires-in",
                seconds,
                "s3://main/" + DEVICE + "/shared.txt");
        assertThat(ended.code()).as(ended.said()).isZero();
        assertThat(ended.said()).contains("X-Amz-Signature");
        return ended.said().strip();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void boto3WritesReadsAndLists(boolean tls) throws Exception {
        Tool.require("python3", "-c", "import boto3");
        Path script = Path.of("src/test/resources/boto3_forms.py").toAbsolutePath();

        Tool.Ended ended = Tool.run(
                files.environment(files.key(DEVICE)),
                "python3",
                script.toString(),
                tls ? files.https() : files.http(),
                DEVICE,
                tls ? "tls" : "plain");

        assertThat(ended.code()).as(ended.said()).isZero();
        assertThat(ended.said()).endsWith("all is well\n");
    }

    @Test
    void theSdkForJavaSignsEveryChunk() throws Exception {
        byte[] content = Files.readAllBytes(random("chunks.bin", 1_000_003));
        try (S3Client s3 = sdk(files.key(DEVICE))) {
            s3.putObject(
                    put -> put.bucket("main")
                            .key(DEVICE + "/java/chunks.bin")
                            .contentType("application/x-mooring")
                            .metadata(Map.of("kind", "test"))
                            .checksumAlgorithm(ChecksumAlgorithm.SHA256),
                    RequestBody.fromBytes(content));
            var got = s3.getObjectAsBytes(get -> get.bucket("main").key(DEVICE + "/java/chunks.bin"));

            assertThat(got.asByteArray()).isEqualTo(content);
            assertThat(got.response().contentType()).isEqualTo("application/x-mooring");
            assertThat(got.response().metadata()).containsEntry("kind", "test");
            assertThat(s3.listObjectsV2(list -> list.bucket("main").prefix(DEVICE + "/java/"))
                            .contents())
                    .singleElement()
                    .satisfies(object -> assertThat(object.size()).isEqualTo(content.length));
        }
    }

    @Test
    void keysOfAnEarlierLifeAreWorthNothing() throws Exception {
        AccessKey before = files.key(CHANGED);
        Instant claimedAnew = Instant.now().minusSeconds(60);
        files.registry(CHANGED, "released", claimedAnew.minusSeconds(60));
        files.registry(CHANGED, "active", claimedAnew);

        try (S3Client old = sdk(before);
                S3Client fresh = sdk(files.key(CHANGED, claimedAnew, Duration.ofHours(1)))) {
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () -> assertThat(refusal(old, CHANGED + "/first")).isEqualTo("InvalidAccessKeyId"));
            put(fresh, CHANGED + "/x", "mine");
        }
        files.registry(CHANGED, null, claimedAnew);
        try (S3Client gone = sdk(files.key(CHANGED, claimedAnew, Duration.ofHours(1)))) {
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () -> assertThat(refusal(gone, CHANGED + "/x")).isEqualTo("InvalidAccessKeyId"));
        }
    }

    @Test
    void objectsHaveALimit() throws Exception {
        try (S3Client s3 = sdk(files.key(NEIGHBOUR))) {
            assertThatExceptionOfType(S3Exception.class)
                    .isThrownBy(() -> s3.putObject(
                            put -> put.bucket("main").key(NEIGHBOUR + "/large"),
                            RequestBody.fromBytes(new byte[67_108_865])))
                    .satisfies(refused -> assertThat(refused.statusCode()).isEqualTo(400));
        }
    }

    private static String refusal(S3Client s3, String key) {
        try {
            s3.getObjectAsBytes(get -> get.bucket("main").key(key));
            return "";
        } catch (S3Exception refused) {
            return refused.awsErrorDetails().errorCode();
        }
    }

    private static void put(S3Client s3, String key, String text) {
        s3.putObject(put -> put.bucket("main").key(key), RequestBody.fromString(text));
    }

    private static S3Client sdk(AccessKey key) {
        return S3Client.builder()
                .endpointOverride(URI.create(files.http()))
                .forcePathStyle(true)
                .region(Region.of(TestFiles.REGION))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .credentialsProvider(StaticCredentialsProvider.create(
                        AwsSessionCredentials.create(key.id(), key.secret(), key.sessionToken())))
                .build();
    }

    private static String get(String url) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            var answer = http.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        }
    }

    private static void assertAudited(String... parts) {
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", files.stack().bootstrapServers(),
                        "group.id", UUID.randomUUID().toString(),
                        "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(Topic.AUDIT_EVENT.name(files.stack().topicsPrefix())));
            List<String> seen = new ArrayList<>();
            await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                consumer.poll(Duration.ofMillis(300))
                        .forEach(record -> seen.add(new String(record.value(), StandardCharsets.UTF_8)));
                assertThat(seen).anySatisfy(event -> assertThat(event).contains(parts));
            });
        }
    }

    private Path random(String name, int size) throws IOException {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return Files.write(folder.resolve(name), bytes);
    }

    private static void done(Tool.Ended ended) {
        assertThat(ended.code()).as(ended.said()).isZero();
    }

    private static Tool.Ended aws(AccessKey key, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("aws", "--endpoint-url", files.https()));
        command.addAll(List.of(arguments));
        return Tool.run(files.environment(key), command.toArray(String[]::new));
    }
}
