package io.mooring.devstack.launcher.parts;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/** What we ask the certificate authority: a certificate for our server, and whom to trust. */
final class AuthorityClient {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final String url;
    private final String token;

    AuthorityClient(String url, String token) {
        this.url = url;
        this.token = token;
    }

    /**
     * A certificate as issued.
     *
     * @param certificate the leaf, PEM
     * @param authority the issuing authority and the root, PEM
     */
    record Issued(String certificate, String authority) {}

    /** Has a server's certificate issued for a signing request in PEM. */
    Issued serverCertificate(String csr, List<String> names) throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode().put("csr", csr);
        names.forEach(body.putArray("names")::add);
        JsonNode reply = JSON.readTree(send(request("/v1/server-certificates")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                .build()));
        return new Issued(
                reply.path("certificate").asText(), reply.path("authority").asText());
    }

    /** The root and all issuing authorities, PEM. */
    String trustBundle() throws IOException, InterruptedException {
        return send(request("/v1/trust-bundle").GET().build());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(20))
                .header("Authorization", "Bearer " + token);
    }

    private String send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IOException("the certificate authority answered " + response.statusCode() + " to "
                    + request.uri().getPath() + ": " + response.body());
        }
        return response.body();
    }
}
