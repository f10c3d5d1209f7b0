package io.mooring.provisioning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Enrolment over EST, RFC 7030. */
class EstIT {
    private static TestCloud cloud;
    private static int devices;

    private String id = "";
    private final KeyPair key = TestKeys.newKey();

    @BeforeAll
    static void start() throws Exception {
        cloud = TestCloud.start();
    }

    @AfterAll
    static void stop() {
        cloud.close();
    }

    @BeforeEach
    void anotherDevice() {
        id = "ESTEST%04d".formatted(devices++);
    }

    @Test
    void givesOutTheAuthorities() throws Exception {
        cloud.provision(id, cloud.join(id), "");

        for (String path : List.of("cacerts", "main/cacerts")) {
            EstClient.Answer answer = EstClient.of(cloud).get(path);

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Content-Type")).startsWith("application/pkcs7-mime");
            assertThat(answer.header("Content-Transfer-Encoding")).isEqualTo("base64");
            assertThat(answer.certificates())
                    .contains(
                            TestKeys.certificate(Files.readString(cloud.stack().authorityFile())));
        }
        assertThat(EstClient.of(cloud).get("elsewhere/cacerts").status()).isEqualTo(404);
        assertThat(EstClient.of(cloud).get("serverkeygen").status()).isEqualTo(404);
    }

    @Test
    void saysWhatARequestShouldHave() throws Exception {
        EstClient.Answer answer = EstClient.of(cloud).get("csrattrs");

        assertThat(answer.header("Content-Type")).startsWith("application/csrattrs");
        // SEQUENCE { SEQUENCE { ecPublicKey, SET { secp256r1 } }, ecdsa-with-SHA256 }
        assertThat(answer.decoded())
                .asHexString()
                .isEqualToIgnoringCase("3021301506072A8648CE3D0201310A06082A8648CE3D03010706082A8648CE3D040302");
    }

    @ParameterizedTest
    @MethodSource
    void enrolsByTheDevicesTokenHoweverTheRequestIsEncoded(String encoding) throws Exception {
        EstClient.Answer answer = EstClient.of(cloud)
                .as(id, cloud.join(id))
                .post("simpleenroll", encoded(TestKeys.requestDer(key, id), encoding));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/pkcs7-mime; smime-type=certs-only");
        assertThat(answer.certificates()).singleElement().satisfies(certificate -> {
            assertThat(certificate.getPublicKey()).isEqualTo(key.getPublic());
            assertThat(Facts.texts(cloud.outbox().registry(id).path("certificates")))
                    .containsExactly(TestKeys.fingerprint(certificate));
        });
    }

    static Stream<String> enrolsByTheDevicesTokenHoweverTheRequestIsEncoded() {
        return Stream.of("one line", "many lines", "PEM", "DER");
    }

    private static byte[] encoded(byte[] der, String encoding) {
        return switch (encoding) {
            case "one line" -> Base64.getEncoder().encode(der);
            case "many lines" -> Base64.getMimeEncoder().encode(der);
            case "PEM" -> TestKeys.pem("CERTIFICATE REQUEST", der).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            default -> der;
        };
    }

    @Test
    void registersByTheProductsTokenAndWaitsForAClaim() throws Exception {
        EstClient device = EstClient.of(cloud).as(id, cloud.productToken());
        byte[] request = TestKeys.requestDer(key, id);

        EstClient.Answer waiting = device.post("simpleenroll", request);
        cloud.operator().post("/api/v1/devices/" + id + "/claim", "");
        EstClient.Answer enrolled = device.post("main/simpleenroll", request);

        assertThat(waiting.status()).isEqualTo(202);
        assertThat(Integer.parseInt(waiting.header("Retry-After"))).isPositive();
        assertThat(enrolled.status()).isEqualTo(200);
        assertThat(enrolled.certificates()).hasSize(1);
    }

    @Test
    void reenrolsByTheCertificateInHand() throws Exception {
        X509Certificate first = enrol();
        KeyPair next = TestKeys.newKey();

        EstClient.Answer answer =
                EstClient.of(cloud).showing(first, key).post("simplereenroll", TestKeys.requestDer(next, id));

        assertThat(answer.status()).isEqualTo(200);
        X509Certificate second = answer.certificates().getFirst();
        assertThat(second.getPublicKey()).isEqualTo(next.getPublic());
        assertThat(second.getSubjectX500Principal()).isEqualTo(first.getSubjectX500Principal());
        assertThat(Facts.texts(cloud.outbox().registry(id).path("certificates")))
                .containsExactly(TestKeys.fingerprint(second), TestKeys.fingerprint(first));
    }

    @ParameterizedTest
    @MethodSource
    void judgesCertificatesThatAreNotValidNow(String case_, int endedDaysAgo, int status) throws Exception {
        enrol();
        boolean early = endedDaysAgo < 0;
        Instant end = Instant.now().minus(Duration.ofDays(endedDaysAgo));
        X509Certificate certificate = TestKeys.selfSigned(
                key, id, early ? Instant.now().plus(Duration.ofDays(1)) : end.minus(Duration.ofDays(30)), end);
        Facts.update(
                cloud.stack(),
                "update provisioning.device_certificate set fingerprint = '" + TestKeys.fingerprint(certificate)
                        + "', expires = '" + end + "' where device = '" + id + "'");

        EstClient.Answer answer =
                EstClient.of(cloud).showing(certificate, key).post("simplereenroll", TestKeys.requestDer(key, id));

        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
    }

    static Stream<Arguments> judgesCertificatesThatAreNotValidNow() {
        return Stream.of(
                Arguments.of("expired, in the grace", 89, 200),
                Arguments.of("expired long ago", 91, 403),
                Arguments.of("not valid yet", -30, 403));
    }

    @Test
    void reenrolsNobodyByAStrangersCertificate() throws Exception {
        enrol();
        X509Certificate forged = TestKeys.selfSigned(
                key, id, Instant.now().minusSeconds(60), Instant.now().plusSeconds(3600));
        byte[] request = TestKeys.requestDer(key, id);

        EstClient.Answer byForged = EstClient.of(cloud).showing(forged, key).post("simplereenroll", request);
        EstClient.Answer byNone = EstClient.of(cloud).post("simplereenroll", request);

        assertThat(byForged.status()).isEqualTo(403);
        assertThat(byForged.text()).contains("no device may use this certificate");
        assertThat(byNone.status()).isEqualTo(403);
        assertThat(cloud.outbox().refusals("unknown_certificate")).isNotEmpty();
    }

    @Test
    void reenrolsNeitherForAnotherDeviceNorInAnotherCloudNorWhenReleased() throws Exception {
        X509Certificate certificate = enrol();
        EstClient device = EstClient.of(cloud).showing(certificate, key);

        assertThat(device.post("simplereenroll", TestKeys.requestDer(key, "OTHER00000"))
                        .status())
                .isEqualTo(422);
        assertThat(device.post("elsewhere/simplereenroll", TestKeys.requestDer(key, id))
                        .status())
                .isEqualTo(404);
        cloud.operator().post("/api/v1/devices/" + id + "/release", "");
        assertThat(device.post("simplereenroll", TestKeys.requestDer(key, id)).status())
                .isEqualTo(403);
    }

    @Test
    void asksWhoeverShowsNothingGoodWhoItIs() throws Exception {
        String token = cloud.join(id);
        byte[] request = TestKeys.requestDer(key, id);

        for (EstClient stranger : List.of(
                EstClient.of(cloud),
                EstClient.of(cloud).as(id, "wrong"),
                EstClient.of(cloud).as("OTHER00000", token))) {
            EstClient.Answer answer = stranger.post("simpleenroll", request);

            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.header("WWW-Authenticate")).startsWith("Basic ");
            assertThat(answer.header("Content-Type")).startsWith("text/plain");
        }
        assertThat(EstClient.of(cloud)
                        .as("nonsense", cloud.productToken())
                        .post("simpleenroll", request)
                        .status())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense!", "MIIB", "-----BEGIN CERTIFICATE REQUEST-----"})
    void refusesWhatIsNoRequest(String body) throws Exception {
        EstClient.Answer answer = EstClient.of(cloud)
                .as(id, cloud.join(id))
                .post("simpleenroll", body.getBytes(java.nio.charset.StandardCharsets.US_ASCII));

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.text()).isNotBlank();
    }

    @Test
    void servesAnEstClientOfSomebodyElse(@TempDir Path folder) throws Exception {
        Path client = SecondEstClient.find();
        boolean there = Files.isExecutable(client);
        if (!there && "true".equals(System.getenv("CI"))) {
            throw new IllegalStateException(client + " is not there, and CI must have it");
        }
        assumeTrue(there, "SKIPPED, LOUDLY: the Go EST client is not built; e2e/est-client/build makes it");
        SecondEstClient est = new SecondEstClient(client, cloud, folder);

        est.run("cacerts", "-out", "authorities.pem");
        est.makeRequest(id);
        est.run("enroll", "-user", id, "-pass", cloud.join(id), "-csr", "request.pem", "-out", "first.pem");
        est.run("reenroll", "-certs", "first.pem", "-key", "device.key", "-csr", "request.pem", "-out", "second.pem");

        assertThat(Facts.texts(cloud.outbox().registry(id).path("certificates")))
                .containsExactly(
                        TestKeys.fingerprint(Files.readString(folder.resolve("second.pem"))),
                        TestKeys.fingerprint(Files.readString(folder.resolve("first.pem"))));
    }

    private X509Certificate enrol() throws Exception {
        return EstClient.of(cloud)
                .as(id, cloud.join(id))
                .post("simpleenroll", TestKeys.requestDer(key, id))
                .certificates()
                .getFirst();
    }
}
