package io.mooring.audit.http;

import io.mooring.audit.AuditConfig;
import io.mooring.audit.AuditMetrics;
import io.mooring.audit.OwnTrail;
import io.mooring.chassis.http.FailureLimiter;
import io.mooring.chassis.http.Problems;
import io.mooring.chassis.http.TokenBuckets;
import io.mooring.contracts.audit.AuditCaller;
import io.mooring.contracts.audit.AuditRecord;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What operators pass: who they are (RFC 6750), how often they may ask, and that the trail is told of it before they are
 * answered.
 */
@Singleton
public class Door {
    private static final String BEARER = "bearer ";
    private static final int MAX_HEADER = 1024;
    private static final int LONGEST_AGENT = 128;

    private final Map<String, String> operators = new TreeMap<>();
    private final OwnTrail trail;
    private final AuditMetrics metrics;
    private final TokenBuckets requests;
    private final FailureLimiter failures = new FailureLimiter();
    private final Clock clock = Clock.systemUTC();

    Door(AuditConfig config, OwnTrail trail, AuditMetrics metrics) {
        config.operators()
                .forEach((name, hash) -> operators.put(name, hash.strip().toLowerCase(Locale.ROOT)));
        this.requests = new TokenBuckets(
                config.limits().requestsPerSecond(), config.limits().requestBurst());
        this.trail = trail;
        this.metrics = metrics;
    }

    /** An operator. */
    public record Operator(String name, String tokenSha256, String address, String userAgent) {
        AuditCaller caller() {
            return new AuditCaller("Operator", name, "", address, userAgent);
        }
    }

    /** What is done for an operator. */
    @FunctionalInterface
    interface Call {
        Response by(Operator operator) throws SQLException, IOException;
    }

    /**
     * Does a call for an operator that can change nothing.
     *
     * @param asked what is asked, for the trail
     */
    Response admit(HttpServerRequest request, String action, Map<String, String> asked, Call call)
            throws SQLException, IOException {
        return admit(request, action, asked, AuditRecord::asRead, call);
    }

    /** The same of a call that changes something. */
    Response admitChange(HttpServerRequest request, String action, Map<String, String> asked, Call call)
            throws SQLException, IOException {
        return admit(request, action, asked, UnaryOperator.identity(), call);
    }

    private Response admit(
            HttpServerRequest request,
            String action,
            Map<String, String> asked,
            UnaryOperator<AuditRecord> manner,
            Call call)
            throws SQLException, IOException {
        String source = address(request);
        if (!failures.mayTry(source)) {
            return refused(429, "too-many-requests", "Too many requests were refused; try again later.");
        }
        Optional<Operator> operator = operator(request, source);
        if (operator.isEmpty()) {
            failures.failed(source);
            AuditCaller stranger = new AuditCaller("Unknown", "", "", source, agent(request));
            trail.tell(manner.apply(AuditRecord.refused(
                    action, stranger, Map.of(), "unauthenticated", "A good bearer token is needed.", clock.instant())));
            return refused(401, "unauthenticated", "A good bearer token is needed.");
        }
        if (!requests.take(operator.get().name(), System.nanoTime())) {
            return refused(429, "too-many-requests", "Too many requests; try again later.");
        }
        trail.tell(manner.apply(AuditRecord.done(action, operator.get().caller(), asked, Map.of(), clock.instant())));
        return call.by(operator.get());
    }

    private Optional<Operator> operator(HttpServerRequest request, String source) {
        String authorization = request.getHeader("Authorization");
        if (authorization == null
                || authorization.length() > MAX_HEADER
                || !authorization.toLowerCase(Locale.ROOT).startsWith(BEARER)) {
            return Optional.empty();
        }
        String hash = Hashes.sha256(authorization.substring(BEARER.length()).strip());
        return name(hash).map(name -> new Operator(name, hash, source, agent(request)));
    }

    /** Whose token this is the hash of. */
    Optional<String> name(String tokenSha256) {
        byte[] hash = tokenSha256.getBytes(StandardCharsets.US_ASCII);
        return operators.entrySet().stream()
                .filter(known -> MessageDigest.isEqual(hash, known.getValue().getBytes(StandardCharsets.US_ASCII)))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** A refusal as an answer. */
    Response refused(int status, String code, String detail) {
        metrics.refused(code);
        Response.ResponseBuilder response = Response.fromResponse(Problems.of(status, code, detail));
        return switch (status) {
            case 401 -> response.header("WWW-Authenticate", "Bearer").build();
            case 429, 503 -> response.header("Retry-After", "1").build();
            default -> response.build();
        };
    }

    static String agent(HttpServerRequest request) {
        @Nullable String agent = request.getHeader("User-Agent");
        return agent == null ? "" : agent.substring(0, Math.min(agent.length(), LONGEST_AGENT));
    }

    static String address(HttpServerRequest request) {
        String address =
                request.remoteAddress() == null ? null : request.remoteAddress().hostAddress();
        return address == null ? "" : address;
    }
}
