package io.mooring.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.devstack.launcher.Component;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwt.consumer.JwtContext;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device's life, from its first word to its release. */
class ProvisioningIT {
    private static TestCloud cloud;
    private static int devices;

    private String id = "";

    @BeforeAll
    static void start() throws Exception {
        cloud = TestCloud.start(Map.of("MOORING_PROVISIONING_KEYS_TOKENS_ALGORITHM", "ES256"));
    }

    @AfterAll
    static void stop() {
        cloud.close();
    }

    @BeforeEach
    void anotherDevice() {
        id = "DEVICE%04d".formatted(devices++);
    }

    @Test
    void joinsWithARequestOfItsOwn() throws Exception {
        Person.Answer unclaimed = cloud.register(id, "{\"id\":\"%s\",\"name\":\"Demo\"}");
        Person.Answer claimed = cloud.operator().post("/api/v1/devices/" + id + "/claim", "");
        Person.Answer answer = cloud.register(id, "{\"id\":\"%s\",\"name\":\"Demo\"}");

        assertThat(unclaimed.text()).isEqualTo("{\"registered\":true}");
        assertThat(unclaimed.length()).contains("19");
        assertThat(unclaimed.type()).isEqualTo("application/json");
        assertThat(claimed.field("state")).isEqualTo("claimed");
        assertThat(Facts.names(answer.json()))
                .containsExactly("registered", "api", "token", "cloudType", "cloudName", "cloudRegion");
        assertThat(answer.field("api")).isEqualTo(cloud.stack().url(Component.PROVISIONING));
        assertThat(answer.field("cloudType")).isEqualTo("dedicated");
        assertThat(answer.field("cloudName")).isEqualTo("main");

        Person.Answer provisioned = cloud.provision(id, answer.field("token"), TestKeys.request(id));

        assertThat(Facts.names(provisioned.json()))
                .containsExactly("accountId", "id", "certificate", "endpoint", "port", "thing", "authority", "expires");
        assertThat(provisioned.field("accountId")).isEqualTo("main");
        assertThat(provisioned.json().path("port").isInt()).isTrue();
        assertThat(provisioned.length()).isPresent();
        assertThat(cloud.outbox().types(id))
                .containsExactly(
                        "device.registered",
                        "device.claimed",
                        "device.registry",
                        "device.provisioned",
                        "device.registry");
        assertThat(cloud.outbox().registry(id).path("state").asText()).isEqualTo("active");
        assertThat(Facts.texts(cloud.outbox().registry(id).path("certificates")))
                .containsExactly(TestKeys.fingerprint(provisioned.field("certificate")));
    }

    @Test
    void joinsAnIotoAgentWithAKeyMadeHere() throws Exception {
        String token = cloud.join(id);

        Person.Answer provisioned = cloud.provision(id, token, "");

        assertThat(Facts.names(provisioned.json()))
                .containsExactly(
                        "accountId", "id", "certificate", "key", "endpoint", "port", "thing", "authority", "expires");
        assertThat(provisioned.field("key")).startsWith("-----BEGIN PRIVATE KEY-----\n");
        Person device = cloud.anybody().showing("bearer " + token);
        assertThat(device.post("/tok/provision/update", "{\"id\":\"" + id + "\",\"version\":\"1.0.0\"}")
                        .text())
                .isEqualTo("{}");
        Person.Answer keys = device.post("/tok/device/getCreds", "");
        assertThat(Facts.names(keys.json()))
                .containsExactly("accessKeyId", "secretAccessKey", "sessionToken", "expires", "region");
        assertThat(cloud.outbox().calls(id))
                .filteredOn(call -> call.path("eventName").asText().equals("GetAccessKeys"))
                .singleElement()
                .satisfies(call -> {
                    assertThat(call.at("/userIdentity/userName").asText()).isEqualTo(id);
                    assertThat(call.toString())
                            .contains(keys.field("accessKeyId"))
                            .doesNotContain(keys.field("secretAccessKey"), keys.field("sessionToken"));
                });
    }

    @Test
    void signsTokensOnACurveIfSoConfigured() throws Exception {
        String deviceToken = cloud.join(id);
        cloud.provision(id, deviceToken, TestKeys.request(id));

        String token = cloud.anybody()
                .showing("bearer " + deviceToken)
                .post("/tok/device/getToken", "")
                .field("token");

        JsonWebKeySet keys =
                new JsonWebKeySet(cloud.anybody().get("/.well-known/jwks.json").text());
        JwtContext read = new JwtConsumerBuilder()
                .setVerificationKeyResolver(new JwksVerificationKeyResolver(keys.getJsonWebKeys()))
                .setJwsAlgorithmConstraints(AlgorithmConstraints.ConstraintType.PERMIT, "ES256")
                .setExpectedAudience("mooring")
                .build()
                .process(token);
        assertThat(read.getJwtClaims().getSubject()).isEqualTo(id);
        assertThat(cloud.anybody()
                        .get("/.well-known/openid-configuration")
                        .json()
                        .path("id_token_signing_alg_values_supported")
                        .get(0)
                        .asText())
                .isEqualTo("ES256");
        assertThat(cloud.anybody()
                        .showing("Bearer " + token)
                        .post("/tok/device/getCreds", "")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void claimsByItselfADeviceThatNamesAKnownOwner() throws Exception {
        assertThat(cloud.register(id, "{\"id\":\"%s\",\"account\":\"main\",\"cloud\":\"main\"}")
                        .field("token"))
                .isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":\"%s\",\"account\":\"nobody\",\"cloud\":\"main\"}",
                "{\"id\":\"%s\",\"account\":\"main\",\"cloud\":\"elsewhere\"}",
                "{\"id\":\"%s\",\"account\":\"main\"}"
            })
    void waitsForAPersonWhereTheOwnerIsNotKnown(String body) throws Exception {
        assertThat(cloud.register(id, body).text()).isEqualTo("{\"registered\":true}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bearer ", "Bearer ", "BEARER ", "bEaReR   "})
    void takesTheSchemeInAnyCase(String scheme) throws Exception {
        assertThat(cloud.anybody()
                        .showing(scheme + cloud.productToken())
                        .post("/device/register", "{\"id\":\"" + id + "\"}")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void storesNothingForAnUnknownProduct() throws Exception {
        Person.Answer answer =
                cloud.anybody().showing("bearer wrong").post("/device/register", "{\"id\":\"" + id + "\"}");

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.type()).isEqualTo("application/json");
        assertThat(Facts.names(answer.json())).containsExactly("error");
        assertThat(cloud.operator().get("/api/v1/devices/" + id).status()).isEqualTo(404);
        assertThat(cloud.outbox().refusals("unknown_product")).isNotEmpty();
    }

    @Test
    void registersOnceHoweverManyAskTogether() throws Exception {
        List<Future<Person.Answer>> answers = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 10; i++) {
                answers.add(threads.submit(
                        () -> cloud.register(id, "{\"id\":\"%s\",\"account\":\"main\",\"cloud\":\"main\"}")));
            }
        }

        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer.get().status()).isEqualTo(200));
        assertThat(cloud.outbox().types(id)).containsExactly("device.registered", "device.claimed", "device.registry");
        assertThat(cloud.provision(id, answers.getLast().get().field("token"), "")
                        .status())
                .isIn(200, 401);
    }

    @Test
    void keepsThePrivateAndDropsTheProductsToken() throws Exception {
        cloud.register(id, "{\"id\":\"%s\",\"product\":\"" + cloud.productToken() + "\",\"colour\":\"blue\"}");

        assertThat(cloud.operator().get("/api/v1/devices/" + id).field("properties"))
                .isEmpty();
        assertThat(cloud.operator()
                        .get("/api/v1/devices/" + id)
                        .json()
                        .path("properties")
                        .toString())
                .isEqualTo("{\"colour\":\"blue\"}");
        assertThat(Facts.rows(cloud.stack(), "select product, hash from provisioning.product_token"))
                .doesNotContain(cloud.productToken());
        assertThat(Files.readString(cloud.stack().log(Component.PROVISIONING)))
                .doesNotContain(cloud.productToken())
                .doesNotContain(cloud.stack().secrets().operatorToken())
                .doesNotContain(cloud.stack().secrets().operatorPassword())
                .doesNotContain("PRIVATE KEY");
    }

    @Test
    void releasesADevice() throws Exception {
        String token = cloud.join(id);
        String certificate = cloud.provision(id, token, "").field("certificate");
        Person device = cloud.anybody().showing("bearer " + token);

        assertThat(cloud.operator()
                        .post("/api/v1/devices/" + id + "/release", "")
                        .field("state"))
                .isEqualTo("released");
        assertThat(cloud.operator()
                        .post("/api/v1/devices/" + id + "/release", "")
                        .status())
                .isEqualTo(200);

        assertThat(device.post("/tok/provision/update", "{\"id\":\"" + id + "\"}")
                        .text())
                .isEqualTo("Authentication failed");
        assertThat(cloud.outbox().registry(id).path("state").asText()).isEqualTo("released");
        assertThat(cloud.outbox().registry(id).path("certificates")).isEmpty();
        assertThat(cloud.outbox().types(id)).endsWith("device.released", "device.registry");
        await().untilAsserted(() ->
                assertThat(Facts.certificateState(cloud.stack(), certificate)).isEqualTo("revoked"));
        assertThat(cloud.join(id)).isNotEqualTo(token);
    }

    @Test
    void blocksADeviceForAWhile() throws Exception {
        String token = cloud.join(id);
        cloud.provision(id, token, "");

        cloud.operator().post("/api/v1/devices/" + id + "/block", "{\"delaySeconds\":90}");
        Person.Answer blocked = cloud.provision(id, token, "");

        assertThat(blocked.status()).isEqualTo(200);
        assertThat(blocked.text()).isEqualTo("{\"error\":\"Device is blocked\",\"delay\":90}");
        assertThat(cloud.outbox().registry(id).path("state").asText()).isEqualTo("blocked");

        cloud.operator().post("/api/v1/devices/" + id + "/unblock", "");
        assertThat(cloud.provision(id, token, "").status()).isEqualTo(200);
        assertThat(cloud.outbox().registry(id).path("state").asText()).isEqualTo("active");
    }

    @Test
    void listsDevicesPageByPage() throws Exception {
        cloud.register(id, "{\"id\":\"%s\"}");
        anotherDevice();
        cloud.register(id, "{\"id\":\"%s\"}");

        List<String> seen = new ArrayList<>();
        String after = "";
        do {
            JsonNode page = cloud.operator()
                    .get("/api/v1/devices?limit=1&after=" + after)
                    .json();
            page.path("devices").forEach(device -> seen.add(device.path("id").asText()));
            after = page.path("next").asText();
        } while (!after.isEmpty());

        assertThat(seen).contains(id).isSorted().doesNotHaveDuplicates();
        assertThat(cloud.operator().get("/api/v1/devices?limit=0").status()).isEqualTo(400);
    }

    @Test
    void goesOnWhenTheCertificateAuthorityIsBack() throws Exception {
        String token = cloud.join(id);
        String certificate = cloud.provision(id, token, "").field("certificate");

        cloud.stack().stop(Component.CERTIFICATE_AUTHORITY);
        Person.Answer unavailable = cloud.provision(id, token, "");
        Person.Answer released = cloud.operator().post("/api/v1/devices/" + id + "/release", "");
        String anew = cloud.join(id);
        cloud.stack().start(Component.CERTIFICATE_AUTHORITY);
        cloud.stack().awaitReady(Component.CERTIFICATE_AUTHORITY);

        assertThat(unavailable.status()).isEqualTo(503);
        assertThat(Facts.names(unavailable.json())).containsExactly("error");
        assertThat(released.status()).isEqualTo(200);
        assertThat(cloud.provision(id, anew, "").status()).isEqualTo(200);
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(Facts.certificateState(cloud.stack(), certificate))
                        .isEqualTo("revoked"));
    }

    @Test
    void losesNothingWhenKilled() throws Exception {
        String token = cloud.join(id);
        cloud.provision(id, token, "");

        cloud.stack().kill(Component.PROVISIONING);

        Person.Answer again = await().atMost(Duration.ofSeconds(60))
                .ignoreExceptions()
                .until(() -> cloud.provision(id, token, ""), answer -> answer.status() == 200);
        assertThat(Facts.texts(cloud.outbox().registry(id).path("certificates")))
                .hasSize(2)
                .contains(TestKeys.fingerprint(again.field("certificate")));
    }
}
