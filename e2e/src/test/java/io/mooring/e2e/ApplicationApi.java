package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.agent.enrol.Trust;
import io.mooring.devstack.launcher.Component;
import io.mooring.devstack.launcher.Devstack;
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
    private final String token;

    private ApplicationApi(HttpClient http, String base, String token) {
        this.http = http;
        this.base = base;
        this.token = token;
    }

    /** A new application of the cloud {@code main}. */
    static ApplicationApi create(Devstack stack, CloudAccess cloud, String name, String rights) throws Exception {
        HttpClient http = HttpClient.newBuilder()
                .sslContext(Trust.in(stack.authorityFile()).context())
                .build();
        String base = stack.url(Component.MESSAGING);
        ApplicationApi operator = new ApplicationApi(http, base, cloud.token());
        HttpResponse<String> made = operator.call(
                "POST", "/v1/applications", "{\"name\":\"" + name + "\",\"cloud\":\"main\",\"rights\":" + rights + "}");
        assertThat(made.statusCode()).describedAs(made.body()).isEqualTo(201);
        return new ApplicationApi(
                http, base, JSON.readTree(made.body()).get("token").asText());
    }

    HttpResponse<String> call(String method, String path, String body) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(base + path))
                        .timeout(TIMEOUT)
                        .header("Authorization", "Bearer " + token)
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
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
