package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.devstack.launcher.process.StartException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.function.BiConsumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The operators' API, trusting our own authority and no other. */
final class ApiClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client;
    private final String url;
    private final String token;

    ApiClient(String url, String token, Path authority) {
        this.url = url;
        this.token = token;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(trusting(authority))
                .connectTimeout(Duration.ofSeconds(20))
                .build();
    }

    static ApiClient of(RunningCloud cloud) {
        return new ApiClient(cloud.get("MOORING_API"), cloud.get("MOORING_TOKEN"), cloud.authority());
    }

    /** Sync's own API, which is for the launcher and services of this installation. */
    static ApiClient ofSync(RunningCloud cloud) {
        return new ApiClient(cloud.get("MOORING_SYNC_API"), cloud.get("MOORING_SYNC_TOKEN"), cloud.authority());
    }

    /** The applications' API. */
    static ApiClient messaging(RunningCloud cloud) {
        return new ApiClient(cloud.get("MOORING_MESSAGING"), cloud.get("MOORING_TOKEN"), cloud.authority());
    }

    /** The audit trail's API. */
    static ApiClient audit(RunningCloud cloud) {
        return new ApiClient(cloud.get("MOORING_AUDIT"), cloud.get("MOORING_TOKEN"), cloud.authority());
    }

    /** The metrics' API. */
    static ApiClient metrics(RunningCloud cloud) {
        return new ApiClient(cloud.get("MOORING_METRICS"), cloud.get("MOORING_TOKEN"), cloud.authority());
    }

    /** The logs' API. */
    static ApiClient logs(RunningCloud cloud) {
        return new ApiClient(cloud.get("MOORING_LOGS"), cloud.get("MOORING_TOKEN"), cloud.authority());
    }

    private static SSLContext trusting(Path authority) {
        try (InputStream in = Files.newInputStream(authority)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int index = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trusted.setCertificateEntry("authority-" + index++, certificate);
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException unusable) {
            throw new StartException(
                    "the authority in " + authority + " cannot be used: " + unusable.getMessage(), unusable);
        }
    }

    JsonNode get(String path) {
        return send(request(path).GET().build());
    }

    JsonNode post(String path, Object body) {
        try {
            return send(request(path)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                    .build());
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    JsonNode put(String path, Object body) {
        try {
            return send(request(path)
                    .header("Content-Type", "application/json")
                    .PUT(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                    .build());
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Puts what is no JSON. */
    JsonNode putText(String path, String body) {
        return send(request(path).PUT(HttpRequest.BodyPublishers.ofString(body)).build());
    }

    JsonNode delete(String path) {
        return send(request(path).DELETE().build());
    }

    /** Server-sent events (HTML Living Standard, section 9.2): the name and the data of each, until the stream ends. */
    void stream(String path, BiConsumer<String, String> hearer) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .header("Authorization", "Bearer " + token)
                .header("Accept", "text/event-stream")
                .build();
        try {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (BufferedReader reader =
                    new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
                if (response.statusCode() >= 300) {
                    throw new StartException("the API refused: HTTP status " + response.statusCode());
                }
                String event = "";
                String line;
                while ((line = reader.readLine()) != null) {
                    if (line.startsWith("event: ")) {
                        event = line.substring("event: ".length());
                    } else if (line.startsWith("data: ")) {
                        hearer.accept(event, line.substring("data: ".length()));
                    }
                }
            }
        } catch (IOException away) {
            throw new StartException("the API at " + url + " does not answer: " + away.getMessage(), away);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted", stopped);
        }
    }

    /** A part of a path or a query. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(80))
                .header("Authorization", "Bearer " + token);
    }

    private JsonNode send(HttpRequest request) {
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw new StartException("the API refused: " + reason(response));
            }
            return response.body().isBlank() ? JSON.createObjectNode() : JSON.readTree(response.body());
        } catch (IOException away) {
            throw new StartException("the API at " + url + " does not answer: " + away.getMessage(), away);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted", stopped);
        }
    }

    /** What the problem document says (RFC 9457), or the status. */
    private static String reason(HttpResponse<String> response) {
        try {
            JsonNode problem = JSON.readTree(response.body());
            String detail = problem.path("detail").asText(problem.path("title").asText(""));
            String code = problem.path("code").asText("");
            if (!detail.isEmpty()) {
                StringBuilder reason = new StringBuilder(code.isEmpty() ? detail : detail + " (" + code + ")");
                for (JsonNode place : problem.path("problems")) {
                    reason.append("\n  ")
                            .append(place.path("path").asText())
                            .append(": ")
                            .append(place.path("detail").asText())
                            .append(" [")
                            .append(place.path("code").asText())
                            .append(']');
                }
                return reason.toString();
            }
        } catch (IOException notJson) {
            // Then the status has to do.
        }
        return "HTTP status " + response.statusCode();
    }

    @Override
    public void close() {
        client.close();
    }
}
