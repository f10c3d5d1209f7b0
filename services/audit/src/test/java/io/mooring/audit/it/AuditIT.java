package io.mooring.audit.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.time.Duration;
import java.time.Instant;
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
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
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
    private static final Duration PATIENCE = AuditedCloud.PATIENCE;
    private static final int RECORDS = 3_000;

    @TempDir
    private static Path folder;

    private static AuditedCloud audit;
    private static Devstack stack;
    private static OpensslStamps stamps;

    @BeforeAll
    static void start() throws Exception {
        stamps = new OpensslStamps(folder.resolve("stamps"));
        audit = AuditedCloud.start(
                folder,
                Map.of(
                        "MOORING_AUDIT_DIGEST_EVERY",
                        "10s",
                        "MOORING_AUDIT_LIMITS_FILE_RECORDS",
                        "500",
                        "MOORING_AUDIT_DATA_EVENTS",
                        "row:main/sensor,message:app/+/door/#",
                        "MOORING_AUDIT_TIMESTAMP_URL",
                        stamps.url().toString()));
        stack = audit.stack();
    }

    @AfterAll
    static void stop() {
        audit.close();
        stamps.close();
    }

    @Test
    @Order(1)
    void keepsEveryRecordOnceAlthoughItIsKilledAndToldTwice() throws Exception {
        for (int number = 1; number <= RECORDS; number++) {
            audit.send(number);
            if (number % 20 == 0) {
                audit.send(number);
            }
            if (number == RECORDS / 3 || number == RECORDS * 2 / 3) {
                audit.producer().flush();
                audit.kill();
                stack.awaitReady(Component.AUDIT);
            }
        }
        audit.producer().flush();
        stack.awaitReady(Component.AUDIT);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(audit.count(
                                "SELECT count(*) FROM audit.event WHERE source =" + " 'provisioning.mooring'"))
                        .isEqualTo(RECORDS));
        audit.awaitArchived();
        JsonNode source = audit.source(audit.epoch());
        assertThat(source.path("highest").asInt()).isEqualTo(RECORDS);
        assertThat(source.path("missing").asText()).isEmpty();
        assertThat(source.path("repeated").asText()).isEmpty();
        JsonNode verdict = audit.verify();
        assertThat(verdict.path("valid").asBoolean()).as(verdict.toString()).isTrue();
        assertThat(verdict.path("records").asInt()).isGreaterThanOrEqualTo(RECORDS);
    }

    @Test
    @Order(2)
    void findsWhatWasDone() throws Exception {
        JsonNode page = audit.get("/v1/audit/events?who=kim&limit=2");
        assertThat(page.path("events")).hasSize(2);
        JsonNode next = audit.get(
                "/v1/audit/events?who=kim&limit=2&after=" + page.path("next").asText());
        assertThat(next.path("events").path(0).path("eventID"))
                .isNotEqualTo(page.path("events").path(1).path("eventID"));
        assertThat(audit.get("/v1/audit/events?device=DEVICE0042").path("events"))
                .hasSize(1)
                .first()
                .satisfies(event -> assertThat(
                                event.at("/additionalEventData/cloud").asText())
                        .isEqualTo("main"));

        String csv = audit.text("/v1/audit/events/export?form=csv&device=DEVICE0042", audit.token(), 200);
        assertThat(csv.lines()).hasSize(2).last().asString().contains("ClaimDevice,Operator,kim,DEVICE0042,main");
        assertThat(audit.text("/v1/audit/events?limit=0", audit.token(), 400)).contains("bad-query");
        assertThat(audit.text("/v1/audit/events", "wrong", 401)).contains("unauthenticated");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(audit.get("/v1/audit/events?source=audit.mooring&error=unauthenticated")
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
                audit.producer().flush();
                int so = i - written / 6;
                await().atMost(PATIENCE).until(() -> audit.count(events("WriteRow")) > so);
                audit.kill();
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
        audit.producer().flush();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(audit.count("SELECT count(*) FROM audit.event WHERE name IN"
                                + " ('WriteRow', 'RemoveRow', 'PublishMessage')"))
                        .isEqualTo(written + 2));
        assertThat(audit.count(
                        "SELECT count(DISTINCT convert_from(record, 'UTF8')::jsonb #>> '{requestParameters,row}')"
                                + " FROM audit.event WHERE name = 'WriteRow'"))
                .isEqualTo(written);
        for (JsonNode source : audit.get("/v1/audit/status").path("sources")) {
            assertThat(source.path("missing").asText()).as(source.toString()).isEmpty();
        }
        JsonNode event = audit.get("/v1/audit/events?what=WriteRow&limit=1").at("/events/0");
        assertThat(event.at("/userIdentity/userName").asText()).isEqualTo("DEVICE0001");
        assertThat(event.path("eventCategory").asText()).isEqualTo("Data");
        assertThat(event.toString()).doesNotContain("private");
        assertThat(audit.get("/v1/audit/events?device=DEVICE0002")
                        .at("/events/0/requestParameters/topic")
                        .asText())
                .isEqualTo("app/DEVICE0002/door/front");
        assertThat(audit.count(events("SelectDataEvents"))).isPositive();
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
        var _ = audit.producer().send(record);
    }

    @Test
    @Order(4)
    void isAcceptedByAwsOwnVerifierWhichFindsWhatWasChanged() throws Exception {
        AwsTools.require();
        audit.awaitArchived();
        AwsTools aws = audit.aws();

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
        assertThat(AuditedCloud.codes(audit.verify())).contains("log-unreadable");
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
        assertThat(AuditedCloud.codes(audit.verify())).contains("digest-missing");
        Files.write(digest, kept);
        assertThat(AuditedCloud.codes(audit.verify())).isEmpty();
    }

    @Test
    @Order(5)
    void hasItsDigestsStampedByOthers() throws Exception {
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(audit.count("SELECT count(*) FROM audit.digest WHERE stamped IS NOT NULL"))
                                .isGreaterThan(1));
        JsonNode verdict = audit.verify("--authority", stamps.certificate().toString());
        assertThat(verdict.path("stamped").asInt()).isGreaterThan(1);
        assertThat(AuditedCloud.codes(verdict)).isEmpty();

        // A stamp of another digest proves nothing of this one.
        List<Path> all = files("Mooring-Timestamp/");
        byte[] kept = Files.readAllBytes(all.get(0));
        replace(all.get(0), Files.readAllBytes(all.get(1)));
        assertThat(AuditedCloud.codes(
                        audit.verify("--authority", stamps.certificate().toString())))
                .containsExactly("timestamp-wrong");
        replace(all.get(0), kept);
        // Nor does one of an authority that does not count.
        try (OpensslStamps others = new OpensslStamps(folder.resolve("others"))) {
            assertThat(AuditedCloud.codes(
                            audit.verify("--authority", others.certificate().toString())))
                    .containsOnly("timestamp-wrong");
        }
    }

    @Test
    @Order(6)
    void saysThatTheDatabaseWasSetBackAndGoesOn() throws Exception {
        audit.awaitArchived();
        stack.stop(Component.AUDIT);
        long before = audit.count("SELECT count(*) FROM audit.event");
        Instant second =
                Instant.ofEpochSecond(audit.count("SELECT extract(epoch FROM end_time)::bigint FROM audit.digest"
                        + " ORDER BY end_time OFFSET 1 LIMIT 1"));
        audit.setBack(second);
        stack.start(Component.AUDIT);
        stack.awaitReady(Component.AUDIT);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(audit.get("/v1/audit/events?what=RestoreDatabase")
                                .path("events"))
                        .isNotEmpty());
        assertThat(audit.get("/v1/audit/status").path("incidents").toString()).contains("database-restored");
        audit.awaitArchived();
        assertThat(audit.count("SELECT count(*) FROM audit.event")).isGreaterThan(before);
        assertThat(audit.count("SELECT count(*) FROM audit.event WHERE place < 0"))
                .isZero();
        JsonNode verdict = audit.verify();
        assertThat(verdict.path("valid").asBoolean()).as(verdict.toString()).isTrue();
    }

    @Test
    @Order(7)
    void showsHolesAndPutsAsideWhatIsNoRecord() throws Exception {
        audit.send(RECORDS + 3);
        audit.producer()
                .send(new ProducerRecord<>(audit.topic(), "x", "no json".getBytes(StandardCharsets.UTF_8)))
                .get();
        byte[] impostor = audit.record(1, "Somebody");
        audit.producer()
                .send(new ProducerRecord<>(audit.topic(), "/services/provisioning", impostor))
                .get();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                audit.source(audit.epoch()).path("missing").asText())
                        .isEqualTo((RECORDS + 1) + "-" + (RECORDS + 2)));
        audit.awaitArchived();
        assertThat(AuditedCloud.codes(audit.verify())).containsExactly("number-missing");
        String metrics = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(audit.url() + "/q/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        assertThat(metrics).contains("code=\"bad-record\"").contains("code=\"event-id-taken\"");
    }

    private static List<Path> files(String kind) throws Exception {
        try (Stream<Path> all = Files.walk(audit.trail())) {
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
}
