package io.mooring.certificates.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.certificates.Caller;
import io.mooring.certificates.Journal;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.core.Refusal;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Lets known clients in, and reads what they send. */
@ApplicationScoped
class ClientCalls {
    static final String PEM = "application/x-pem-file";

    private static final int MAX_BODY_BYTES = 32 * 1024;

    private final Journal journal;
    private final ClientAuthenticator clients;
    private final ObjectMapper json;

    ClientCalls(Journal journal, ClientAuthenticator clients, ObjectMapper json) {
        this.journal = journal;
        this.clients = clients;
        this.json = json;
    }

    /** Goes on with a client's call; a stranger is refused with {@code unauthorized}. */
    Response asClient(
            String action, @Nullable String authorization, HttpServerRequest request, Function<Caller, Response> call) {
        String address =
                request.remoteAddress() == null ? "" : request.remoteAddress().hostAddress();
        Optional<String> client = clients.authenticate(authorization);
        if (client.isEmpty()) {
            Refusal refusal = new Refusal("unauthorized", "a bearer token of a known client is needed");
            journal.refused(action, new Caller(Caller.ANONYMOUS, address), Map.of(), refusal);
            return Problem.of(refusal);
        }
        return call.apply(new Caller(client.get(), address));
    }

    /** A body as a JSON object, an empty one as an empty object; refused with {@code too_large} or {@code malformed_json}. */
    Outcome<JsonNode> parse(byte[] body) {
        if (body.length > MAX_BODY_BYTES) {
            return Outcome.refused("too_large", "a body may have " + MAX_BODY_BYTES + " bytes");
        }
        try {
            JsonNode node = body.length == 0 ? json.createObjectNode() : json.readTree(body);
            return node != null && node.isObject()
                    ? Outcome.done(node)
                    : Outcome.refused("malformed_json", "the body must be a JSON object");
        } catch (IOException e) {
            return Outcome.refused("malformed_json", "the body is not JSON");
        }
    }

    /** A field that is text. */
    static Optional<String> text(JsonNode object, String name) {
        JsonNode value = object.path(name);
        return value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
    }

    /** Certificates as PEM, or why not. */
    static Response pem(Outcome<String> certificates) {
        return switch (certificates) {
            case Outcome.Done<String>(String text) -> Response.ok(text, PEM).build();
            case Outcome.Refused<String>(Refusal refusal) -> Problem.of(refusal);
        };
    }

    /** What was done as JSON, or why not. */
    static <T, R> Response answer(Outcome<T> outcome, Function<T, R> form) {
        return switch (outcome) {
            case Outcome.Done<T>(T value) -> Response.ok(form.apply(value)).build();
            case Outcome.Refused<T>(Refusal refusal) -> Problem.of(refusal);
        };
    }
}
