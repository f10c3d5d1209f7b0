package io.mooring.provisioning.http;

import io.mooring.chassis.http.FailureLimiter;
import io.mooring.chassis.http.TokenBuckets;
import io.mooring.provisioning.Caller;
import io.mooring.provisioning.ProvisioningConfig;
import io.mooring.provisioning.Trail;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Refusal;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What every caller passes: how often it may ask, and what it shows. */
@ApplicationScoped
class Door {
    static final Refusal TOO_MANY = new Refusal("too_many_requests", "too many requests; try again later");

    /** What is counted against its source: it showed what is not good, or what is not its own. */
    private static final Set<String> FAILURES = Set.of(
            "unauthorized",
            "unknown_product",
            "product_token_expired",
            "claim_id_not_issued",
            "other_product",
            "other_secret",
            "wrong_proof",
            "stale_proof",
            "proof_needed",
            "wrong_renewal",
            "unknown_certificate");

    private static final int MAX_HEADER_LENGTH = 2048; // tokens of ours are some 900 long
    private static final int MAX_AGENT_LENGTH = 128;
    private static final String BEARER = "bearer ";

    private final TokenBuckets registrations;
    private final FailureLimiter failures;
    private final Trail trail;

    Door(ProvisioningConfig config, Trail trail) {
        this.registrations = new TokenBuckets(
                config.limits().registerPerSecond(), config.limits().registerBurst());
        this.failures = new FailureLimiter(
                config.limits().failuresPerSecond(), config.limits().failuresBurst());
        this.trail = trail;
    }

    /** The caller of a request, not known by name yet. */
    static Caller caller(HttpServerRequest request) {
        String agent = request.getHeader("User-Agent");
        String shortAgent = agent == null ? "" : agent.substring(0, Math.min(agent.length(), MAX_AGENT_LENGTH));
        String address =
                request.remoteAddress() == null ? "" : request.remoteAddress().hostAddress();
        return new Caller("Unknown", "", address == null ? "" : address, shortAgent);
    }

    /** The bearer token; the scheme may be written in any case (RFC 9110, section 11.1). */
    static Optional<String> bearer(@Nullable String authorization) {
        boolean bearer = authorization != null
                && authorization.length() <= MAX_HEADER_LENGTH
                && authorization.toLowerCase(Locale.ROOT).startsWith(BEARER);
        if (authorization == null || !bearer) {
            return Optional.empty();
        }
        String token = authorization.substring(BEARER.length()).strip();
        return token.isEmpty() ? Optional.empty() : Optional.of(token);
    }

    /** Whether a source may register once more. */
    boolean mayRegister(Caller caller) {
        return admitted(
                caller, "RegisterDevice", registrations.take(TokenBuckets.source(caller.address()), System.nanoTime()));
    }

    /** Whether a source may still try tokens and passwords. */
    boolean mayTry(Caller caller, String action) {
        return admitted(caller, action, failures.mayTry(caller.address()));
    }

    /** A source tried a wrong token or password, or an id that is not its own. */
    void failed(Caller caller) {
        failures.failed(caller.address());
    }

    /** A source was refused; counts if that is what guessers are refused with. */
    void failedBy(Caller caller, Refusal refusal) {
        if (FAILURES.contains(refusal.code())) {
            failed(caller);
        }
    }

    private boolean admitted(Caller caller, String action, boolean has) {
        if (!has) {
            trail.audited(caller, action, Map.of(), new Outcome.Refused<>(TOO_MANY));
        }
        return has;
    }
}
