package io.mooring.audit.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.devstack.launcher.Component;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The signing key is replaced: by an operator while the service runs, by its age across a restart. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KeyRotationIT {
    @TempDir
    private static Path folder;

    private static AuditedCloud audit;

    /** A digest, as its head tells. */
    private record Head(Instant end, String fingerprint) {}

    @BeforeAll
    static void start() {
        audit = AuditedCloud.startThatMakesKeys(folder, Map.of("MOORING_AUDIT_DIGEST_EVERY", "10s"));
    }

    @AfterAll
    static void stop() {
        audit.close();
    }

    @Test
    @Order(1)
    void digestsOfAllKeysAreGoodForOurVerifierAndForAws() throws Exception {
        AwsTools.require();
        audit.send(1, 50);
        audit.awaitTaken(50);
        String first = awaitKey(1);
        Path oldKeys = audit.saved("/v1/audit/keys");
        audit.sql("CREATE TABLE audit.backup AS TABLE audit.signing_key");

        JsonNode asked = audit.post("/v1/audit/keys", 202);

        assertThat(asked.path("replaces").asText()).isEqualTo(first);
        String second = awaitKey(2);
        audit.send(51, 100);
        audit.awaitTaken(100);
        audit.awaitArchived();

        audit.stack().stop(Component.AUDIT);
        audit.sql("UPDATE audit.signing_key SET since = since - interval '366 days' WHERE until IS NULL");
        audit.stack().start(Component.AUDIT);
        audit.stack().awaitReady(Component.AUDIT);
        String third = awaitKey(3);
        assertThat(List.of(first, second, third)).doesNotHaveDuplicates();
        List<Head> heads = heads();
        assertThat(heads.stream().map(Head::fingerprint).distinct()).containsExactly(first, second, third);

        // (i) and (iv): with all that is known elsewhere, and from a copy and its keys alone.
        assertThat(AuditedCloud.codes(audit.verify())).isEmpty();
        JsonNode copied = ofCopy(audit.saved("/v1/audit/keys"));
        assertThat(AuditedCloud.codes(copied)).isEmpty();
        assertThat(copied.path("records").asInt()).isGreaterThanOrEqualTo(100);
        // Who has the keys of before only knows no more than that.
        assertThat(AuditedCloud.codes(ofCopy(oldKeys))).isNotEmpty().containsOnly("key-unknown");

        // (ii): each key for its time, the first one until the digest that the second signed.
        AwsTools aws = audit.aws();
        Instant changed = heads.stream()
                .filter(head -> head.fingerprint().equals(second))
                .findFirst()
                .orElseThrow()
                .end();
        Instant begun = heads.getFirst().end();
        assertThat(aws.publicKeys(begun, changed.minusSeconds(1)).said()).contains(first);
        assertThat(aws.publicKeys(changed.plusSeconds(1), Instant.now()).said())
                .contains(second, third)
                .doesNotContain(first);
        // (iii)
        AwsTools.Ended valid = aws.validate();
        assertThat(valid.code()).as(valid.said()).isZero();
        assertThat(valid.said())
                .containsPattern("(\\d+)/\\1 digest files valid")
                .doesNotContain("INVALID");

        assertThat(audit.count("SELECT count(*) FROM audit.signing_key WHERE private_key IS NOT NULL"))
                .isOne();
        JsonNode told = audit.get("/v1/audit/events?what=RotateSigningKey").path("events");
        assertThat(told).hasSize(1);
        assertThat(told.path(0).path("readOnly").asBoolean()).isFalse();
        assertThat(told.path(0).at("/userIdentity/type").asText()).isEqualTo("Operator");
    }

    @Test
    @Order(2)
    void aDatabaseOfBeforeTheRotationSignsWithNoKeyThatWasReplaced() throws Exception {
        List<Head> before = heads();
        String first = before.getFirst().fingerprint();

        audit.stack().stop(Component.AUDIT);
        audit.setBack(before.getFirst().end());
        audit.sql("DELETE FROM audit.signing_key WHERE fingerprint NOT IN (SELECT fingerprint FROM audit.backup)");
        audit.sql("UPDATE audit.signing_key SET (until, private_key, outgoing) ="
                + " (SELECT until, private_key, outgoing FROM audit.backup)");
        audit.stack().start(Component.AUDIT);
        audit.stack().awaitReady(Component.AUDIT);
        audit.awaitArchived();

        List<Head> after = heads();
        assertThat(after).startsWith(before.toArray(Head[]::new)).hasSizeGreaterThan(before.size());
        assertThat(after.subList(before.size(), after.size()))
                .extracting(Head::fingerprint)
                .doesNotContainAnyElementsOf(
                        before.stream().map(Head::fingerprint).toList());
        assertThat(AuditedCloud.codes(audit.verify())).isEmpty();
        assertThat(audit.count("SELECT count(*) FROM audit.signing_key WHERE fingerprint = '" + first
                        + "' AND private_key IS NULL"))
                .isOne();
        AwsTools.Ended valid = audit.aws().validate();
        assertThat(valid.code()).as(valid.said()).isZero();
        assertThat(valid.said())
                .containsPattern("(\\d+)/\\1 digest files valid")
                .doesNotContain("INVALID");
    }

    /** The key that signs, once digests of so many keys are announced. */
    private static String awaitKey(int number) {
        return await().atMost(AuditedCloud.PATIENCE)
                .until(() -> heads().stream().map(Head::fingerprint).distinct().toList(), keys -> keys.size() == number)
                .getLast();
    }

    private static List<Head> heads() throws Exception {
        List<Head> heads = new ArrayList<>();
        for (JsonNode head : audit.get("/v1/audit/heads").path("heads")) {
            heads.add(new Head(
                    Instant.parse(head.path("end").asText()),
                    head.path("fingerprint").asText()));
        }
        return heads;
    }

    private static JsonNode ofCopy(Path keys) throws Exception {
        return AuditedCloud.verifier(List.of("--folder", audit.trail().toString(), "--keys", keys.toString()));
    }
}
