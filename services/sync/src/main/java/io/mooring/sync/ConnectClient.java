package io.mooring.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Speaks to Kafka Connect (its REST interface, version 4). */
final class ConnectClient {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a connector is at. {@code state} and the task's are Connect's words, empty if there is none. */
    record Status(String state, String taskState, String trace) {}

    /** Connect refused something, or is not up to it yet. */
    static final class RefusedException extends IOException {
        RefusedException(String message) {
            super(message);
        }
    }

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build();
    private final String connectors;

    ConnectClient(String url) {
        this.connectors = url.replaceAll("/+$", "") + "/connectors/";
    }

    /** A connector's configuration, without the name Connect adds; empty if there is no such connector. */
    Optional<Map<String, String>> config(String name) throws IOException, InterruptedException {
        HttpResponse<String> response = request("GET", name + "/config", null);
        if (response.statusCode() == 404) {
            return Optional.empty();
        }
        Map<String, String> config = new TreeMap<>();
        expect(response, 200)
                .properties()
                .forEach(entry -> config.put(entry.getKey(), entry.getValue().asText()));
        config.remove("name");
        return Optional.of(config);
    }

    /** Makes a connector, or gives it another configuration. */
    void configure(String name, Map<String, String> config) throws IOException, InterruptedException {
        HttpResponse<String> response = request("PUT", name + "/config", JSON.writeValueAsString(config));
        if (response.statusCode() >= 400) {
            String complaints = complaints(name, config);
            if (!complaints.isEmpty()) {
                throw new RefusedException("the connector cannot be configured: " + complaints);
            }
        }
        expect(response, 200, 201);
    }

    /** What is wrong with a configuration. Asked apart: Connect 4.2 fails to say it when it refuses Debezium's. */
    private String complaints(String name, Map<String, String> config) throws IOException, InterruptedException {
        Map<String, String> named = new TreeMap<>(config);
        named.put("name", name);
        HttpResponse<String> response = request(
                "PUT",
                "../connector-plugins/" + config.get("connector.class") + "/config/validate",
                JSON.writeValueAsString(named));
        StringBuilder complaints = new StringBuilder();
        for (JsonNode setting : expect(response, 200).path("configs")) {
            for (JsonNode error : setting.path("value").path("errors")) {
                complaints
                        .append(setting.path("value").path("name").asText())
                        .append(": ")
                        .append(error.asText())
                        .append(' ');
            }
        }
        return complaints.toString();
    }

    /** What a connector is at; empty if there is no such connector. */
    Optional<Status> status(String name) throws IOException, InterruptedException {
        HttpResponse<String> response = request("GET", name + "/status", null);
        if (response.statusCode() == 404) {
            return Optional.empty();
        }
        JsonNode status = expect(response, 200);
        JsonNode connector = status.path("connector");
        JsonNode task = status.path("tasks").path(0);
        String trace = task.path("trace").asText(connector.path("trace").asText(""));
        return Optional.of(new Status(
                connector.path("state").asText(""), task.path("state").asText(""), trace));
    }

    /** Starts a connector's failed parts again. */
    void restart(String name) throws IOException, InterruptedException {
        expect(request("POST", name + "/restart?includeTasks=true&onlyFailed=true", ""), 200, 202, 204);
    }

    /** Stops a connector; it is stopped some time after. */
    void stop(String name) throws IOException, InterruptedException {
        expect(request("PUT", name + "/stop", ""), 202, 204);
    }

    /** Lets a connector run. */
    void resume(String name) throws IOException, InterruptedException {
        expect(request("PUT", name + "/resume", ""), 202, 204);
    }

    /** Has a stopped connector forget how far it had read. */
    void forgetOffsets(String name) throws IOException, InterruptedException {
        expect(request("DELETE", name + "/offsets", null), 200);
    }

    private HttpResponse<String> request(String method, String path, @Nullable String body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(connectors + path).normalize())
                .timeout(PATIENCE)
                .header("Accept", "application/json");
        if (body == null) {
            request.method(method, HttpRequest.BodyPublishers.noBody());
        } else {
            request.header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body));
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode expect(HttpResponse<String> response, int... statuses) throws IOException {
        for (int status : statuses) {
            if (response.statusCode() == status) {
                String body = response.body();
                return body == null || body.isBlank() ? JSON.createObjectNode() : JSON.readTree(body);
            }
        }
        String body = String.valueOf(response.body());
        throw new RefusedException("Kafka Connect answered " + response.statusCode() + ": "
                + body.substring(0, Math.min(body.length(), 500)));
    }
}
