package io.mooring.provisioning;

import io.mooring.devstack.launcher.Component;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A device that speaks EST, with a certificate, with a name and a password, or with nothing. */
record EstClient(TestCloud cloud, KeyManager[] keys, Optional<String> basic) {
    static EstClient of(TestCloud cloud) {
        return new EstClient(cloud, new KeyManager[0], Optional.empty());
    }

    EstClient as(String name, String password) {
        String text = name + ":" + password;
        return new EstClient(
                cloud,
                keys,
                Optional.of("Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))));
    }

    EstClient showing(X509Certificate certificate, KeyPair key) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("device", key.getPrivate(), new char[0], new Certificate[] {certificate});
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, new char[0]);
        return new EstClient(cloud, managers.getKeyManagers(), basic);
    }

    /** What was answered. */
    record Answer(HttpResponse<byte[]> response) {
        int status() {
            return response.statusCode();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        String text() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }

        byte[] decoded() {
            return Base64.getMimeDecoder().decode(response.body());
        }

        /** Of the PKCS#7 that was answered. */
        List<X509Certificate> certificates() throws Exception {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(decoded()))
                    .stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        }
    }

    Answer get(String path) throws Exception {
        return send(request(path).GET().build());
    }

    Answer post(String path, byte[] body) throws Exception {
        return send(request(path)
                .header("Content-Type", "application/pkcs10")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
    }

    private HttpRequest.Builder request(String path) {
        URI uri = URI.create(cloud.stack().url(Component.PROVISIONING) + "/.well-known/est/" + path);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(60));
        basic.ifPresent(header -> request.header("Authorization", header));
        return request;
    }

    private Answer send(HttpRequest request) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(
                "root", TestKeys.certificate(Files.readString(cloud.stack().authorityFile())));
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, managers.getTrustManagers(), null);
        try (HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(context)
                .build()) {
            return new Answer(http.send(request, HttpResponse.BodyHandlers.ofByteArray()));
        }
    }
}
