package io.mooring.agent.enrol;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The requests by which a device joins, and gets access keys (device protocol, sections 1.1, 1.2 and 1.4). */
public final class ProvisioningClient {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int MOST_OF_AN_ERROR = 300;
    private static final int FORBIDDEN = 403;

    private final HttpClient client;

    /** What the cloud said to a request. */
    public sealed interface Answer {
        /** It is done. */
        record Granted(ObjectNode body) implements Answer {}

        /** Not yet: ask again after a while, of the cloud's or the device's own choosing. */
        record Wait(@Nullable Duration delay, String reason) implements Answer {}

        /**
         * Refused as long as nobody changes something in the cloud.
         *
         * @param cloudTime the cloud's time, where the device's clock may be why
         */
        record Denied(int status, String reason, @Nullable Instant cloudTime) implements Answer {
            /** Whether the token is not, or no longer, worth anything; if it is, what was asked for is not granted. */
            public boolean isUnknown() {
                return status != FORBIDDEN;
            }
        }
    }

    public ProvisioningClient(HttpClient client) {
        this.client = client;
    }

    /**
     * Asks to be registered.
     *
     * @param base the builder's URL
     * @param description the device's description at a time; asked for again by the cloud's if the device's clock is off
     * @throws IOException if the cloud cannot be reached or its answer makes no sense
     */
    public Answer register(String base, String productToken, Function<Instant, ObjectNode> description)
            throws IOException, InterruptedException {
        Answer answer = post(base, "/device/register", productToken, description.apply(Instant.now()));
        if (answer instanceof Answer.Denied denied && denied.cloudTime() != null) {
            answer = post(base, "/device/register", productToken, description.apply(denied.cloudTime()));
        }
        if (answer instanceof Answer.Granted(ObjectNode body)
                && (!body.path("token").isTextual() || !body.path("api").isTextual())) {
            return new Answer.Wait(null, "registered, to be claimed");
        }
        return answer;
    }

    /**
     * Asks for a certificate.
     *
     * @param request the PKCS#10 request, or null to be given a key as well
     * @param proof that the device has the key of the certificate it had before, or null if it had none
     * @throws IOException if the cloud cannot be reached or its answer makes no sense
     */
    public Answer provision(
            Registration registration, String deviceId, @Nullable String request, @Nullable RenewalProof proof)
            throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode().put("id", deviceId);
        if (request != null) {
            body.put("csr", request);
        }
        if (proof != null) {
            body.putObject("renewal").put("fingerprint", proof.fingerprint()).put("signature", proof.signature());
        }
        Answer answer = post(registration.api(), "/tok/device/provision", registration.token(), body);
        if (answer instanceof Answer.Granted(ObjectNode granted)
                && !granted.path("certificate").isTextual()) {
            throw new IOException("the cloud's answer holds no certificate");
        }
        return answer;
    }

    /**
     * Asks for an update of the device's software (device protocol, section 1.5): an empty object if there is none.
     *
     * @throws IOException if the cloud cannot be reached or its answer makes no sense
     */
    public Answer update(Registration registration, ObjectNode description) throws IOException, InterruptedException {
        return post(registration.api(), "/tok/provision/update", registration.token(), description);
    }

    /**
     * Asks for temporary access keys.
     *
     * @throws IOException if the cloud cannot be reached or its answer makes no sense
     */
    public Answer accessKey(Registration registration) throws IOException, InterruptedException {
        return post(registration.api(), "/tok/device/getCreds", registration.token(), JSON.createObjectNode());
    }

    private Answer post(String base, String path, String token, ObjectNode body)
            throws IOException, InterruptedException {
        URI uri;
        try {
            uri = URI.create(base.replaceFirst("/+$", "") + path);
        } catch (IllegalArgumentException e) {
            throw new IOException(base + " is no URL", e);
        }
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(TIMEOUT)
                .header("Authorization", "bearer " + token)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build();
        HttpResponse<String> response;
        try {
            response = client.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new IOException("cannot reach " + uri + ": " + why, e);
        }
        return answer(uri, response.statusCode(), response.body());
    }

    private static Answer answer(URI uri, int status, String text) throws IOException {
        ObjectNode body = null;
        try {
            body = JSON.readTree(text) instanceof ObjectNode object ? object : null;
        } catch (JsonProcessingException e) {
            if (status / 100 == 2) {
                throw new IOException(uri + " answered " + status + " with something that is not JSON", e);
            }
        }
        String said = body == null ? brief(text) : reason(body, text);
        if (body != null && body.path("delay").isNumber()) {
            return new Answer.Wait(Duration.ofMillis((long) (body.path("delay").asDouble() * 1_000)), said);
        }
        if (status / 100 == 2 && body != null && !body.has("error")) {
            return new Answer.Granted(body);
        }
        if (status == 401 || status == 403 || status == 404) {
            return new Answer.Denied(status, status + " " + said, time(body));
        }
        throw new IOException(uri + " answered " + status + ": " + said);
    }

    private static @Nullable Instant time(@Nullable ObjectNode body) {
        try {
            return body == null || !body.path("time").isTextual()
                    ? null
                    : Instant.parse(body.path("time").asText());
        } catch (DateTimeException noTime) {
            return null;
        }
    }

    private static String reason(ObjectNode body, String text) {
        for (String name : new String[] {"error", "detail", "title"}) {
            if (body.path(name).isTextual()) {
                return body.path(name).asText();
            }
        }
        return brief(text);
    }

    private static String brief(String text) {
        return text.length() <= MOST_OF_AN_ERROR ? text : text.substring(0, MOST_OF_AN_ERROR) + "…";
    }
}
