package io.mooring.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.certificates.x509.TestRequests;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The service as it ships, against a real database. */
class CertificatesIT {
    private static Devstack stack;
    private static OutboxRecorder outbox;
    private static Client provisioning;
    private static Client launcher;

    @TempDir
    Path files;

    @BeforeAll
    static void start() throws Exception {
        stack = Devstack.builder().brief().with(Component.CERTIFICATE_AUTHORITY).start();
        outbox = OutboxRecorder.start(stack);
        provisioning = caller("provisioning");
        launcher = caller("launcher");
    }

    private static Client caller(String name) {
        return new Client(
                stack.url(Component.CERTIFICATE_AUTHORITY), stack.secrets().serviceToken(name, "certificates"));
    }

    @AfterAll
    static void stop() {
        stack.close();
    }

    @Test
    void issuesForADevicesRequest() throws Exception {
        var key = TestRequests.ec("secp256r1");

        Client.Answer answer = provisioning.deviceCertificate(
                "main", "DEVICE0001", TestRequests.pem("CN=DEVICE0001", key, "SHA256withECDSA"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().has("key")).isFalse();
        X509Certificate certificate = certificates(answer.text("certificate")).getFirst();
        assertThat(certificate.getPublicKey().getEncoded())
                .isEqualTo(key.getPublic().getEncoded());
        assertThat(answer.text("fingerprint")).isEqualTo(sha256(certificate.getEncoded()));
        assertThat(answer.text("serial"))
                .isEqualTo(
                        HexFormat.of().formatHex(certificate.getSerialNumber().toByteArray()));
        assertThat(answer.text("expires"))
                .isEqualTo(certificate.getNotAfter().toInstant().toString());
        assertThat(certificates(answer.text("certificate"))).hasSize(1);
        assertThat(certificates(answer.text("authority"))).hasSize(2);

        assertThat(outbox.sent("io.mooring.certificate.issued", "serial", answer.text("serial")))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.path("device").asText()).isEqualTo("DEVICE0001");
                    assertThat(event.path("fingerprint").asText()).isEqualTo(answer.text("fingerprint"));
                });
    }

    @Test
    void makesTheKeyWhereNoRequestIsSent() throws Exception {
        Client.Answer answer = provisioning.deviceCertificate("main", "DEVICE0002", "");

        X509Certificate certificate = certificates(answer.text("certificate")).getFirst();
        String body = answer.text("key").replaceAll("-----[A-Z ]+-----|\\s", "");
        PrivateKey key = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(body)));
        byte[] message = "proof".getBytes(StandardCharsets.UTF_8);
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key);
        signature.update(message);
        byte[] signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update(message);
        assertThat(signature.verify(signed)).isTrue();
    }

    @Test
    void recordsAndTellsEachOnceHoweverManyAskTogether() throws Exception {
        List<Callable<String>> asking = new ArrayList<>();
        for (int i = 0; i < 96; i++) {
            String device = "CROWD%05d".formatted(i);
            asking.add(() -> provisioning.deviceCertificate("main", device, "").text("serial") + " " + device);
        }
        List<String> answered = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(32)) {
            for (Future<String> one : threads.invokeAll(asking)) {
                answered.add(one.get());
            }
        }

        List<String> recorded = new ArrayList<>();
        try (Connection connection = stack.connection("mooring_certificates");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select serial || ' ' || subject from certificates.certificate"
                        + " where state = 'issued' and prepared is null and subject like 'CROWD%'")) {
            while (rows.next()) {
                recorded.add(rows.getString(1));
            }
        }
        assertThat(recorded).hasSize(96).containsExactlyInAnyOrderElementsOf(answered);
        assertThat(outbox.sent("io.mooring.certificate.issued").stream()
                        .filter(event -> event.path("device").asText().startsWith("CROWD"))
                        .map(event -> event.path("serial").asText() + " "
                                + event.path("device").asText()))
                .containsExactlyInAnyOrderElementsOf(answered);
    }

    @Test
    void satisfiesOpenssl() throws Exception {
        assumeTrue(openssl("version").equals(0), "SKIPPED: there is no openssl on this machine; install it");
        Client.Answer device = provisioning.deviceCertificate("main", "DEVICE0003", "");
        Client.Answer server = launcher.serverCertificate(
                List.of("localhost", "127.0.0.1"), TestRequests.pem("CN=any", TestRequests.rsa(2048), "SHA256withRSA"));
        Path root = write("root.pem", rootOf(device));

        assertThat(openssl(verify(root, device, "-purpose", "sslclient"))).isZero();
        assertThat(openssl(verify(root, server, "-purpose", "sslserver", "-verify_hostname", "localhost")))
                .isZero();
        assertThat(openssl(verify(root, server, "-purpose", "sslserver", "-verify_ip", "127.0.0.1")))
                .isZero();
        assertThat(openssl(verify(root, server, "-purpose", "sslserver", "-verify_hostname", "example.org")))
                .isNotZero();
        assertThat(openssl(verify(root, device, "-purpose", "sslserver"))).isNotZero();
        assertThat(openssl(verify(root, server, "-purpose", "sslclient"))).isNotZero();
    }

    @Test
    void keepsCloudsApart() throws Exception {
        Client.Answer one = provisioning.deviceCertificate("main", "DEVICE0004", "");
        Client.Answer other = provisioning.deviceCertificate("factory", "DEVICE0004", "");

        assertThat(certificates(other.text("authority")).getLast())
                .isEqualTo(certificates(one.text("authority")).getLast());
        assertThat(certificates(other.text("authority")).getFirst())
                .isNotEqualTo(certificates(one.text("authority")).getFirst());
        assertThat(provisioning.get("/v1/clouds/factory/authority").body().asText())
                .isEqualTo(other.text("authority"));
        assertThat(provisioning.get("/v1/trust-bundle").body().asText())
                .contains(certificateBlocks(one.text("authority")))
                .contains(certificateBlocks(other.text("authority")));
    }

    @ParameterizedTest
    @MethodSource
    void refusesWhatIsWrong(String what, int status, String code, String cloud, String device, String csr)
            throws Exception {
        Client.Answer answer = provisioning.deviceCertificate(cloud, device, csr);

        assertThat(answer.status()).as(what).isEqualTo(status);
        assertThat(answer.type()).isEqualTo("application/problem+json");
        assertThat(answer.text("code")).isEqualTo(code);
        assertThat(answer.text("detail")).isNotEmpty();
        assertThat(outbox.sent("io.mooring.audit", "errorCode", code)).isNotEmpty();
    }

    static Stream<Arguments> refusesWhatIsWrong() {
        var key = TestRequests.ec("secp256r1");
        String stolen = TestRequests.pem(
                TestRequests.der("CN=DEVICE0005", key, TestRequests.ec("secp256r1"), "SHA256withECDSA"));
        String good = TestRequests.pem("CN=DEVICE0005", key, "SHA256withECDSA");
        return Stream.of(
                Arguments.of("another's key", 422, "bad_proof", "main", "DEVICE0005", stolen),
                Arguments.of("another's name", 422, "wrong_subject", "main", "DEVICE0006", good),
                Arguments.of(
                        "weak key",
                        422,
                        "weak_key",
                        "main",
                        "DEVICE0005",
                        TestRequests.pem("CN=DEVICE0005", TestRequests.rsa(1024), "SHA256withRSA")),
                Arguments.of("not a request", 422, "malformed_csr", "main", "DEVICE0005", "nonsense"),
                Arguments.of("too long", 422, "csr_too_large", "main", "DEVICE0005", "x".repeat(9000)),
                Arguments.of("no cloud", 422, "bad_cloud", "Main/..", "DEVICE0005", good),
                Arguments.of("no device", 422, "bad_device", "main", "DEVICE/5", good));
    }

    @Test
    void refusesBodiesItCannotRead() throws Exception {
        assertThat(provisioning.post("/v1/device-certificates", "{").text("code"))
                .isEqualTo("malformed_json");
        assertThat(provisioning.post("/v1/device-certificates", "[]").text("code"))
                .isEqualTo("malformed_json");
        assertThat(provisioning
                        .post("/v1/device-certificates", "{\"cloud\":\"main\",\"device\":\"A\",\"csr\":1}")
                        .text("code"))
                .isEqualTo("malformed_csr");
        assertThat(provisioning
                        .post("/v1/device-certificates", "{\"x\":\"" + "x".repeat(40_000) + "\"}")
                        .status())
                .isEqualTo(413);
        assertThat(provisioning.get("/v1/nothing").status()).isEqualTo(404);
    }

    @Test
    void letsEachClientDoItsOwnOnly() throws Exception {
        String csr = TestRequests.pem("CN=x", TestRequests.ec("secp256r1"), "SHA256withECDSA");
        Client stranger = new Client(stack.url(Component.CERTIFICATE_AUTHORITY), "wrong");

        assertThat(launcher.deviceCertificate("main", "DEVICE0007", "").text("code"))
                .isEqualTo("forbidden");
        assertThat(provisioning.serverCertificate(List.of("localhost"), csr).text("code"))
                .isEqualTo("forbidden");
        assertThat(stranger.deviceCertificate("main", "DEVICE0007", "").status())
                .isEqualTo(401);
        assertThat(stranger.get("/v1/trust-bundle").status()).isEqualTo(401);
        assertThat(outbox.sent("io.mooring.audit", "errorCode", "unauthorized"))
                .isNotEmpty()
                .allSatisfy(event -> assertThat(
                                event.path("userIdentity").path("userName").asText())
                        .isEqualTo("anonymous"));
    }

    @Test
    void revokesOnce() throws Exception {
        String serial = provisioning.deviceCertificate("main", "DEVICE0008", "").text("serial");

        Client.Answer first = provisioning.revoke(serial, "keyCompromise");
        Client.Answer again = provisioning.revoke(serial, "superseded");

        assertThat(first.status()).isEqualTo(200);
        assertThat(first.text("reason")).isEqualTo("keyCompromise");
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(outbox.sent("io.mooring.certificate.revoked", "serial", serial))
                .hasSize(1);
        assertThat(provisioning.revoke("0".repeat(32), "unspecified").status()).isEqualTo(404);
        assertThat(provisioning.revoke(serial, "boredom").text("code")).isEqualTo("bad_reason");
    }

    @Test
    void keepsItsAuthoritiesAndItsSecrets() throws Exception {
        JsonNode before = provisioning.get("/v1/trust-bundle").body();

        stack.restart(Component.CERTIFICATE_AUTHORITY);

        assertThat(provisioning.get("/v1/trust-bundle").body()).isEqualTo(before);
        assertThat(Files.readString(stack.log(Component.CERTIFICATE_AUTHORITY)))
                .doesNotContain("PRIVATE KEY")
                .doesNotContain(stack.secrets().certificatesMasterKey())
                .doesNotContain(stack.secrets().serviceToken("provisioning", "certificates"));
        try (Connection connection = stack.connection("mooring_certificates");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select sealed_key from certificates.authority")) {
            while (rows.next()) {
                // Every clear P-256 key names its curve.
                assertThat(HexFormat.of().formatHex(rows.getBytes(1))).doesNotContain("2a8648ce3d030107");
            }
        }
    }

    private String rootOf(Client.Answer answer) {
        String authority = answer.text("authority");
        return authority.substring(authority.lastIndexOf("-----BEGIN"));
    }

    private List<String> verify(Path root, Client.Answer answer, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of("verify", "-x509_strict", "-CAfile", root.toString()));
        command.addAll(List.of(more));
        command.addAll(List.of(
                "-untrusted", write("chain.pem", answer.text("authority")).toString()));
        command.add(write("leaf.pem", answer.text("certificate")).toString());
        return command;
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(files.resolve(name), text);
    }

    private static Integer openssl(String argument) throws Exception {
        return openssl(List.of(argument));
    }

    private static Integer openssl(List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(arguments);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        } catch (IOException notThere) {
            return -1;
        }
    }

    private static List<X509Certificate> certificates(String pem) throws Exception {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
                .stream()
                .map(X509Certificate.class::cast)
                .toList();
    }

    private static String[] certificateBlocks(String pem) {
        return pem.split("(?<=-----END CERTIFICATE-----\n)", -1);
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
