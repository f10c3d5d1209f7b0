package io.mooring.metrics.http;

import io.mooring.chassis.db.Database;
import io.mooring.chassis.http.FailureLimiter;
import io.mooring.chassis.http.Problems;
import io.mooring.chassis.http.TokenBuckets;
import io.mooring.metrics.IngestMetrics;
import io.mooring.metrics.MetricsConfig;
import io.mooring.metrics.access.Admission;
import io.mooring.metrics.access.Admission.Signer;
import io.mooring.metrics.access.RefusalTrail;
import io.mooring.metrics.core.Caller;
import io.mooring.metrics.core.Outcome;
import io.mooring.metrics.core.Refusal;
import io.mooring.metrics.db.ApplicationStore;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.time.Clock;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What every caller passes: who it is (RFC 6750; a device by Signature Version 4), and how often it may ask. */
@Singleton
public class Door {
    private static final String BEARER = "bearer ";

    /** What signatures begin with ("Signing AWS API requests", Authorization header). */
    private static final String SIGNATURE = "AWS4-";

    private static final Refusal UNAUTHENTICATED = new Refusal("unauthenticated", "A good bearer token is needed.");
    private static final int MAX_HEADER = 1024;
    private static final int FORBIDDEN = 403;

    private final Database database;
    private final Admission admission;
    private final IngestMetrics metrics;
    private final RefusalTrail trail;
    private final Map<String, byte[]> operators = new HashMap<>();
    private final TokenBuckets requests;
    private final FailureLimiter failures = new FailureLimiter();
    private final Clock clock = Clock.systemUTC();

    public Door(
            Database database, Admission admission, MetricsConfig config, IngestMetrics metrics, RefusalTrail trail) {
        this.database = database;
        this.admission = admission;
        this.metrics = metrics;
        this.trail = trail;
        config.operators()
                .forEach((name, hash) -> operators.put(
                        name, hash.strip().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII)));
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
        if (isThrottled(request)) {
            return tooMany();
        }
        Optional<Caller> caller = caller(request.getHeader("Authorization"));
        return caller.isPresent() ? serve(request, caller.get(), call) : turnAway(request, "", UNAUTHENTICATED);
    }

    /**
     * Does a call for whoever bears a good token, or is a device that signed the request with its access keys, as
     * often as it may ask.
     *
     * @param body as it was sent: signatures cover it
     */
    public Response admit(HttpServerRequest request, byte[] body, Call call) throws SQLException {
        String authorization = request.getHeader("Authorization");
        if (authorization == null || !authorization.startsWith(SIGNATURE)) {
            return admit(request, call);
        }
        if (isThrottled(request)) {
            return tooMany();
        }
        if (!WireRequest.isPrivate(request)) {
            return turnAway(request, "", new Refusal("not-allowed", "Use https."));
        }
        return switch (admission.signer(WireRequest.describe(request, body))) {
            case Signer.Device device -> serve(request, Caller.device(device.id(), device.cloud()), call);
            case Signer.Refused refused ->
                turnAway(request, refused.who(), new Refusal(code(refused.reason()), refused.detail()));
        };
    }

    private static String code(Admission.Reason reason) {
        return switch (reason) {
            case NOT_SIGNED, WRONG_SIGNATURE -> "bad-signature";
            case UNKNOWN_KEY -> "unknown-key";
            case EXPIRED_KEY -> "expired-key";
            case REVOKED_KEY -> "revoked-key";
            case FORBIDDEN -> "not-allowed";
            case LATER -> "unavailable";
        };
    }

    private boolean isThrottled(HttpServerRequest request) {
        return !failures.mayTry(WireRequest.address(request));
    }

    private Response serve(HttpServerRequest request, Caller caller, Call call) throws SQLException {
        if (!requests.take(caller.name(), System.nanoTime())) {
            return tooMany();
        }
        Response response = call.by(caller);
        if (response.getStatus() == FORBIDDEN) {
            if (caller.kind() == Caller.Kind.DEVICE) {
                // There are many of them: a fleet that was taken over must not fill the audit trail.
                failures.failed(WireRequest.address(request));
            }
            tell(
                    request,
                    caller.name(),
                    caller.kind().type(),
                    new Refusal("not-allowed", "The caller may not do that."));
        }
        return response;
    }

    /** Refuses whoever did not prove who it is. */
    private Response turnAway(HttpServerRequest request, String who, Refusal refusal) throws SQLException {
        if (!refusal.code().equals("unavailable")) {
            failures.failed(WireRequest.address(request));
            tell(request, who, Caller.Kind.DEVICE.type(), refusal);
        }
        return refused(refusal);
    }

    /** Whoever is refused is in the audit trail before it is answered. */
    private void tell(HttpServerRequest request, String who, String kind, Refusal refusal) throws SQLException {
        String resource = request.method().name() + " " + request.path();
        try {
            trail.refused(
                    new RefusalTrail.Refusal(
                            "CallApi", who, WireRequest.address(request), resource, refusal.code(), refusal.detail()),
                    kind);
        } catch (IOException unheard) {
            throw new SQLException(unheard);
        }
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
        String hash = WireRequest.sha256(
                authorization.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8));
        byte[] bytes = hash.getBytes(StandardCharsets.US_ASCII);
        for (Map.Entry<String, byte[]> operator : operators.entrySet()) {
            if (MessageDigest.isEqual(bytes, operator.getValue())) {
                return Optional.of(Caller.operator(operator.getKey()));
            }
        }
        // Looking it up by its hash tells a guesser nothing of the token.
        return database.read(connection -> ApplicationStore.bearer(connection, hash, clock.instant()))
                .map(application -> new Caller(
                        Caller.Kind.APPLICATION,
                        application.id(),
                        application.cloud(),
                        application.rights(),
                        application.reach()));
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
            case "malformed-json", "bad-request", "bad-gzip", "bad-batch", "too-many-points" -> 400;
            case "unauthenticated", "bad-signature", "unknown-key", "expired-key", "revoked-key" -> 401;
            case "not-allowed" -> 403;
            case "unknown-device", "unknown-model" -> 404;
            case "too-large" -> 413;
            case "too-many-requests" -> 429;
            case "unavailable" -> 503;
            default -> 422;
        };
    }
}
