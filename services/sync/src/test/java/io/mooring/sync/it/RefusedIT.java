package io.mooring.sync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.kafka.Topic;
import io.mooring.devstack.launcher.Component;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Who is not let in over HTTP. */
class RefusedIT {
    private static final String PATH = "/v1/clouds/main/schema";

    /** Another address of this machine's: the other tests' must not suffer. */
    private static final String GUESSER = "127.0.0.2";

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** Beyond what a source may fail at once, and far beyond what it gets back while it tries. */
    private static final int MOST_GUESSES = 1_000;

    private final Cloud cloud = Cloud.get();

    @Test
    void isInTheAuditTrailWithoutWhatItTried() throws Exception {
        String guess = "guess-of-" + RefusedIT.class.getSimpleName();
        HttpResponse<String> answer = cloud.http("PUT", "/v1/clouds/main/schema?secret=" + guess, "{}", guess);

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("WWW-Authenticate")).contains("Bearer");
        assertThat(problem(answer).path("code").asText()).isEqualTo("unauthenticated");
        JsonNode told =
                refusal(json -> json.at("/requestParameters/resource").asText().equals("PUT " + PATH));
        assertThat(told.path("eventSource").asText()).isEqualTo("sync.mooring");
        assertThat(told.at("/userIdentity/type").asText()).isEqualTo("Unknown");
        assertThat(told.path("sourceIPAddress").asText()).isEqualTo("127.0.0.1");
        assertThat(told.path("eventName").asText()).isEqualTo("CallApi");
        assertThat(told.path("readOnly").asBoolean()).isFalse();
        assertThat(told.at("/additionalEventData/sequence/number").asLong()).isPositive();
        assertThat(told.toString()).doesNotContain(guess);
    }

    @Test
    void isHeardNoMoreForAWhileAfterTooManyGuesses() throws Exception {
        String good = cloud.stack().secrets().serviceToken("launcher", "sync");
        try (HttpClient guesser = HttpClient.newBuilder()
                .localAddress(InetAddress.getByName(GUESSER))
                .build()) {
            int refused = 0;
            HttpResponse<String> answer = get(guesser, "guess");
            while (answer.statusCode() == 401 && refused < MOST_GUESSES) {
                refused++;
                answer = get(guesser, "guess " + refused);
            }

            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(refused).isGreaterThanOrEqualTo(50);
            assertThat(problem(answer).path("code").asText()).isEqualTo("too-many-requests");
            assertThat(answer.headers().firstValue("Retry-After")).contains("1");
            try (HttpClient other = HttpClient.newHttpClient()) {
                assertThat(get(other, good).statusCode()).isEqualTo(200);
            }
            // Each that was answered 401 is in the trail, and none that was not heard.
            int all = refused;
            await().atMost(PATIENCE).untilAsserted(() -> assertThat(guesses()).hasSize(all));
        }
    }

    /** What the trail was told of the guesser. */
    private List<JsonNode> guesses() {
        return cloud.reader(cloud.topic(Topic.AUDIT_EVENT)).all().stream()
                .map(DownlinkReader.Told::json)
                .filter(event -> event.path("sourceIPAddress").asText().equals(GUESSER))
                .toList();
    }

    private JsonNode refusal(Predicate<JsonNode> which) {
        return cloud.reader(cloud.topic(Topic.AUDIT_EVENT))
                .awaitTold(told ->
                        told.json().path("errorCode").asText().equals("unauthenticated") && which.test(told.json()))
                .json();
    }

    private static JsonNode problem(HttpResponse<String> answer) throws Exception {
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
        JsonNode problem = Cloud.JSON.readTree(answer.body());
        assertThat(problem.path("status").asInt()).isEqualTo(answer.statusCode());
        return problem;
    }

    private HttpResponse<String> get(HttpClient client, String token) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create(cloud.stack().url(Component.SYNC) + PATH))
                        .header("Authorization", "Bearer " + token)
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
