package io.mooring.certificates;

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

/** Calls the service as the other services do. */
final class Client {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final String url;
    private final String token;

    Client(String url, String token) {
        this.url = url;
        this.token = token;
    }

    /** What was answered; a body that is not JSON is a text node. */
    record Answer(int status, String type, JsonNode body) {
        String text(String field) {
            return body.path(field).asText();
        }
    }

    Answer deviceCertificate(String cloud, String device, String csr) throws Exception {
        ObjectNode body = JSON.createObjectNode().put("cloud", cloud).put("device", device);
        if (!csr.isEmpty()) {
            body.put("csr", csr);
        }
        return post("/v1/device-certificates", body.toString());
    }

    Answer serverCertificate(List<String> names, String csr) throws Exception {
        ObjectNode body = JSON.createObjectNode().put("csr", csr);
        names.forEach(body.putArray("names")::add);
        return post("/v1/server-certificates", body.toString());
    }

    Answer revoke(String serial, String reason) throws Exception {
        return post("/v1/certificates/" + serial + "/revocation", "{\"reason\":\"" + reason + "\"}");
    }

    Answer revokeAuthority(String id, String reason) throws Exception {
        return post("/v1/authorities/" + id + "/revocation", "{\"reason\":\"" + reason + "\"}");
    }

    Answer post(String path, String body) throws Exception {
        return send(
                request(path).POST(HttpRequest.BodyPublishers.ofString(body)).build());
    }

    Answer get(String path) throws Exception {
        return send(request(path).GET().build());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(90))
                .header("Authorization", "Bearer " + token);
    }

    private Answer send(HttpRequest request) throws Exception {
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        String type = response.headers().firstValue("Content-Type").orElse("");
        return new Answer(response.statusCode(), type, read(response.body(), type));
    }

    private static JsonNode read(String body, String type) throws IOException {
        return type.contains("json")
                ? JSON.readTree(body)
                : JSON.getNodeFactory().textNode(body);
    }
}
