package io.mooring.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.provisioning.secrets.SecretProofs;
import io.mooring.provisioning.secrets.Tokens;
import java.net.InetAddress;
import java.security.KeyPair;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What operators make of products and claims, and what devices may then do. */
class ProductsAndClaimsIT {
    private static final String PRODUCTS = "/api/v1/products";
    /** {@code -Dmooring.long=true} makes them ten thousand. */
    private static final int GUESSES = Boolean.getBoolean("mooring.long") ? 10_000 : 1_500;

    private static TestCloud cloud;
    private static int devices;

    private String id = "";

    @BeforeAll
    static void start() throws Exception {
        cloud = TestCloud.start(Map.of("MOORING_PROVISIONING_LIMITS_REFUSALS_TOLD_EVERY", "1s"));
    }

    @AfterAll
    static void stop() {
        cloud.close();
    }

    @BeforeEach
    void anotherDevice() {
        id = "CLAIMS%04d".formatted(devices++);
    }

    /** A product, and a device of it that speaks from an address of its own. */
    private record Made(JsonNode product) {
        static Made of(String body) throws Exception {
            return new Made(cloud.operator().post(PRODUCTS, body).json());
        }

        String path() {
            return PRODUCTS + "/" + product.path("id").asText();
        }

        String token() {
            return product.path("token").asText();
        }

        Person.Answer register(String body) throws Exception {
            return register(token(), body);
        }

        Person.Answer register(String token, String body) throws Exception {
            return Person.from(cloud.stack(), InetAddress.getByName("127.0.0.7"))
                    .showing("bearer " + token)
                    .post("/device/register", body);
        }
    }

    private String owned() {
        return "{\"id\":\"" + id + "\",\"account\":\"main\",\"cloud\":\"main\"}";
    }

    @Test
    void suspendsAProductAndLetsItsJoinedDevicesGoOn() throws Exception {
        Made product = Made.of("{\"name\":\"suspended\"}");
        String token = product.register(owned()).field("token");

        assertThat(cloud.operator().post(product.path() + "/suspend", "").field("state"))
                .isEqualTo("suspended");
        Person.Answer refused = product.register(owned());
        Person.Answer provisioned = cloud.provision(id, token, TestKeys.request(id));
        cloud.operator().post(product.path() + "/resume", "");

        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.field("error")).contains("suspended");
        assertThat(provisioned.status()).isEqualTo(200);
        assertThat(product.register(owned()).status()).isEqualTo(200);
    }

    @Test
    void rotatesATokenWithAnOverlapOrAtOnce() throws Exception {
        Made product = Made.of("{\"name\":\"rotated\"}");

        String second = cloud.operator()
                .post(product.path() + "/rotation", "{\"overlapSeconds\":3600}")
                .field("token");
        assertThat(product.register(owned()).status()).isEqualTo(200);
        assertThat(product.register(second, owned()).status()).isEqualTo(200);

        String third = cloud.operator().post(product.path() + "/rotation", "").field("token");
        assertThat(product.register(owned()).status()).isEqualTo(401);
        assertThat(product.register(second, owned()).field("error")).contains("expired");
        assertThat(product.register(third, owned()).status()).isEqualTo(200);
    }

    @Test
    void makesKeysOnlyForProductsThatSaySo() throws Exception {
        Made product = Made.of("{\"name\":\"own keys\"}");
        String token = product.register(owned()).field("token");

        Person.Answer refused = cloud.provision(id, token, "");
        cloud.operator().patch(product.path(), "{\"cloudMadeKeys\":true}");

        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.field("error")).contains("csr");
        assertThat(cloud.provision(id, token, "").field("key")).isNotEmpty();
    }

    @Test
    void issuesIdsAndSecretsAndTakesNoOthers() throws Exception {
        Made product = Made.of("{\"name\":\"factory\",\"issuedIdsOnly\":true}");
        JsonNode batch = cloud.operator()
                .post(product.path() + "/claim-ids", "{\"count\":3,\"secrets\":true}")
                .json();
        String issued = batch.at("/claimIds/0/id").asText();
        String secret = batch.at("/claimIds/0/secret").asText();

        assertThat(batch.path("claimIds")).hasSize(3);
        assertThat(issued).matches("[A-Z0-9]{10}");
        assertThat(cloud.operator().get(product.path() + "/claim-ids").text())
                .contains(issued)
                .doesNotContain(secret);
        assertThat(product.register("{\"id\":\"" + id + "\"}").status()).isEqualTo(403);
        assertThat(product.register("{\"id\":\"" + issued + "\"}").text()).isEqualTo("{\"registered\":true}");

        cloud.operator().post("/api/v1/devices/" + issued + "/claim", "");
        Person.Answer guessed = product.register("{\"id\":\"" + issued + "\"}");
        String proof = proof(issued, secret, Instant.now());
        Person.Answer proven = product.register(proof);
        Person.Answer replayed = product.register(proof);

        assertThat(guessed.status()).isEqualTo(403);
        assertThat(Instant.parse(guessed.field("time"))).isCloseTo(Instant.now(), within(Duration.ofMinutes(1)));
        assertThat(proven.field("token")).isNotEmpty();
        assertThat(replayed.status()).isEqualTo(403);
        assertThat(product.register(proof(issued, "another secret", Instant.now()))
                        .status())
                .isEqualTo(403);
        assertThat(product.register(proof(issued, secret, Instant.now().minusSeconds(400)))
                        .status())
                .isEqualTo(403);
        assertThat(Facts.rows(cloud.stack(), "select * from provisioning.claim_id"))
                .doesNotContain(secret);
    }

    private static org.assertj.core.data.TemporalUnitOffset within(Duration most) {
        return new org.assertj.core.data.TemporalUnitWithinOffset(
                most.toSeconds(), java.time.temporal.ChronoUnit.SECONDS);
    }

    private static String proof(String id, String secret, Instant time) {
        return "{\"id\":\"%s\",\"proof\":{\"time\":\"%s\",\"mac\":\"%s\"}}"
                .formatted(id, time, SecretProofs.prove(secret, id, time.toString()));
    }

    @Test
    void asksADeviceForTheSecretItBrought() throws Exception {
        Made product = Made.of("{\"name\":\"brought\"}");
        String hash = Tokens.hash("held by the device");
        String first = "{\"id\":\"" + id + "\",\"secretHash\":\"" + hash + "\"}";

        assertThat(product.register(first).status()).isEqualTo(200);
        assertThat(product.register(first.replace(hash, Tokens.hash("a guesser's")))
                        .status())
                .isEqualTo(403);
        cloud.operator().post("/api/v1/devices/" + id + "/claim", "");

        assertThat(product.register(first).status()).isEqualTo(403);
        assertThat(product.register(proof(id, "held by the device", Instant.now()))
                        .field("token"))
                .isNotEmpty();
    }

    @Test
    void claimsADeviceBeforeItComes() throws Exception {
        Made product = Made.of("{\"name\":\"ahead\"}");
        String path = "/api/v1/devices/" + id;

        assertThat(cloud.operator().post(path + "/claim", "").status()).isEqualTo(404);
        Person.Answer expected = cloud.operator().post(path + "/claim", "{\"ahead\":true,\"account\":\"early\"}");

        assertThat(expected.field("state")).isEqualTo("expected");
        assertThat(cloud.operator().get("/api/v1/expected-devices").text()).contains(id);
        assertThat(product.register("{\"id\":\"" + id + "\"}").field("token")).isNotEmpty();
        assertThat(cloud.operator().get(path).field("account")).isEqualTo("early");
        assertThat(cloud.operator().get("/api/v1/expected-devices").text()).doesNotContain(id);
    }

    @Test
    void transfersADeviceToAnotherCloudWhereItIsIssuedAnew() throws Exception {
        cloud.operator().post("/api/v1/clouds", "{\"name\":\"second\"}");
        String token = cloud.join(id);
        String before = cloud.provision(id, token, "").field("certificate");

        Person.Answer unknown =
                cloud.operator().post("/api/v1/devices/" + id + "/transfer", "{\"cloud\":\"misspelt\"}");
        Person.Answer moved = cloud.operator()
                .post("/api/v1/devices/" + id + "/transfer", "{\"cloud\":\"second\",\"account\":\"other\"}");

        assertThat(unknown.field("code")).isEqualTo("unknown_cloud");
        assertThat(moved.field("cloud")).isEqualTo("second");
        assertThat(cloud.provision(id, token, "").status()).isEqualTo(401);
        assertThat(cloud.outbox().registry(id).path("certificates")).isEmpty();
        await().untilAsserted(() ->
                assertThat(Facts.certificateState(cloud.stack(), before)).isEqualTo("revoked"));

        Person.Answer again = cloud.register(id, "{\"id\":\"%s\"}");
        String after = cloud.provision(id, again.field("token"), "").field("certificate");

        assertThat(again.field("cloudName")).isEqualTo("second");
        assertThat(TestKeys.certificate(after).getIssuerX500Principal())
                .isNotEqualTo(TestKeys.certificate(before).getIssuerX500Principal());
        assertThat(cloud.outbox().registry(id).path("cloud").asText()).isEqualTo("second");
        assertThat(cloud.outbox().types(id)).contains("device.transferred");
    }

    @Test
    void saysWhenADeviceIsBlockedAndUnblockedAndForgetsItWhenDeleted() throws Exception {
        String path = "/api/v1/devices/" + id;
        String certificate = cloud.provision(id, cloud.join(id), "").field("certificate");

        cloud.operator().post(path + "/block", "{\"delaySeconds\":60}");
        cloud.operator().post(path + "/unblock", "");
        assertThat(cloud.operator().delete(path).field("state")).isEqualTo("deleted");

        assertThat(cloud.outbox().types(id)).contains("device.blocked", "device.unblocked", "device.deleted");
        assertThat(cloud.outbox().isForgotten(id)).isTrue();
        assertThat(cloud.operator().get(path).status()).isEqualTo(404);
        await().untilAsserted(() ->
                assertThat(Facts.certificateState(cloud.stack(), certificate)).isEqualTo("revoked"));
        assertThat(cloud.register(id, "{\"id\":\"%s\"}").text()).isEqualTo("{\"registered\":true}");
    }

    @Test
    void restatesTheWholeRegistry() throws Exception {
        cloud.provision(id, cloud.join(id), "");
        String deleted = id;
        cloud.operator().delete("/api/v1/devices/" + id);
        anotherDevice();
        cloud.provision(id, cloud.join(id), "");
        JsonNode before = cloud.outbox().registry(id);
        Facts.update(cloud.stack(), "truncate public.sent");

        Person.Answer restated = cloud.operator().post("/api/v1/registry/restatement", "");

        assertThat(restated.json().path("devices").asInt()).isPositive();
        JsonNode after = cloud.outbox().registry(id);
        assertThat(after.path("certificates")).isEqualTo(before.path("certificates"));
        assertThat(after.path("since")).isEqualTo(before.path("since"));
        assertThat(cloud.outbox().isForgotten(deleted)).isTrue();
    }

    @Test
    void renewsByTheKeyInHand() throws Exception {
        Made product = Made.of("{\"name\":\"renewing\"}");
        KeyPair old = TestKeys.newKey();
        KeyPair next = TestKeys.newKey();
        String token = product.register(owned()).field("token");
        String first = cloud.provision(id, token, TestKeys.request(old, id)).field("certificate");

        assertThat(renew(token, first, next, TestKeys.newKey()).status()).isEqualTo(403);
        Person.Answer renewed = renew(token, first, next, old);
        assertThat(renewed.status()).as(renewed.text()).isEqualTo(200);
        assertThat(Facts.texts(cloud.outbox().registry(id).path("certificates")))
                .containsExactly(TestKeys.fingerprint(renewed.field("certificate")), TestKeys.fingerprint(first));

        expire(1);
        assertThat(cloud.provision(id, token, TestKeys.request(next, id)).status())
                .isEqualTo(403);
        assertThat(renew(token, first, TestKeys.newKey(), old).status()).isEqualTo(200);
        expire(91);
        Person.Answer late = renew(token, first, TestKeys.newKey(), old);
        assertThat(late.status()).isEqualTo(403);
        assertThat(late.field("error")).contains("operator");
    }

    private void expire(int daysAgo) throws Exception {
        Facts.update(
                cloud.stack(),
                "update provisioning.device_certificate set expires = now() - interval '" + daysAgo
                        + " days' where device = '" + id + "'");
    }

    private Person.Answer renew(String token, String certificate, KeyPair next, KeyPair signer) throws Exception {
        byte[] request = TestKeys.requestDer(next, id);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(signer.getPrivate());
        signature.update(request);
        String body = "{\"id\":\"%s\",\"csr\":\"%s\",\"renewal\":{\"fingerprint\":\"%s\",\"signature\":\"%s\"}}"
                .formatted(
                        id,
                        TestKeys.pem("CERTIFICATE REQUEST", request).replace("\n", "\\n"),
                        TestKeys.fingerprint(certificate),
                        Base64.getEncoder().encodeToString(signature.sign()));
        return cloud.anybody().showing("bearer " + token).post("/tok/device/provision", body);
    }

    @Test
    void refusesThousandsOfGuessesQuicklyAndSaysSoInFewWords() throws Exception {
        Made product = Made.of("{\"name\":\"guessed\",\"issuedIdsOnly\":true}");
        Person guesser =
                Person.from(cloud.stack(), InetAddress.getByName("127.0.0.8")).showing("bearer " + product.token());
        Facts.update(cloud.stack(), "truncate public.sent");
        Map<Integer, Integer> statuses = new HashMap<>();

        long began = System.nanoTime();
        for (int i = 0; i < GUESSES; i++) {
            String body = "{\"id\":\"" + Tokens.newClaimId() + "\"}";
            statuses.merge(guesser.post("/device/register", body).status(), 1, Integer::sum);
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);

        assertThat(statuses.keySet()).containsExactlyInAnyOrder(403, 429);
        // A burst of 50, and 5 a second after it.
        assertThat(statuses.get(403)).isLessThan(51 + (int) (5 * (took.toSeconds() + 1)));
        assertThat(took.dividedBy(GUESSES)).isLessThan(Duration.ofMillis(30));
        assertThat(Facts.rows(
                        cloud.stack(),
                        "select count(*) from provisioning.device where product = '"
                                + product.product().path("id").asText() + "'"))
                .isEqualTo("0");
        await().untilAsserted(() -> {
            int told = 0;
            for (JsonNode refusal : cloud.outbox().refusals("too_many_requests")) {
                told += refusal.at("/requestParameters/times").asInt(1);
            }
            assertThat(told).isEqualTo(statuses.get(429));
        });
        int records = cloud.outbox().refusals("too_many_requests").size()
                + cloud.outbox().refusals("claim_id_not_issued").size();
        // Ten one by one and a sum, each second.
        assertThat(records).isLessThan(22 * (int) (took.toSeconds() + 2));
    }
}
