package io.mooring.audit.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.contracts.kafka.RowTopic;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
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
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The service against real Kafka and PostgreSQL, its trail in a folder, a digest every ten seconds. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AuditIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int RECORDS = 3_000;

    private static HttpClient client;
    private static final String EPOCH = UUID.randomUUID().toString();

    @TempDir
    private static Path folder;

    private static Devstack stack;
    private static KafkaProducer<String, byte[]> producer;
    private static OpensslStamps stamps;

    @BeforeAll
    static void start() throws Exception {
        client = HttpClient.newHttpClient();
        stamps = new OpensslStamps(folder.resolve("stamps"));
        stack = Devstack.builder()
                .with(Component.AUDIT)
                .environment(
                        Component.AUDIT,
                        Map.of(
                                "MOORING_AUDIT_DIGEST_EVERY",
                                "10s",
                                "MOORING_AUDIT_LIMITS_FILE_RECORDS",
                                "500",
                                "MOORING_AUDIT_DATA_EVENTS",
                                "row:main/sensor,message:app/+/door/#",
                                "MOORING_AUDIT_TIMESTAMP_URL",
                                stamps.url().toString()))
                .start();
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", stack.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    @AfterAll
    static void stop() {
        producer.close();
        stack.close();
        stamps.close();
        client.close();
    }

    @Test
    @Order(1)
    void keepsEveryRecordOnceAlthoughItIsKilledAndToldTwice() throws Exception {
        for (int number = 1; number <= RECORDS; number++) {
            send(number);
            if (number % 20 == 0) {
                send(number);
            }
            if (number == RECORDS / 3 || number == RECORDS * 2 / 3) {
                producer.flush();
                int deaths = stack.deaths(Component.AUDIT);
                stack.kill(Component.AUDIT);
                await().atMost(PATIENCE).until(() -> stack.deaths(Component.AUDIT) > deaths);
                stack.awaitReady(Component.AUDIT);
            }
        }
        producer.flush();
        stack.awaitReady(Component.AUDIT);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                count("SELECT count(*) FROM audit.event WHERE source =" + " 'provisioning.mooring'"))
                        .isEqualTo(RECORDS));
        awaitArchived();
        JsonNode source = source(EPOCH);
        assertThat(source.path("highest").asInt()).isEqualTo(RECORDS);
        assertThat(source.path("missing").asText()).isEmpty();
        assertThat(source.path("repeated").asText()).isEmpty();
        JsonNode verdict = verify(trail());
        assertThat(verdict.path("valid").asBoolean()).as(verdict.toString()).isTrue();
        assertThat(verdict.path("records").asInt()).isGreaterThanOrEqualTo(RECORDS);
    }

    @Test
    @Order(2)
    void findsWhatWasDone() throws Exception {
        JsonNode page = get("/v1/audit/events?who=kim&limit=2");
        assertThat(page.path("events")).hasSize(2);
        JsonNode next = get(
                "/v1/audit/events?who=kim&limit=2&after=" + page.path("next").asText());
        assertThat(next.path("events").path(0).path("eventID"))
                .isNotEqualTo(page.path("events").path(1).path("eventID"));
        assertThat(get("/v1/audit/events?device=DEVICE0042").path("events"))
                .hasSize(1)
                .first()
                .satisfies(event -> assertThat(
                                event.at("/additionalEventData/cloud").asText())
                        .isEqualTo("main"));

        String csv = text("/v1/audit/events/export?form=csv&device=DEVICE0042", token(), 200);
        assertThat(csv.lines()).hasSize(2).last().asString().contains("ClaimDevice,Operator,kim,DEVICE0042,main");
        assertThat(text("/v1/audit/events?limit=0", token(), 400)).contains("bad-query");
        assertThat(text("/v1/audit/events", "wrong", 401)).contains("unauthenticated");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get("/v1/audit/events?source=audit.mooring&error=unauthenticated")
                                .path("events"))
                        .isNotEmpty());
    }

    @Test
    @Order(3)
    void tellsOfRowsAndMessagesThatWereAskedForEachOnceAlthoughItIsKilled() throws Exception {
        createTopics(rows("sensor"), rows("valve"));
        int written = 600;
        for (int i = 0; i < written; i++) {
            data(rows("sensor"), "DEVICE0001/sensor#" + i, row(i), "io.mooring.row.changed", "device/DEVICE0001");
            data(rows("valve"), "DEVICE0001/valve#" + i, row(i), "io.mooring.row.changed", "device/DEVICE0001");
            if (i == written / 3 || i == written * 2 / 3) {
                producer.flush();
                int so = i - written / 6;
                await().atMost(PATIENCE).until(() -> count(events("WriteRow")) > so);
                int deaths = stack.deaths(Component.AUDIT);
                stack.kill(Component.AUDIT);
                await().atMost(PATIENCE).until(() -> stack.deaths(Component.AUDIT) > deaths);
                stack.awaitReady(Component.AUDIT);
            }
        }
        data(rows("sensor"), "DEVICE0001/sensor#1", null, "io.mooring.row.removed", "device/DEVICE0001");
        String uplink = Topic.APPLICATION_UPLINK.name(stack.topicsPrefix());
        data(
                uplink,
                "DEVICE0002",
                "ajar".getBytes(StandardCharsets.UTF_8),
                "io.mooring.application.uplink",
                "door/front");
        data(uplink, "DEVICE0002", "warm".getBytes(StandardCharsets.UTF_8), "io.mooring.application.uplink", "oven");
        producer.flush();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(count("SELECT count(*) FROM audit.event WHERE name IN"
                                + " ('WriteRow', 'RemoveRow', 'PublishMessage')"))
                        .isEqualTo(written + 2));
        assertThat(count("SELECT count(DISTINCT convert_from(record, 'UTF8')::jsonb #>> '{requestParameters,row}')"
                        + " FROM audit.event WHERE name = 'WriteRow'"))
                .isEqualTo(written);
        for (JsonNode source : get("/v1/audit/status").path("sources")) {
            assertThat(source.path("missing").asText()).as(source.toString()).isEmpty();
        }
        JsonNode event = get("/v1/audit/events?what=WriteRow&limit=1").at("/events/0");
        assertThat(event.at("/userIdentity/userName").asText()).isEqualTo("DEVICE0001");
        assertThat(event.path("eventCategory").asText()).isEqualTo("Data");
        assertThat(event.toString()).doesNotContain("private");
        assertThat(get("/v1/audit/events?device=DEVICE0002")
                        .at("/events/0/requestParameters/topic")
                        .asText())
                .isEqualTo("app/DEVICE0002/door/front");
        assertThat(count(events("SelectDataEvents"))).isPositive();
    }

    /** With three partitions each; done when each has a leader: who writes to one that has none waits for long. */
    private static void createTopics(String... names) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
            admin.createTopics(Stream.of(names)
                            .map(name -> new NewTopic(name, 3, (short) 1))
                            .toList())
                    .all()
                    .get();
            Map<TopicPartition, OffsetSpec> ends = Stream.of(names)
                    .flatMap(name -> IntStream.range(0, 3).mapToObj(part -> new TopicPartition(name, part)))
                    .collect(Collectors.toMap(Function.identity(), part -> OffsetSpec.latest()));
            await().atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> admin.listOffsets(ends).all().get().size() == ends.size());
        }
    }

    private static String events(String name) {
        return "SELECT count(*) FROM audit.event WHERE name = '" + name + "'";
    }

    private static String rows(String table) {
        return new RowTopic("main", table).name(stack.topicsPrefix());
    }

    private static byte[] row(int number) {
        return """
                {"_type":"Sensor","sk":"sensor#%d","clock":"2026-11-23T01:42:37.297Z-0000-DEVICE0001","name":"private"}""".formatted(number).getBytes(StandardCharsets.UTF_8);
    }

    private static void data(String topic, String key, byte @Nullable [] value, String type, String subject) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, key, value);
        Map.of(
                        "ce_type",
                        type,
                        "ce_subject",
                        subject,
                        "ce_cloud",
                        "main",
                        "ce_id",
                        UUID.randomUUID().toString())
                .forEach((name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
        var _ = producer.send(record);
    }

    @Test
    @Order(4)
    void isAcceptedByAwsOwnVerifierWhichFindsWhatWasChanged() throws Exception {
        AwsTools.require();
        awaitArchived();
        AwsTools aws = new AwsTools(stack, post("/v1/access-keys"), folder);

        AwsTools.Ended valid = aws.validate();
        assertThat(valid.code()).as(valid.said()).isZero();
        assertThat(valid.said()).contains("log files valid").doesNotContain("INVALID");
        assertThat(aws.lookup("DEVICE0042").said()).contains("ClaimDevice");

        Path log = files("CloudTrail/").getFirst();
        byte[] bytes = Files.readAllBytes(log);
        byte[] flipped = bytes.clone();
        flipped[flipped.length / 2] ^= 1;
        replace(log, flipped);
        assertThat(aws.validate().code()).isEqualTo(1);
        assertThat(codes(verify(trail()))).contains("log-unreadable");
        Files.delete(log);
        AwsTools.Ended missing = aws.validate();
        assertThat(missing.code()).isEqualTo(1);
        assertThat(missing.said()).contains("INVALID: not found");
        Files.write(log, bytes);

        Path digest = files("CloudTrail-Digest/").get(1);
        byte[] kept = Files.readAllBytes(digest);
        Files.delete(digest);
        AwsTools.Ended gap = aws.validate();
        assertThat(gap.code()).as(gap.said()).isEqualTo(1);
        assertThat(codes(verify(trail()))).contains("digest-missing");
        Files.write(digest, kept);
        assertThat(codes(verify(trail()))).isEmpty();
    }

    @Test
    @Order(5)
    void hasItsDigestsStampedByOthers() throws Exception {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(count("SELECT count(*) FROM audit.digest WHERE stamped IS NOT NULL"))
                        .isGreaterThan(1));
        JsonNode verdict = verify(trail(), "--authority", stamps.certificate().toString());
        assertThat(verdict.path("stamped").asInt()).isGreaterThan(1);
        assertThat(codes(verdict)).isEmpty();

        // A stamp of another digest proves nothing of this one.
        List<Path> all = files("Mooring-Timestamp/");
        byte[] kept = Files.readAllBytes(all.get(0));
        replace(all.get(0), Files.readAllBytes(all.get(1)));
        assertThat(codes(verify(trail(), "--authority", stamps.certificate().toString())))
                .containsExactly("timestamp-wrong");
        replace(all.get(0), kept);
        // Nor does one of an authority that does not count.
        try (OpensslStamps others = new OpensslStamps(folder.resolve("others"))) {
            assertThat(codes(verify(trail(), "--authority", others.certificate().toString())))
                    .containsOnly("timestamp-wrong");
        }
    }

    @Test
    @Order(6)
    void saysThatTheDatabaseWasSetBackAndGoesOn() throws Exception {
        awaitArchived();
        stack.stop(Component.AUDIT);
        long before = count("SELECT count(*) FROM audit.event");
        Instant second = Instant.ofEpochSecond(count("SELECT extract(epoch FROM end_time)::bigint FROM audit.digest"
                + " ORDER BY end_time OFFSET 1 LIMIT 1"));
        // What a backup of that time would hold.
        sql("DELETE FROM audit.event WHERE place > coalesce((SELECT max(last) FROM audit.log_file f JOIN audit.digest d"
                + " ON d.id = f.digest WHERE d.end_time <= '" + second + "'), 0)");
        sql("DELETE FROM audit.log_file WHERE digest IS NULL OR digest IN"
                + " (SELECT id FROM audit.digest WHERE end_time > '" + second + "')");
        sql("DELETE FROM audit.digest WHERE end_time > '" + second + "'");
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
        stack.start(Component.AUDIT);
        stack.awaitReady(Component.AUDIT);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                get("/v1/audit/events?what=RestoreDatabase").path("events"))
                        .isNotEmpty());
        assertThat(get("/v1/audit/status").path("incidents").toString()).contains("database-restored");
        awaitArchived();
        assertThat(count("SELECT count(*) FROM audit.event")).isGreaterThan(before);
        assertThat(count("SELECT count(*) FROM audit.event WHERE place < 0")).isZero();
        JsonNode verdict = verify(trail());
        assertThat(verdict.path("valid").asBoolean()).as(verdict.toString()).isTrue();
    }

    @Test
    @Order(7)
    void showsHolesAndPutsAsideWhatIsNoRecord() throws Exception {
        send(RECORDS + 3);
        producer.send(new ProducerRecord<>(topic(), "x", "no json".getBytes(StandardCharsets.UTF_8)))
                .get();
        byte[] impostor = record(1, "Somebody");
        producer.send(new ProducerRecord<>(topic(), "/services/provisioning", impostor))
                .get();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(source(EPOCH).path("missing").asText())
                        .isEqualTo((RECORDS + 1) + "-" + (RECORDS + 2)));
        awaitArchived();
        assertThat(codes(verify(trail()))).containsExactly("number-missing");
        String metrics = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(url() + "/q/metrics")).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        assertThat(metrics).contains("code=\"bad-record\"").contains("code=\"event-id-taken\"");
    }

    private static void send(int number) {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(topic(), "/services/provisioning", record(number, "kim"));
        record.headers().add("ce_cloud", "main".getBytes(StandardCharsets.US_ASCII));
        var _ = producer.send(record);
    }

    private static byte[] record(int number, String who) {
        return """
            {"eventVersion":"1.11","userIdentity":{"type":"Operator","principalId":"%s","userName":"%s"},\
            "eventTime":"2026-09-01T10:00:00Z","eventSource":"provisioning.mooring","eventName":"ClaimDevice",\
            "sourceIPAddress":"127.0.0.1","requestParameters":{"id":"DEVICE%04d"},"responseElements":null,\
            "additionalEventData":{"sequence":{"source":"/services/provisioning","epoch":"%s","number":%d}},\
            "eventID":"%s","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,\
            "eventCategory":"Management"}\
            """.formatted(who, who, number, EPOCH, number, new UUID(42, number))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String topic() {
        return Topic.AUDIT_EVENT.name(stack.topicsPrefix());
    }

    /** Waits until all that was taken until now is in a digest. */
    private static void awaitArchived() throws Exception {
        Instant since = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(count(
                                "SELECT count(*) FROM audit.digest WHERE announced AND end_time > '" + since + "'"))
                        .isPositive());
    }

    private static JsonNode verify(Path trail, String... more) throws Exception {
        Path keys = Files.writeString(
                folder.resolve("keys.json"), get("/v1/audit/keys").toString());
        Path heads = Files.writeString(
                folder.resolve("heads.json"), get("/v1/audit/heads").toString());
        Path app = Path.of(System.getProperty("mooring.root")).resolve("services/audit/target/quarkus-app");
        Path said = folder.resolve("verdict.json");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                app.resolve("app") + "/*:" + app.resolve("lib/main") + "/*",
                "io.mooring.audit.cli.VerifyMain",
                "--json",
                "--folder",
                trail.toString(),
                "--keys",
                keys.toString(),
                "--heads",
                heads.toString(),
                "--kafka",
                stack.bootstrapServers(),
                "--topic",
                Topic.AUDIT_DIGEST.name(stack.topicsPrefix())));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command)
                .redirectError(folder.resolve("verify.err").toFile())
                .redirectOutput(said.toFile())
                .start();
        assertThat(process.waitFor())
                .as(Files.readString(folder.resolve("verify.err")))
                .isBetween(0, 1);
        return JSON.readTree(Files.readString(said));
    }

    private static List<String> codes(JsonNode verdict) {
        List<String> codes = new ArrayList<>();
        verdict.path("findings")
                .forEach(finding -> codes.add(finding.path("code").asText()));
        return codes;
    }

    private static Path trail() {
        return stack.dataDir().resolve("audit");
    }

    private static List<Path> files(String kind) throws Exception {
        try (Stream<Path> all = Files.walk(trail())) {
            return all.filter(Files::isRegularFile)
                    .filter(file -> file.toString().contains("/" + kind))
                    .sorted()
                    .toList();
        }
    }

    private static void replace(Path file, byte[] bytes) throws Exception {
        Files.delete(file);
        Files.write(file, bytes);
    }

    private static JsonNode source(String epoch) throws Exception {
        for (JsonNode source : get("/v1/audit/status").path("sources")) {
            if (source.path("epoch").asText().equals(epoch)) {
                return source;
            }
        }
        return JSON.createObjectNode();
    }

    private static String url() {
        return "http://127.0.0.1:" + stack.ports().audit();
    }

    private static String token() {
        return stack.secrets().operatorToken();
    }

    private static JsonNode get(String path) throws Exception {
        return JSON.readTree(text(path, token(), 200));
    }

    private static JsonNode post(String path) throws Exception {
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create(url() + path))
                        .header("Authorization", "Bearer " + token())
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JSON.readTree(answer.body());
    }

    private static String text(String path, String bearer, int status) throws Exception {
        HttpResponse<String> answer = client.send(
                HttpRequest.newBuilder(URI.create(url() + path))
                        .header("Authorization", "Bearer " + bearer)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return answer.body();
    }

    private static long count(String sql) throws SQLException {
        try (Connection connection = stack.connection("mooring_audit");
                Statement statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static void sql(String sql) throws SQLException {
        try (Connection connection = stack.connection("mooring_audit");
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }
}
