package io.mooring.messaging.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.http.FailureLimiter;
import io.mooring.chassis.http.Problems;
import io.mooring.chassis.http.TokenBuckets;
import io.mooring.messaging.ApplicationHandler;
import io.mooring.messaging.MessagingConfig;
import io.mooring.messaging.MessagingMetrics;
import io.mooring.messaging.Secrets;
import io.mooring.messaging.access.RefusalTrail;
import io.mooring.messaging.core.Application;
import io.mooring.messaging.core.Caller;
import io.mooring.messaging.core.Outcome;
import io.mooring.messaging.core.Refusal;
import io.mooring.messaging.trace.Tracing;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What every caller passes: who it is (RFC 6750), and how often it may ask. */
@Singleton
public class Door {
    private static final String BEARER = "bearer ";
    private static final int MAX_HEADER = 1024;
    private static final int FORBIDDEN = 403;

    private final ApplicationHandler applications;
    private final RefusalTrail trail;
    private final MessagingMetrics metrics;
    private final Tracing tracing;
    private final Map<String, String> operators = new HashMap<>();
    private final TokenBuckets requests;
    private final FailureLimiter failures = new FailureLimiter();

    public Door(
            ApplicationHandler applications,
            RefusalTrail trail,
            MessagingConfig config,
            MessagingMetrics metrics,
            Tracing tracing) {
        this.applications = applications;
        this.trail = trail;
        this.metrics = metrics;
        this.tracing = tracing;
        config.operators()
                .forEach((name, hash) -> operators.put(name, hash.strip().toLowerCase(Locale.ROOT)));
        this.requests = new TokenBuckets(
                config.limits().requestsPerSecond(), config.limits().requestBurst());
    }

    /** What is done for whoever is let in. */
    @FunctionalInterface
    public interface Call {
        Response by(Caller caller) throws SQLException;
    }

    /** Does a call for whoever bears a good token, as often as it may ask. */
    public Response admit(HttpServerRequest request, Call call) throws SQLException {
        return tracing.serve(request, () -> answer(request, call));
    }

    private Response answer(HttpServerRequest request, Call call) throws SQLException {
        String source = source(request);
        if (!failures.mayTry(source)) {
            return tooMany();
        }
        Optional<Caller> caller = caller(request.getHeader("Authorization"));
        if (caller.isEmpty()) {
            failures.failed(source);
            Refusal refusal = new Refusal("unauthenticated", "A good bearer token is needed.");
            tell(request, "", "", refusal);
            return refused(refusal);
        }
        if (!requests.take(caller.get().name(), System.nanoTime())) {
            return tooMany();
        }
        Response response = call.by(caller.get());
        if (response.getStatus() == FORBIDDEN) {
            String kind = caller.get().isOperator() ? "Operator" : "Application";
            tell(request, caller.get().name(), kind, new Refusal("not-allowed", "The caller may not do that."));
        }
        return response;
    }

    /** Whoever is refused is in the audit trail before it is answered. */
    private void tell(HttpServerRequest request, String who, String kind, Refusal refusal) throws SQLException {
        String resource = request.method().name() + " " + request.path();
        try {
            trail.refused(
                    new RefusalTrail.Refusal(
                            "CallApi", who, source(request), resource, refusal.code(), refusal.detail()),
                    kind);
        } catch (IOException unheard) {
            throw new SQLException(unheard);
        }
    }

    /** The same, for operators only. */
    public Response admitOperator(HttpServerRequest request, Call call) throws SQLException {
        return admit(
                request,
                caller -> caller.isOperator()
                        ? call.by(caller)
                        : refused(new Refusal("not-allowed", "Only operators may do that.")));
    }

    private Response tooMany() {
        return refused(new Refusal("too-many-requests", "Too many requests; try again later."));
    }

    private Optional<Caller> caller(@Nullable String authorization) throws SQLException {
        if (authorization == null
                || authorization.length() > MAX_HEADER
                || !authorization.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
            return Optional.empty();
        }
        String token = authorization.substring(BEARER.length()).strip();
        byte[] hash = Secrets.sha256(token).getBytes(StandardCharsets.US_ASCII);
        for (Map.Entry<String, String> operator : operators.entrySet()) {
            if (MessageDigest.isEqual(hash, operator.getValue().getBytes(StandardCharsets.US_ASCII))) {
                return Optional.of(Caller.operator(operator.getKey()));
            }
        }
        return applications.bearer(token).map(Application::caller);
    }

    private static String source(HttpServerRequest request) {
        String address =
                request.remoteAddress() == null ? "" : request.remoteAddress().hostAddress();
        return address == null ? "" : address;
    }

    /** A body's JSON; refused with {@code malformed-json}. */
    static Outcome<JsonNode> json(String body) {
        try {
            return Outcome.done(Json.read(body));
        } catch (JsonProcessingException malformed) {
            return Outcome.refused("malformed-json", "The body is no JSON: " + malformed.getOriginalMessage());
        }
    }

    /** A number of a query; refused with {@code bad-request}. */
    static Outcome<Integer> limit(@Nullable String text, int absent, int most) {
        if (text == null) {
            return Outcome.done(absent);
        }
        boolean good = text.matches("[1-9][0-9]{0,6}") && Integer.parseInt(text) <= most;
        return good
                ? Outcome.done(Integer.parseInt(text))
                : Outcome.refused("bad-request", "\"limit\" is a number from 1 to " + most + ".");
    }

    /** An outcome as an answer. */
    <T> Response answer(Outcome<T> outcome, Function<? super T, Response> form) {
        return switch (outcome) {
            case Outcome.Done<T>(T value) -> form.apply(value);
            case Outcome.Refused<T>(Refusal refusal) -> refused(refusal);
        };
    }

    /** A refusal as an answer. */
    Response refused(Refusal refusal) {
        metrics.refused(refusal.code());
        int status = status(refusal.code());
        Response.ResponseBuilder response =
                Response.fromResponse(Problems.of(status, refusal.code(), refusal.detail()));
        return switch (status) {
            case 401 -> response.header("WWW-Authenticate", "Bearer").build();
            case 429, 503 -> response.header("Retry-After", "1").build();
            default -> response.build();
        };
    }

    private static int status(String code) {
        return switch (code) {
            case "malformed-json", "bad-request", "bad-query" -> 400;
            case "unauthenticated" -> 401;
            case "not-allowed" -> 403;
            case "unknown-application", "unknown-command", "unknown-device", "unknown-cloud" -> 404;
            case "finished", "revoked", "taken" -> 409;
            case "too-large" -> 413;
            case "too-many-requests", "too-many-streams" -> 429;
            case "unavailable" -> 503;
            case "device-silent" -> 504;
            default -> 422;
        };
    }
}
