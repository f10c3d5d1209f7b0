package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.agent.enrol.Trust;
import io.mooring.devstack.launcher.Component;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** What people's own program says to messaging over HTTP. */
final class ApplicationApi implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration TIMEOUT = Duration.ofSeconds(45);

    private final HttpClient http;
    private final String base;
    private final String id;
    private final String token;

    private ApplicationApi(HttpClient http, String base, String id, String token) {
        this.http = http;
        this.base = base;
        this.id = id;
        this.token = token;
    }

    /** What an operator says there. */
    static ApplicationApi operator(LocalCloud stack, CloudAccess cloud) throws Exception {
        HttpClient http = HttpClient.newBuilder()
                .sslContext(Trust.in(stack.authorityFile()).context())
                .build();
        return new ApplicationApi(http, stack.url(Component.MESSAGING), "", cloud.token());
    }

    /** A new application of the cloud {@code main}. */
    static ApplicationApi create(LocalCloud stack, CloudAccess cloud, String name, String rights) throws Exception {
        return createIn("main", stack, cloud, name, rights);
    }

    /** A new application of a device cloud. */
    static ApplicationApi createIn(String deviceCloud, LocalCloud stack, CloudAccess cloud, String name, String rights)
            throws Exception {
        ApplicationApi operator = operator(stack, cloud);
        JsonNode made = operator.json(
                "POST",
                "/v1/applications",
                "{\"name\":\"" + name + "\",\"cloud\":\"" + deviceCloud + "\",\"rights\":" + rights + "}");
        return new ApplicationApi(
                operator.http,
                operator.base,
                made.get("id").asText(),
                made.get("token").asText());
    }

    /** The application's id. */
    String id() {
        return id;
    }

    /** Its token, as it was made. */
    String token() {
        return token;
    }

    /**
     * A request, and what came of it.
     *
     * @param headers names and values by turns
     */
    HttpResponse<String> call(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(TIMEOUT)
                .header("Authorization", "Bearer " + token)
                .method(method, BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    /** An answer that must be a good one. */
    JsonNode json(String method, String path, String body) throws IOException, InterruptedException {
        HttpResponse<String> answer = call(method, path, body);
        assertThat(answer.statusCode()).describedAs(answer.body()).isBetween(200, 299);
        return JSON.readTree(answer.body());
    }

    @Override
    public void close() {
        http.close();
    }
}
