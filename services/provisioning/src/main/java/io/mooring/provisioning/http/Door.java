package io.mooring.provisioning.http;

import io.mooring.provisioning.Caller;
import io.mooring.provisioning.ProvisioningConfig;
import io.mooring.provisioning.core.Refusal;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What every caller passes: how often it may ask, and what it shows. */
@ApplicationScoped
class Door {
    static final Refusal TOO_MANY = new Refusal("too_many_requests", "too many requests; try again later");

    private static final int MAX_HEADER_LENGTH = 512;
    private static final int MAX_AGENT_LENGTH = 128;
    private static final String BEARER = "bearer ";

    private final SourceLimiter registrations;
    private final SourceLimiter failures;

    Door(ProvisioningConfig config) {
        this.registrations = new SourceLimiter(
                config.limits().registerPerSecond(), config.limits().registerBurst());
        this.failures = new SourceLimiter(
                config.limits().failuresPerSecond(), config.limits().failuresBurst());
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
        return registrations.take(caller.address(), System.nanoTime());
    }

    /** Whether a source may still try tokens and passwords. */
    boolean mayTry(Caller caller) {
        return failures.hasLeft(caller.address(), System.nanoTime());
    }

    /** A source tried a wrong token or password. */
    void failed(Caller caller) {
        failures.take(caller.address(), System.nanoTime());
    }
}
