package io.mooring.certificates;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.mooring.certificates.x509.TestRequests;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What certificates point to, as openssl, the JDK and pkilint see it. */
class StatusIT {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static Devstack stack;
    private static Client provisioning;
    private static Client launcher;

    @TempDir
    static Path files;

    private static Tools tools;

    @BeforeAll
    static void start() {
        stack = Devstack.builder()
                .brief()
                .with(Component.CERTIFICATE_AUTHORITY)
                .environment(
                        Component.CERTIFICATE_AUTHORITY,
                        Map.of("MOORING_CERTIFICATES_CRL_DELAY", "100ms", "MOORING_CERTIFICATES_OPERATORS", "launcher"))
                .start();
        provisioning = caller("provisioning");
        launcher = caller("launcher");
        tools = new Tools(files);
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
    void showsOpensslWhatIsRevoked() throws Exception {
        tools.require("openssl");
        Client.Answer good = provisioning.deviceCertificate("main", "DEVICE0001", "");
        Client.Answer gone = provisioning.deviceCertificate("main", "DEVICE0002", "");
        provisioning.revoke(gone.text("serial"), "keyCompromise");
        awaitListed(gone);
        Path chain = tools.write("chain.pem", good.text("authority"));
        Path lists = tools.write("lists.pem", crlsAsPem(good));

        String[] verify = {
            "verify", "-crl_check_all", "-x509_strict", "-CAfile", chain.toString(), "-CRLfile", lists.toString()
        };
        Tools.Result ofGood = tools.openssl(verify, tools.write("good.pem", good.text("certificate")));
        Tools.Result ofGone = tools.openssl(verify, tools.write("gone.pem", gone.text("certificate")));

        assertThat(ofGood.code()).as(ofGood.output()).isZero();
        assertThat(ofGone.code()).isNotZero();
        assertThat(ofGone.output()).contains("certificate revoked");
    }

    @Test
    void answersOpensslAboutSeveralCertificatesWithItsNonce() throws Exception {
        tools.require("openssl");
        Client.Answer good = provisioning.deviceCertificate("main", "DEVICE0003", "");
        Client.Answer gone = provisioning.deviceCertificate("main", "DEVICE0004", "");
        provisioning.revoke(gone.text("serial"), "superseded");
        String[] authorities = good.text("authority").split("(?<=-----END CERTIFICATE-----\n)");
        Path issuer = tools.write("issuer.pem", authorities[0]);

        Tools.Result result = tools.openssl(new String[] {
            "ocsp",
            "-issuer",
            issuer.toString(),
            "-cert",
            tools.write("ocsp-good.pem", good.text("certificate")).toString(),
            "-cert",
            tools.write("ocsp-gone.pem", gone.text("certificate")).toString(),
            "-serial",
            "0x4000000000000000000000000000abcd",
            "-CAfile",
            tools.write("ocsp-chain.pem", good.text("authority")).toString(),
            "-url",
            responder(good).toString(),
            "-resp_text"
        });

        assertThat(result.code()).as(result.output()).isZero();
        assertThat(result.output())
                .contains("Response verify OK")
                .contains("ocsp-good.pem: good")
                .contains("ocsp-gone.pem: revoked")
                .contains("Reason: superseded")
                .contains("0x4000000000000000000000000000abcd: unknown")
                .contains("OCSP Nonce")
                .doesNotContain("WARNING: no nonce");
    }

    /** A name that ends in a domain, since pkilint takes no {@code localhost}. */
    @Test
    void passesPkilint() throws Exception {
        tools.require("lint_pkix_cert", "lint_crl", "lint_ocsp_response", "openssl");
        Client.Answer device = provisioning.deviceCertificate("main", "DEVICE0005", "");
        Client.Answer gone = provisioning.deviceCertificate("main", "DEVICE0006", "");
        Client.Answer server = launcher.serverCertificate(
                List.of("mqtt.example.org", "127.0.0.1"),
                TestRequests.pem("CN=any", TestRequests.rsa(2048), "SHA256withRSA"));
        provisioning.revoke(gone.text("serial"), "keyCompromise");
        awaitListed(gone);

        List<X509Certificate> chain = certificates(device.text("authority"));
        assertLints("lint_pkix_cert", "device.pem", device.text("certificate"));
        assertLints("lint_pkix_cert", "server.pem", server.text("certificate"));
        for (X509Certificate authority : chain) {
            assertLints("lint_pkix_cert", "authority.der", authority.getEncoded());
        }
        assertLints("lint_crl", "devices.crl", crl(device).body(), "-t", "CRL", "-p", "PKIX");
        assertLints("lint_crl", "root.crl", crl(chain.getFirst()).body(), "-t", "ARL", "-p", "PKIX");
        for (boolean nonce : new boolean[] {true, false}) {
            Path response = files.resolve("response-" + nonce + ".der");
            Path responder = files.resolve("responder.pem");
            Tools.Result asked = ask(device, gone, response, nonce);
            assertThat(asked.code()).as(asked.output()).isZero();
            assertLints("lint_ocsp_response", response);
            Files.writeString(responder, responderCertificate(asked.output()));
            assertLints("lint_pkix_cert", responder);
        }
    }

    private static Tools.Result ask(Client.Answer one, Client.Answer other, Path response, boolean nonce)
            throws Exception {
        String issuer = one.text("authority").split("(?<=-----END CERTIFICATE-----\n)")[0];
        return tools.openssl(new String[] {
            "ocsp",
            "-issuer",
            tools.write("lint-issuer.pem", issuer).toString(),
            "-cert",
            tools.write("lint-one.pem", one.text("certificate")).toString(),
            "-cert",
            tools.write("lint-other.pem", other.text("certificate")).toString(),
            nonce ? "-nonce" : "-no_nonce",
            "-url",
            responder(one).toString(),
            "-CAfile",
            tools.write("lint-chain.pem", one.text("authority")).toString(),
            "-respout",
            response.toString(),
            "-resp_text"
        });
    }

    private static String responderCertificate(String text) {
        int from = text.indexOf("-----BEGIN CERTIFICATE-----");
        int to = text.indexOf("-----END CERTIFICATE-----");
        return text.substring(from, to) + "-----END CERTIFICATE-----\n";
    }

    @Test
    void letsListsBeCached() throws Exception {
        Client.Answer device = provisioning.deviceCertificate("main", "DEVICE0007", "");
        URI url = crlUrl(certificates(device.text("certificate")).getFirst());
        HttpResponse<byte[]> first = get(url);
        String tag = first.headers().firstValue("ETag").orElseThrow();

        HttpResponse<byte[]> again = HTTP.send(
                HttpRequest.newBuilder(url).header("If-None-Match", tag).build(),
                HttpResponse.BodyHandlers.ofByteArray());

        assertThat(first.headers().firstValue("Content-Type")).contains("application/pkix-crl");
        assertThat(first.headers().firstValue("Last-Modified")).isPresent();
        assertThat(first.headers().firstValue("Cache-Control").orElse("")).contains("max-age=");
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
    }

    @Test
    void numbersListsAndMakesOneForManyRevocations() throws Exception {
        X509CRL before = list(provisioning.deviceCertificate("numbered", "DEVICE0008", ""));
        Client.Answer last = provisioning.deviceCertificate("numbered", "DEVICE0008", "");
        for (int i = 0; i < 20; i++) {
            last = provisioning.deviceCertificate("numbered", "DEVICE0008", "");
            provisioning.revoke(last.text("serial"), "unspecified");
        }

        awaitListed(last);

        X509CRL after = list(last);
        assertThat(after.getRevokedCertificates()).hasSize(20);
        assertThat(number(after)).isGreaterThan(number(before)).isLessThan(number(before) + 20);
        assertThat(after.getNextUpdate()).isAfter(after.getThisUpdate());
    }

    /** {@code -Dmooring.certificates.many=1000000} shows it for a million; one in ten is revoked. */
    @Test
    void listsWhatIsRevokedOfManyAndLetsGoOfWhatExpired() throws Exception {
        int many = Integer.getInteger("mooring.certificates.many", 20_000);
        Client.Answer device = provisioning.deviceCertificate("many", "DEVICE0011", "");
        list(device);
        insertMany(many);

        provisioning.revoke(device.text("serial"), "superseded");
        awaitListed(device);

        X509CRL list = list(device);
        // One in ten of the many, the one just revoked, and those that expired since the last regular list.
        assertThat(list.getRevokedCertificates()).hasSize(many / 10 + 1 + 5);
        assertThat(list.getEncoded().length).isLessThan(60 * (many / 10 + 100));
    }

    /** Certificates that expire next year; five revoked ones that expire this very moment, five that did long ago. */
    private static void insertMany(int many) throws Exception {
        try (Connection connection = stack.connection("mooring_certificates");
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    with issuer as (select id from certificates.authority where kind = 'cloud' and cloud = 'many')
                    insert into certificates.certificate
                      (serial, authority, purpose, cloud, subject, state, certificate, fingerprint, requested_by,
                       not_before, not_after, intended, issued, revoked, revocation_reason)
                    select '4' || lpad(to_hex(i), 31, '0'), issuer.id, 'device', 'many', 'D' || i,
                           case when i %% 10 = 0 or i > %1$d then 'revoked' else 'issued' end, ''::bytea, '', 'test',
                           now() - interval '1 year',
                           case when i > %1$d + 5 then now() - interval '1 day' when i > %1$d then now()
                                else now() + interval '1 year' end,
                           now(), now(),
                           case when i %% 10 = 0 or i > %1$d then now() end,
                           case when i %% 10 = 0 or i > %1$d then 'keyCompromise' end
                    from issuer, generate_series(1, %1$d + 10) as i
                    """.formatted(many));
        }
    }

    @Test
    void letsAnswersToPathsBeCachedUnlessTheyBearANonce() throws Exception {
        tools.require("openssl");
        Client.Answer device = provisioning.deviceCertificate("main", "DEVICE0009", "");
        byte[] plain = question(device, "-no_nonce");
        byte[] once = question(device, "-nonce");

        HttpResponse<byte[]> cacheable = get(inPath(device, plain));
        HttpResponse<byte[]> not = get(inPath(device, once));

        assertThat(cacheable.headers().firstValue("Content-Type")).contains("application/ocsp-response");
        assertThat(cacheable.headers().firstValue("Cache-Control").orElse("")).contains("max-age=", "public");
        assertThat(cacheable.headers().firstValue("ETag")).isPresent();
        assertThat(status(cacheable.body())).isZero();
        assertThat(not.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(status(not.body())).isZero();
    }

    @Test
    void tellsWhatIsWrongWithQuestions() throws Exception {
        Client.Answer device = provisioning.deviceCertificate("main", "DEVICE0010", "");
        URI url = responder(device);
        byte[] question = question(device, "-no_nonce");
        byte[] ofAnother = question.clone();
        // A bit of the issuer's hash: an authority that is not ours.
        ofAnother[30] ^= 1;

        assertThat(status(post(url, "nonsense".getBytes(java.nio.charset.StandardCharsets.US_ASCII))))
                .isEqualTo(1);
        assertThat(status(post(url, new byte[0]))).isEqualTo(1);
        assertThat(status(post(url, new byte[5000]))).isEqualTo(1);
        assertThat(status(post(url, ofAnother))).isEqualTo(6);
        assertThat(status(post(url, question))).isZero();
        assertThat(status(get(URI.create(url + "/not-base64!")).body())).isEqualTo(1);
        assertThat(get(URI.create(url.toString().replace("/ocsp", "/crl/none.crl")))
                        .statusCode())
                .isEqualTo(404);
        assertThat(get(URI.create(url.toString().replace("/ocsp", "/authorities/none.cer")))
                        .statusCode())
                .isEqualTo(404);
    }

    /** The status of an answer: the tenth of its bytes or so, by the shortest form of RFC 6960, section 4.2.1. */
    private static int status(byte[] response) throws Exception {
        return org.bouncycastle.asn1.ocsp.OCSPResponse.getInstance(response)
                .getResponseStatus()
                .getIntValue();
    }

    private static byte[] question(Client.Answer device, String nonce) throws Exception {
        Path request = files.resolve("question.der");
        String issuer = device.text("authority").split("(?<=-----END CERTIFICATE-----\n)")[0];
        tools.openssl(new String[] {
            "ocsp",
            "-issuer",
            tools.write("q-issuer.pem", issuer).toString(),
            "-cert",
            tools.write("q-cert.pem", device.text("certificate")).toString(),
            nonce,
            "-reqout",
            request.toString()
        });
        return Files.readAllBytes(request);
    }

    private static URI inPath(Client.Answer device, byte[] question) throws Exception {
        String encoded = java.net.URLEncoder.encode(
                Base64.getEncoder().encodeToString(question), java.nio.charset.StandardCharsets.US_ASCII);
        return URI.create(responder(device) + "/" + encoded);
    }

    private static byte[] post(URI url, byte[] body) throws Exception {
        HttpResponse<byte[]> response = HTTP.send(
                HttpRequest.newBuilder(url)
                        .header("Content-Type", "application/ocsp-request")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    private static HttpResponse<byte[]> get(URI url) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(url).build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static void assertLints(String linter, String name, byte[] document, String... options) throws Exception {
        assertLints(linter, Files.write(files.resolve(name), document), options);
    }

    private static void assertLints(String linter, String name, String document, String... options) throws Exception {
        assertLints(linter, Files.writeString(files.resolve(name), document), options);
    }

    private static void assertLints(String linter, Path document, String... options) throws Exception {
        Tools.Result result = tools.lint(linter, document, options);
        assertThat(result.code())
                .as(linter + " " + document.getFileName() + ": " + result.output())
                .isZero();
    }

    private static void awaitListed(Client.Answer certificate) {
        AtomicReference<X509Certificate> leaf = new AtomicReference<>();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            leaf.set(certificates(certificate.text("certificate")).getFirst());
            return list(certificate).isRevoked(leaf.get());
        });
    }

    private static HttpResponse<byte[]> crl(Client.Answer certificate) throws Exception {
        return get(crlUrl(certificates(certificate.text("certificate")).getFirst()));
    }

    private static HttpResponse<byte[]> crl(X509Certificate authority) throws Exception {
        return get(crlUrl(authority));
    }

    /** The list that a certificate points to, once it is there, its signature checked. */
    private static X509CRL list(Client.Answer certificate) throws Exception {
        HttpResponse<byte[]> response = await().atMost(Duration.ofSeconds(20))
                .until(() -> crl(certificate), answer -> answer.statusCode() == 200);
        X509CRL list = (X509CRL)
                CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(response.body()));
        list.verify(certificates(certificate.text("authority")).getFirst().getPublicKey());
        return list;
    }

    private static long number(X509CRL list) {
        byte[] value = org.bouncycastle.asn1.ASN1OctetString.getInstance(list.getExtensionValue("2.5.29.20"))
                .getOctets();
        return org.bouncycastle.asn1.ASN1Integer.getInstance(value).getValue().longValueExact();
    }

    private static String crlsAsPem(Client.Answer certificate) throws Exception {
        StringBuilder pem = new StringBuilder();
        for (byte[] der : List.of(
                crl(certificate).body(),
                crl(certificates(certificate.text("authority")).getFirst()).body())) {
            pem.append(io.mooring.certificates.x509.Pem.write("X509 CRL", der));
        }
        return pem.toString();
    }

    private static URI crlUrl(X509Certificate certificate) throws Exception {
        return URI.create(url(certificate, "2.5.29.31", ".crl"));
    }

    private static URI responder(Client.Answer certificate) throws Exception {
        return URI.create(url(certificates(certificate.text("certificate")).getFirst(), "1.3.6.1.5.5.7.1.1", "/ocsp"));
    }

    /** The URL with an ending that an extension holds. */
    private static String url(X509Certificate certificate, String extension, String ending) {
        String text =
                new String(certificate.getExtensionValue(extension), java.nio.charset.StandardCharsets.ISO_8859_1);
        int end = text.indexOf(ending) + ending.length();
        return text.substring(text.lastIndexOf("http://", end), end);
    }

    private static List<X509Certificate> certificates(String pem) throws Exception {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(
                        new ByteArrayInputStream(pem.getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
                .stream()
                .map(X509Certificate.class::cast)
                .toList();
    }
}
