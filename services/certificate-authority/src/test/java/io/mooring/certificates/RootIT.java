package io.mooring.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import io.mooring.devstack.launcher.process.StartException;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Roots and authorities made elsewhere, with openssl as README.md says. */
class RootIT {
    @TempDir
    Path files;

    @Test
    void needsTheRootsKeyOnlyWhileAnAuthorityIsSigned() throws Exception {
        Tools tools = new Tools(files);
        tools.require("openssl");
        tools.write("password", "a pass phrase\n");
        tools.openssl(words("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -aes256 -pass file:password"
                + " -out root.key"));
        assertThat(tools.openssl(words("req -x509 -new -key root.key -passin file:password -sha384 -days 3650"
                                + " -subj /O=Acme/CN=Acme_Root -addext basicConstraints=critical,CA:TRUE"
                                + " -addext keyUsage=critical,keyCertSign,cRLSign -out root.pem"))
                        .code())
                .isZero();
        Path key = files.resolve("root.key");
        Path away = files.resolve("in-the-safe.key");
        Map<String, String> environment = Map.of(
                "MOORING_CERTIFICATES_ROOT_KEY_FILE", key.toString(),
                "MOORING_CERTIFICATES_ROOT_CERTIFICATE_FILE",
                        files.resolve("root.pem").toString(),
                "MOORING_CERTIFICATES_ROOT_PASSWORD_FILE",
                        files.resolve("password").toString(),
                "MOORING_CERTIFICATES_CRL_DELAY", "100ms");
        try (Devstack stack = start(environment)) {
            Client provisioning = caller(stack);
            Client.Answer before = provisioning.deviceCertificate("main", "DEVICE0001", "");
            X509Certificate root =
                    certificates(Files.readString(files.resolve("root.pem"))).getFirst();
            assertThat(certificates(before.text("authority")).getLast()).isEqualTo(root);

            Files.move(key, away);
            stack.restart(Component.CERTIFICATE_AUTHORITY);

            assertThat(provisioning.deviceCertificate("main", "DEVICE0002", "").status())
                    .isEqualTo(200);
            Client.Answer refused = provisioning.post("/v1/clouds/main/authority/rotation", "");
            assertThat(refused.status()).isEqualTo(409);
            assertThat(refused.text("code")).isEqualTo("root_away");
            assertThat(refused.text("detail")).contains(key.toString());
            assertThat(provisioning
                            .deviceCertificate("another", "DEVICE0003", "")
                            .text("code"))
                    .isEqualTo("root_away");

            Files.move(away, key);
            rotates(provisioning, before);
            assertThat(Files.readString(stack.log(Component.CERTIFICATE_AUTHORITY)))
                    .doesNotContain("a pass phrase");
        }
    }

    private static void rotates(Client provisioning, Client.Answer before) throws Exception {
        X509Certificate old = certificates(before.text("authority")).getFirst();
        Client.Answer waiting = provisioning.post("/v1/clouds/main/authority/rotation", "{\"activeAfterSeconds\":600}");
        Client.Answer again = provisioning.post("/v1/clouds/main/authority/rotation", "{\"activeAfterSeconds\":0}");
        assertThat(waiting.status()).isEqualTo(200);
        assertThat(waiting.body().path("signs").booleanValue()).isFalse();
        assertThat(again.text("authority")).as("one waits already").isEqualTo(waiting.text("authority"));
        assertThat(issuer(provisioning.deviceCertificate("main", "DEVICE0004", "")))
                .isEqualTo(old);
        assertThat(certificates(provisioning.get("/v1/trust-bundle").body().asText()))
                .as("the next one is trusted before it signs")
                .hasSizeGreaterThanOrEqualTo(4)
                .contains(old);

        provisioning.revokeAuthority(waiting.text("authority"), "superseded");
        Client.Answer now = provisioning.post("/v1/clouds/main/authority/rotation", "{\"activeAfterSeconds\":0}");
        assertThat(now.body().path("signs").booleanValue()).isTrue();
        Client.Answer after = provisioning.deviceCertificate("main", "DEVICE0005", "");
        assertThat(issuer(after)).isNotEqualTo(old);
        assertThat(certificates(provisioning.get("/v1/trust-bundle").body().asText()))
                .contains(old, issuer(after));

        // The old one still says what it revoked.
        provisioning.revoke(before.text("serial"), "superseded");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> crl(certificates(before.text("certificate")).getFirst())
                        .isRevoked(certificates(before.text("certificate")).getFirst()));

        // And can itself be revoked, which its root's list says.
        String oldId = "";
        for (JsonNode one : provisioning.get("/v1/authorities").body()) {
            if (one.path("serial").asText().equals(old.getSerialNumber().toString(16))) {
                oldId = one.path("authority").asText();
            }
        }
        assertThat(provisioning.revokeAuthority(oldId, "cACompromise").status()).isEqualTo(200);
        await().atMost(Duration.ofSeconds(20)).until(() -> crl(old).isRevoked(old));
        assertThat(certificates(provisioning.get("/v1/trust-bundle").body().asText()))
                .doesNotContain(old);
    }

    @Test
    void takesOverACorporateAuthorityAndSignsWithAToken() throws Exception {
        Tools tools = new Tools(files);
        tools.require("openssl", "softhsm2-util");
        makeCorporate(tools);
        Path module = softHsmModule();
        Path configuration = token(tools, module);
        Map<String, String> environment = Map.of(
                "SOFTHSM2_CONF", configuration.toString(),
                "MOORING_CERTIFICATES_PKCS11_LIBRARY", module.toString(),
                "MOORING_CERTIFICATES_PKCS11_PIN_FILE", files.resolve("pin").toString(),
                "MOORING_CERTIFICATES_ROOT_TOKEN_LABEL", "root",
                "MOORING_CERTIFICATES_ISSUING_ALGORITHM", "RSA-3072",
                "MOORING_CERTIFICATES_CLOUD_AUTHORITIES__MAIN__KEY_FILE",
                        files.resolve("issuing.p12").toString(),
                "MOORING_CERTIFICATES_CLOUD_AUTHORITIES__MAIN__PASSWORD_FILE",
                        files.resolve("pin").toString());
        try (Devstack stack = start(environment)) {
            Client provisioning = caller(stack);
            List<X509Certificate> taken = certificates(
                    provisioning.deviceCertificate("main", "DEVICE0001", "").text("authority"));
            List<X509Certificate> made = certificates(
                    provisioning.deviceCertificate("factory", "DEVICE0001", "").text("authority"));

            assertThat(taken.getFirst().getSubjectX500Principal().getName()).contains("Acme_Issuing");
            assertThat(made.getFirst().getPublicKey().getAlgorithm()).isEqualTo("RSA");
            assertThat(made.getFirst().getSigAlgName()).isEqualTo("SHA256withECDSA");
            assertThat(made.getLast()).isEqualTo(taken.getLast());
            made.getFirst().verify(made.getLast().getPublicKey());

            // Taken over for good; a file is not needed any more, a token is.
            Files.delete(files.resolve("issuing.p12"));
            stack.restart(Component.CERTIFICATE_AUTHORITY);
            assertThat(issuer(provisioning.deviceCertificate("main", "DEVICE0002", "")))
                    .isEqualTo(taken.getFirst());
            assertThat(provisioning
                            .post("/v1/clouds/factory/authority/rotation", "")
                            .status())
                    .isEqualTo(200);
        }
    }

    /** A corporate root, and an issuing authority below it as PKCS#12. */
    private static void makeCorporate(Tools tools) throws Exception {
        tools.write("pin", "4711 4712\n");
        tools.write(
                "issuing.cnf", "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n");
        List<String> commands = List.of(
                "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout corporate.key -days 3650"
                        + " -subj /O=Acme/CN=Acme_Root -addext basicConstraints=critical,CA:TRUE"
                        + " -addext keyUsage=critical,keyCertSign,cRLSign -out corporate.pem",
                "req -new -newkey rsa:3072 -nodes -keyout issuing.key -subj /O=Acme/CN=Acme_Issuing -out issuing.csr",
                "x509 -req -in issuing.csr -CA corporate.pem -CAkey corporate.key -set_serial 77 -days 1000"
                        + " -extfile issuing.cnf -out issuing.pem",
                "pkcs12 -export -inkey issuing.key -in issuing.pem -certfile corporate.pem -passout file:pin"
                        + " -name issuing -out issuing.p12",
                "pkcs12 -export -inkey corporate.key -in corporate.pem -passout file:pin -name root -out root.p12");
        for (String command : commands) {
            Tools.Result result = tools.openssl(words(command));
            assertThat(result.code()).as(result.output()).isZero();
        }
    }

    /** A token in software that holds the corporate root's key. */
    private Path token(Tools tools, Path module) throws Exception {
        Path tokens = Files.createDirectory(files.resolve("tokens"));
        Path configuration = tools.write("softhsm2.conf", "directories.tokendir = " + tokens + "\n");
        tools.write("p11.cfg", "name = mooring\nlibrary = " + module + "\nslotListIndex = 0\n");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        List<List<String>> commands = List.of(
                List.of(
                        "softhsm2-util",
                        "--init-token",
                        "--free",
                        "--label",
                        "mooring",
                        "--so-pin",
                        "12345678",
                        "--pin",
                        "4711 4712"),
                List.of(
                        keytool,
                        "-importkeystore",
                        "-noprompt",
                        "-srckeystore",
                        "root.p12",
                        "-srcstoretype",
                        "PKCS12",
                        "-srcstorepass",
                        "4711 4712",
                        "-destkeystore",
                        "NONE",
                        "-deststoretype",
                        "PKCS11",
                        "-deststorepass",
                        "4711 4712",
                        "-providerClass",
                        "sun.security.pkcs11.SunPKCS11",
                        "-providerArg",
                        "p11.cfg"));
        for (List<String> command : commands) {
            List<String> with = new java.util.ArrayList<>(List.of("env", "SOFTHSM2_CONF=" + configuration));
            with.addAll(command);
            Tools.Result result = tools.run(with);
            assertThat(result.code()).as(result.output()).isZero();
        }
        return configuration;
    }

    private static Path softHsmModule() {
        return java.util.stream.Stream.of(
                        "/usr/lib/softhsm/libsofthsm2.so",
                        "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                        "/usr/lib64/pkcs11/libsofthsm2.so")
                .map(Path::of)
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new AssertionError("softhsm2-util is there and its module is not"));
    }

    private static Devstack start(Map<String, String> environment) throws StartException {
        return Devstack.builder()
                .brief()
                .with(Component.CERTIFICATE_AUTHORITY)
                .environment(Component.CERTIFICATE_AUTHORITY, environment)
                .start();
    }

    private static Client caller(Devstack stack) {
        return new Client(
                stack.url(Component.CERTIFICATE_AUTHORITY),
                stack.secrets().serviceToken("provisioning", "certificates"));
    }

    private static X509Certificate issuer(Client.Answer answer) throws Exception {
        return certificates(answer.text("authority")).getFirst();
    }

    private static X509CRL crl(X509Certificate certificate) throws Exception {
        String text = new String(certificate.getExtensionValue("2.5.29.31"), StandardCharsets.ISO_8859_1);
        URI url = URI.create(text.substring(text.indexOf("http://"), text.indexOf(".crl") + 4));
        HttpResponse<byte[]> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        return (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(response.body()));
    }

    private static List<X509Certificate> certificates(String pem) throws Exception {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
                .stream()
                .map(X509Certificate.class::cast)
                .toList();
    }

    private static String[] words(String text) {
        return text.split(" ");
    }
}
