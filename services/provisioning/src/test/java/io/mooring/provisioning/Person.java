package io.mooring.provisioning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Somebody, device or operator, who calls over TLS and shows an Authorization header. */
final class Person {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http;
    private final String url;
    private final String authorization;

    private Person(HttpClient http, String url, String authorization) {
        this.http = http;
        this.url = url;
        this.authorization = authorization;
    }

    /** Somebody who trusts this cloud's root. */
    static Person of(Devstack stack) throws Exception {
        return from(stack, InetAddress.getLoopbackAddress());
    }

    /** The same from another address of the machine. */
    static Person from(Devstack stack, InetAddress address) throws Exception {
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .localAddress(address)
                .sslContext(trusting(stack))
                .connectTimeout(Duration.ofSeconds(5))
                .build();
        return new Person(http, stack.url(Component.PROVISIONING), "");
    }

    private static SSLContext trusting(Devstack stack) throws Exception {
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(null, null);
        trust.setCertificateEntry(
                "root",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(stack.authorityFile()))));
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trust);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    /** The same, showing something. */
    Person showing(String shown) {
        return new Person(http, url, shown);
    }

    /** The same, calling another base URL. */
    Person at(String other) {
        return new Person(http, other, authorization);
    }

    /** What was answered. */
    record Answer(int status, String type, Optional<String> length, String text) {
        JsonNode json() {
            try {
                return JSON.readTree(text);
            } catch (IOException e) {
                throw new IllegalStateException("not JSON: " + text, e);
            }
        }

        String field(String name) {
            return json().path(name).asText();
        }
    }

    Answer post(String path, String body) throws Exception {
        return send(
                request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build());
    }

    Answer patch(String path, String body) throws Exception {
        return send(request(path)
                .method("PATCH", HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    Answer delete(String path) throws Exception {
        return send(request(path).DELETE().build());
    }

    Answer get(String path) throws Exception {
        return send(request(path).GET().build());
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(60));
        return authorization.isEmpty() ? request : request.header("Authorization", authorization);
    }

    private Answer send(HttpRequest request) throws Exception {
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        return new Answer(
                response.statusCode(),
                response.headers().firstValue("Content-Type").orElse("").toLowerCase(Locale.ROOT),
                response.headers().firstValue("Content-Length"),
                response.body());
    }
}
