package io.mooring.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.devstack.launcher.Component;
import io.mooring.provisioning.keys.Moto;
import io.mooring.provisioning.keys.PolicyEvaluator;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** The cloud as an OpenID Connect issuer, and access keys of AWS by its tokens, with no key of AWS in Mooring. */
@TestMethodOrder(MethodOrderer.MethodName.class)
class KeysIT {
    private static final Duration ROTATION = Duration.ofSeconds(4);

    private static Moto moto;
    private static TestCloud cloud;
    private static Person device;

    private final String id = "KEYSDEVICE";

    @BeforeAll
    static void start() throws Exception {
        moto = Moto.start(false);
        cloud = TestCloud.start(Map.of(
                "MOORING_PROVISIONING_KEYS_WAY", "aws-web-identity",
                "MOORING_PROVISIONING_KEYS_TOKENS_AUDIENCES", "mooring,elsewhere",
                "MOORING_PROVISIONING_KEYS_TOKENS_ROTATION", ROTATION.toSeconds() + "s",
                "MOORING_PROVISIONING_KEYS_AWS_ROLE_ARN", moto.account("role"),
                "MOORING_PROVISIONING_KEYS_AWS_STS_ENDPOINT", moto.stsEndpoint(),
                "MOORING_PROVISIONING_KEYS_AWS_S3_ENDPOINT", moto.endpoint(),
                "MOORING_PROVISIONING_KEYS_AWS_BUCKET", "fleet",
                "MOORING_PROVISIONING_KEYS_AWS_LOG_GROUP", "devices",
                "AWS_EC2_METADATA_DISABLED", "true"));
        String token = cloud.join("KEYSDEVICE");
        device = cloud.anybody().showing("bearer " + token);
        assertThat(device.post("/tok/device/getCreds", "").status()).isEqualTo(422);
        assertThat(cloud.provision("KEYSDEVICE", token, "").status()).isEqualTo(200);
        Person.Answer keys = device.post("/tok/device/getCreds", "");
        assertThat(keys.status()).as(keys.text()).isEqualTo(200);
    }

    @AfterAll
    static void stop() throws Exception {
        if (cloud != null) {
            cloud.close();
        }
        if (moto != null) {
            moto.close();
        }
    }

    @Test
    void awsTakesOurTokenAndGivesKeysThatWork() throws Exception {
        Person.Answer keys = device.post("/tok/device/getCreds", "");
        Map<String, String> asked = moto.lastAsked();

        assertThat(asked).containsEntry("Action", "AssumeRoleWithWebIdentity").containsEntry("RoleSessionName", id);
        JwtClaims claims = verified(asked.getOrDefault("WebIdentityToken", ""), "sts.amazonaws.com");
        assertThat(claims.getSubject()).isEqualTo(id);
        assertThat(claims.getClaimValue("https://aws.amazon.com/tags").toString())
                .contains(id, "main");
        PolicyEvaluator policy = new PolicyEvaluator(asked.getOrDefault("Policy", ""));
        assertThat(policy.allows("s3:GetObject", "arn:aws:s3:::fleet/main/" + id + "/x", Map.of()))
                .isTrue();
        assertThat(policy.allows("s3:GetObject", "arn:aws:s3:::fleet/main/KEYSDEVICF/x", Map.of()))
                .isFalse();
        try (S3Client s3 = S3Client.builder()
                .endpointOverride(URI.create(moto.endpoint()))
                .forcePathStyle(true)
                .region(Region.of(keys.field("region")))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .credentialsProvider(StaticCredentialsProvider.create(AwsSessionCredentials.create(
                        keys.field("accessKeyId"), keys.field("secretAccessKey"), keys.field("sessionToken"))))
                .build()) {
            s3.putObject(put -> put.bucket("fleet").key("main/" + id + "/x"), RequestBody.fromString("kept"));
            assertThat(s3.getObjectAsBytes(get -> get.bucket("fleet").key("main/" + id + "/x"))
                            .asUtf8String())
                    .isEqualTo("kept");
        }
    }

    @Test
    void awsServesTheUrlsWeSign() throws Exception {
        String put = url("{\"id\":\"%s\",\"command\":\"put\",\"filename\":\"a b.txt\",\"size\":\"2\"}");
        String get = url("{\"id\":\"%s\",\"command\":\"get\",\"filename\":\"a b.txt\"}");

        try (HttpClient http = HttpClient.newHttpClient()) {
            var stored = http.send(
                    HttpRequest.newBuilder(URI.create(put))
                            .PUT(HttpRequest.BodyPublishers.ofString("hi"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(stored.statusCode()).as(stored.body()).isEqualTo(200);
            assertThat(http.send(HttpRequest.newBuilder(URI.create(get)).build(), HttpResponse.BodyHandlers.ofString())
                            .body())
                    .isEqualTo("hi");
        }
    }

    private String url(String body) throws Exception {
        return device.post("/tok/file/getSignedUrl", body.formatted(id)).json().asText();
    }

    @Test
    void tellsOthersHowToTrustItsTokens() throws Exception {
        JsonNode document =
                cloud.anybody().get("/.well-known/openid-configuration").json();
        JsonNode keys = cloud.anybody().get("/.well-known/jwks.json").json().path("keys");

        assertThat(document.path("issuer").asText()).isEqualTo(issuer());
        assertThat(document.path("jwks_uri").asText()).isEqualTo(issuer() + "/.well-known/jwks.json");
        assertThat(document.path("id_token_signing_alg_values_supported").get(0).asText())
                .isEqualTo("RS256");
        assertThat(keys).isNotEmpty().allSatisfy(key -> {
            assertThat(key.path("use").asText()).isEqualTo("sig");
            assertThat(key.has("d")).isFalse();
            assertThat(key.has("p")).isFalse();
        });
    }

    @Test
    void keepsSigningKeysSealed() throws Exception {
        device.post("/tok/device/getToken", "");
        try (Connection database = cloud.stack().connection("postgres");
                Statement statement = database.createStatement();
                ResultSet rows =
                        statement.executeQuery("select private_key, public_key from provisioning.signing_key")) {
            assertThat(rows.next()).isTrue();
            PKCS8EncodedKeySpec asKey = new PKCS8EncodedKeySpec(rows.getBytes(1));
            assertThatExceptionOfType(InvalidKeySpecException.class)
                    .isThrownBy(() -> KeyFactory.getInstance("RSA").generatePrivate(asKey));
            assertThat(rows.getString(2)).doesNotContain("\"d\"");
        }
    }

    @Test
    void signingKeysFollowOneAnother() throws Exception {
        String first = device.post("/tok/device/getToken", "").field("token");
        Set<String> published = new HashSet<>();
        List<String> tokens = new ArrayList<>();

        await().pollInterval(ROTATION.dividedBy(4))
                .atMost(ROTATION.multipliedBy(5))
                .until(() -> {
                    cloud.anybody()
                            .get("/.well-known/jwks.json")
                            .json()
                            .path("keys")
                            .forEach(key -> published.add(key.path("kid").asText()));
                    tokens.add(device.post("/tok/device/getToken", "").field("token"));
                    return !keyId(tokens.getLast()).equals(keyId(first));
                });

        // Whoever fetched the keys before the change knew the one that came, and takes what the other signed.
        assertThat(published).contains(keyId(first), keyId(tokens.getLast()));
        verified(first, "mooring");
        verified(tokens.getLast(), "mooring");
        assertThat(with(first).post("/tok/device/getCreds", "").status()).isEqualTo(200);
    }

    private static String keyId(String token) throws Exception {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setCompactSerialization(token);
        return signature.getKeyIdHeaderValue();
    }

    @Test
    void tokensAreForTheirAudienceAndLetTheirDeviceIn() throws Exception {
        Person.Answer own = device.post("/tok/device/getToken", "");
        Person.Answer foreign = device.post("/tok/device/getToken", "{\"audience\":\"elsewhere\"}");
        Person.Answer unknown = device.post("/tok/device/getToken", "{\"audience\":\"sts.amazonaws.com\"}");

        assertThat(unknown.status()).isEqualTo(422);
        JwtClaims claims = verified(own.field("token"), "mooring");
        assertThat(claims.getSubject()).isEqualTo(id);
        assertThat(claims.getStringClaimValue("cloud")).isEqualTo("main");
        assertThat(claims.getClaimValue("https://aws.amazon.com/tags")).isNull();
        verified(foreign.field("token"), "elsewhere");
        assertThat(with(own.field("token")).post("/tok/device/getCreds", "").status())
                .isEqualTo(200);
        assertThat(with(foreign.field("token")).post("/tok/device/getCreds", "").status())
                .isEqualTo(401);
        assertThat(with(own.field("token")).post("/tok/device/getToken", "").status())
                .isEqualTo(401);
        assertThat(with(tampered(own.field("token")))
                        .post("/tok/device/getCreds", "")
                        .status())
                .isEqualTo(401);
        assertThat(with(unsigned(own.field("token")))
                        .post("/tok/device/getCreds", "")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void zLastAReleasedDeviceGetsNothing() throws Exception {
        String token = device.post("/tok/device/getToken", "").field("token");

        cloud.operator().post("/api/v1/devices/" + id + "/release", "{}");

        assertThat(device.post("/tok/device/getCreds", "").status()).isEqualTo(401);
        assertThat(with(token).post("/tok/device/getCreds", "").status()).isEqualTo(409);
        // Claimed and provisioned anew, it is not the device that got the token.
        cloud.provision(id, cloud.join(id), "");
        assertThat(with(token).post("/tok/device/getCreds", "").status()).isEqualTo(401);
    }

    private static Person with(String token) {
        return cloud.anybody().showing("Bearer " + token);
    }

    private static String tampered(String token) {
        String[] parts = token.split("\\.");
        String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8)
                .replace("KEYSDEVICE", "KEYSDEVICF");
        return parts[0] + "."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(StandardCharsets.UTF_8))
                + "." + parts[2];
    }

    private static String unsigned(String token) {
        String head = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8));
        return head + "." + token.split("\\.")[1] + ".";
    }

    private static JwtClaims verified(String token, String audience) throws Exception {
        JsonWebKeySet keys =
                new JsonWebKeySet(cloud.anybody().get("/.well-known/jwks.json").text());
        return new JwtConsumerBuilder()
                .setVerificationKeyResolver(new JwksVerificationKeyResolver(keys.getJsonWebKeys()))
                .setExpectedIssuer(issuer())
                .setExpectedAudience(audience)
                .setRequireExpirationTime()
                .build()
                .processToClaims(token);
    }

    private static String issuer() {
        return cloud.stack().url(Component.PROVISIONING);
    }
}
