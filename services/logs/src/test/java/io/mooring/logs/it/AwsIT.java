package io.mooring.logs.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.access.AccessGrant;
import io.mooring.contracts.access.AccessKey;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.cloudwatchlogs.model.OutputLogEvent;
import software.amazon.awssdk.services.s3.S3Client;

/** AWS' own client is let in with a device's keys, and AWS, as moto plays it, gets all lines. */
class AwsIT {
    private static final Cloud CLOUD = Cloud.get();

    /** Moto is slow to start, and so are its answers. */
    private static final Duration SOON = Duration.ofSeconds(120);

    @TempDir
    private Path folder;

    private static Tool.Ended aws(AccessKey key, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of("aws", "--endpoint-url", CLOUD.stack().url(Component.LOGS), "logs"));
        command.addAll(List.of(arguments));
        return Tool.run(CLOUD.environment(key), command.toArray(String[]::new));
    }

    private static Tool.Ended put(AccessKey key, String stream, String events) throws IOException {
        return aws(
                key,
                "put-log-events",
                "--log-group-name",
                "/var/log/app",
                "--log-stream-name",
                stream,
                "--log-events",
                events.replace('\'', '"'));
    }

    @Test
    void theCliPutsEventsIntoTheDevicesOwnStream() throws Exception {
        Tool.require("aws", "--version");
        String device = CLOUD.device("P-aws");
        AccessKey key = CLOUD.key(device, Duration.ofHours(1), AccessGrant.LOGS);
        long now = Instant.now().toEpochMilli();
        String events =
                "[{'timestamp':%d,'message':'too old'},{'timestamp':%d,'message':'[ERROR] first'},{'timestamp':%d,'message':'second é'}]"
                        .formatted(now - Duration.ofDays(15).toMillis(), now - 1, now);

        Tool.Ended made =
                aws(key, "create-log-stream", "--log-group-name", "/var/log/app", "--log-stream-name", device);
        assertThat(made.code()).as(made.said()).isZero();
        Tool.Ended first = put(key, device, events);
        Tool.Ended again = put(key, device, events);
        Tool.Ended below = put(key, device + "/nginx", "[{'timestamp':%d,'message':'third'}]".formatted(now + 1));
        Tool.Ended described = aws(key, "describe-log-streams", "--log-group-name", "/var/log/app");

        assertThat(first.code()).as(first.said()).isZero();
        assertThat(Cloud.JSON
                        .readTree(first.said())
                        .at("/rejectedLogEventsInfo/tooOldLogEventEndIndex")
                        .asInt())
                .isEqualTo(1);
        assertThat(again.code()).as(again.said()).isZero();
        assertThat(below.code()).as(below.said()).isZero();
        assertThat(described.said()).contains("\"logStreamName\": \"" + device + "\"");
        JsonNode lines = CLOUD.get("/v1/clouds/main/logs?order=oldest&device=" + device, CLOUD.operator())
                .json()
                .path("lines");
        assertThat(lines.findValuesAsText("text")).containsExactly("[ERROR] first", "second é", "third");
        assertThat(lines.findValuesAsText("level")).containsExactly("error", "info", "info");
        assertThat(lines.findValuesAsText("source")).containsExactly("/var/log/app", "/var/log/app", "nginx");
    }

    /** What curl is answered that posts a body to a path, signed with a key: the status and the JSON. */
    private Cloud.Answer post(AccessKey key, String path, byte[] body) throws IOException {
        Path file = Files.write(folder.resolve("post"), body);
        Tool.Ended ended = Tool.run(
                CLOUD.environment(key),
                "curl",
                "-sS",
                "-w",
                "\n%{http_code} %{content_type}",
                "--aws-sigv4",
                "aws:amz:local-1:logs",
                "--user",
                key.id() + ":" + key.secret(),
                "-H",
                "X-Amz-Security-Token: " + key.sessionToken(),
                "-H",
                "Content-Type: application/json",
                "--data-binary",
                "@" + file,
                CLOUD.url() + path);
        String[] said = ended.said().split("\n", 2);
        assertThat(said).as(ended.said()).hasSize(2);
        int status = Integer.parseInt(said[1].substring(0, 3));
        assertThat(said[1]).endsWith(status == 200 ? "application/json;charset=UTF-8" : "application/problem+json");
        return new Cloud.Answer(status, Cloud.JSON.readTree(said[0]));
    }

    @Test
    void aDevicePostsForItselfAndForNobodyElse() throws Exception {
        Tool.require("curl", "--version");
        String device = CLOUD.device("P-own");
        String neighbour = CLOUD.device("P-own");
        AccessKey key = CLOUD.key(device, Duration.ofHours(1), AccessGrant.LOGS);
        AccessKey forged = forged(key);
        String body = "{'id':'own','source':'app','lines':[{'text':'of its own'},{'text':7}]}";
        String own = "/v1/clouds/main/devices/" + device + "/logs";
        String anothers = "/v1/clouds/main/devices/" + neighbour + "/logs";

        Cloud.Answer taken = post(key, own, Cloud.gzip(body));
        Cloud.Answer again = post(key, own, Cloud.utf8(body));

        assertThat(taken.status()).isEqualTo(200);
        assertThat(taken.json().path("taken").asInt()).isOne();
        assertThat(taken.json().findValuesAsText("code")).containsExactly("bad-line");
        assertThat(again.json().path("repeated").asBoolean()).isTrue();
        assertThat(post(key, own, Cloud.utf8("{")).code()).isEqualTo("malformed-json");
        for (String path : List.of(anothers, "/v1/clouds/other/devices/" + device + "/logs")) {
            Cloud.Answer refused = post(key, path, Cloud.utf8(body));
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.code()).isEqualTo("not-allowed");
        }
        assertThat(post(forged, own, Cloud.utf8(body)).code()).isEqualTo("bad-signature");
        assertThat(post(CLOUD.key(device, Duration.ZERO, AccessGrant.LOGS), own, Cloud.utf8(body))
                        .code())
                .isEqualTo("expired-key");
        assertThat(post(CLOUD.key(device, Duration.ofHours(1), AccessGrant.FILES), own, Cloud.utf8(body))
                        .code())
                .isEqualTo("not-allowed");
        Cloud.Answer unknown = post(
                CLOUD.key("DEV9999999", Duration.ofHours(1), AccessGrant.LOGS),
                "/v1/clouds/main/devices/DEV9999999/logs",
                Cloud.utf8(body));
        assertThat(unknown.status()).isEqualTo(401);
        assertThat(unknown.code()).isEqualTo("revoked-key");
        assertThat(CLOUD.texts(device)).containsExactly("of its own");
        assertThat(CLOUD.texts(neighbour)).isEmpty();
        CLOUD.await(
                Topic.AUDIT_EVENT,
                told -> told.json().path("errorCode").asText().equals("not-allowed")
                        && told.json().at("/userIdentity/type").asText().equals("Device")
                        && told.json()
                                .at("/requestParameters/resource")
                                .asText()
                                .equals("POST " + anothers)
                        && told.json().toString().contains("\"" + device + "\""));
    }

    @Test
    void theCliIsRefusedInItsOwnFormWhatIsNotItsOwnOrWrong() throws Exception {
        Tool.require("aws", "--version");
        String device = CLOUD.device("P-aws");
        String neighbour = CLOUD.device("P-aws");
        AccessKey key = CLOUD.key(device, Duration.ofHours(1), AccessGrant.LOGS);
        long now = Instant.now().toEpochMilli();
        String one = "[{'timestamp':%d,'message':'x'}]".formatted(now);

        assertThat(put(key, neighbour, one).said()).contains("(AccessDeniedException)");
        assertThat(put(key, device + "x", one).said()).contains("(AccessDeniedException)");
        assertThat(put(CLOUD.key(device, Duration.ofHours(1), AccessGrant.FILES), device, one)
                        .said())
                .contains("(AccessDeniedException)");
        assertThat(put(CLOUD.key(device, Duration.ZERO, AccessGrant.LOGS), device, one)
                        .said())
                .contains("(ExpiredTokenException)");
        AccessKey forged = forged(key);
        assertThat(put(forged, device, one).said()).contains("(InvalidSignatureException)");
        assertThat(put(
                                key,
                                device,
                                "[{'timestamp':%d,'message':'a'},{'timestamp':%d,'message':'b'}]"
                                        .formatted(now, now - 1))
                        .said())
                .contains("(InvalidParameterException)", "chronological order");
        Path large = Files.writeString(
                folder.resolve("large.json"),
                "[{\"timestamp\":%d,\"message\":\"%s\"}]".formatted(now, "x".repeat(1_048_576)));
        assertThat(put(key, device, "file://" + large).said())
                .contains("(InvalidParameterException)", "Upload too large");
        assertThat(aws(key, "describe-queries").said()).contains("(UnknownOperationException)");
        assertThat(CLOUD.texts(device)).isEmpty();
        assertThat(CLOUD.texts(neighbour)).isEmpty();
        CLOUD.await(
                Topic.AUDIT_EVENT,
                told -> told.json().path("errorCode").asText().equals("AccessDeniedException")
                        && told.json().toString().contains(neighbour)
                        && told.json().toString().contains("\"" + device + "\""));
    }

    @Test
    void allLinesAreInCloudWatchAndInTheArchiveOnceAlthoughTheyWereAway() throws Exception {
        Tool.require("python3", "-c", "import moto.server");
        String device = CLOUD.device("P-out");
        // Nobody is there yet: these wait.
        CLOUD.logs(
                device,
                "{'text':'before','level':'warn','fields':{'n':7}},{'text':'yesterday','time':'%s'}"
                        .formatted(Instant.now().minus(Duration.ofHours(30))));
        Process moto = moto();
        try (CloudWatchLogsClient logs = CloudWatchLogsClient.builder()
                        .endpointOverride(URI.create(Cloud.awsUrl()))
                        .region(Region.US_EAST_1)
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .credentialsProvider(credentials())
                        .build();
                S3Client s3 = S3Client.builder()
                        .endpointOverride(URI.create(Cloud.awsUrl()))
                        .forcePathStyle(true)
                        .region(Region.US_EAST_1)
                        .httpClientBuilder(UrlConnectionHttpClient.builder())
                        .credentialsProvider(credentials())
                        .build()) {
            await().atMost(SOON)
                    .ignoreExceptions()
                    .until(() -> s3.createBucket(bucket -> bucket.bucket("archive")) != null);
            awaitTexts(logs, device, "yesterday", "before");

            // Killed in the midst of it: what it began it does again, and nothing is there twice.
            for (int i = 0; i < 6; i++) {
                CLOUD.logs(device, "{'text':'line %d'}".formatted(i));
                if (i == 2) {
                    CLOUD.stack().kill(Component.LOGS);
                }
            }
            awaitTexts(logs, device, "yesterday", "before", "line 0", "line 1", "line 2", "line 3", "line 4", "line 5");
            assertThat(logs.describeLogGroups(request -> request.logGroupNamePrefix("mooring/main/P-out"))
                            .logGroups())
                    .singleElement()
                    .satisfies(group -> assertThat(group.retentionInDays()).isEqualTo(30));
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(archived(s3, device))
                            .hasSize(8)
                            .doesNotHaveDuplicates()
                            .contains("before", "yesterday", "line 5"));
            CLOUD.stack().awaitReady(Component.LOGS);
        } finally {
            moto.destroyForcibly();
            moto.waitFor();
        }
    }

    private static void awaitTexts(CloudWatchLogsClient logs, String device, String... texts) {
        await().atMost(SOON)
                .pollInterval(Duration.ofMillis(500))
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(logs.getLogEvents(request -> request.logGroupName("mooring/main/P-out")
                                        .logStreamName(device)
                                        .startFromHead(true))
                                .events())
                        .extracting(OutputLogEvent::message)
                        .extracting(message ->
                                Cloud.JSON.readTree(message).path("text").asText())
                        .containsExactly(texts));
    }

    private static List<String> archived(S3Client s3, String device) throws IOException {
        List<String> texts = new ArrayList<>();
        for (var object : s3.listObjectsV2(list -> list.bucket("archive").prefix("logs/main/20"))
                .contents()) {
            byte[] packed = s3.getObjectAsBytes(get -> get.bucket("archive").key(object.key()))
                    .asByteArray();
            String unpacked = new String(
                    new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes(), StandardCharsets.UTF_8);
            for (String line : unpacked.split("\n", -1)) {
                JsonNode json = Cloud.JSON.readTree(line);
                if (json.path("device").asText().equals(device)) {
                    assertThat(object.key())
                            .contains(
                                    json.path("time").asText().substring(0, 10).replace('-', '/'));
                    texts.add(json.path("text").asText());
                }
            }
        }
        return texts;
    }

    private static StaticCredentialsProvider credentials() {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create("testing", "testing"));
    }

    private Process moto() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                "python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", Integer.toString(Cloud.AWS_PORT));
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        return builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve("moto.log").toFile())
                .start();
    }

    /** With a secret that surely is another. */
    private static AccessKey forged(AccessKey key) {
        String other = key.secret().startsWith("0") ? "1" : "0";
        return new AccessKey(key.id(), other + key.secret().substring(1), key.sessionToken(), key.grant());
    }
}
