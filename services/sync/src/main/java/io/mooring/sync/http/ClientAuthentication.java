package io.mooring.sync.http;

import io.mooring.chassis.http.FailureLimiter;
import io.mooring.contracts.audit.AuditCaller;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.sync.RefusalTrail;
import io.mooring.sync.SyncConfig;
import io.mooring.sync.SyncMetrics;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/**
 * Lets in those who bear a token whose hash the configuration knows (RFC 6750). Others are in the audit trail before they are
 * answered, and a source that was refused too often is heard no more for a while: so the trail is not flooded either.
 */
public class ClientAuthentication {
    private static final Logger LOG = Logger.getLogger(ClientAuthentication.class);
    private static final String SCHEME = "bearer ";
    private static final int MAX_TOKEN_LENGTH = 1024;
    private static final int LONGEST_AGENT = 128;
    private static final String UNAUTHENTICATED = "unauthenticated";
    private static final String TOKEN_NEEDED = "A known bearer token is needed.";

    /** The request's property that says who asks, by the name the configuration gives. */
    private static final String CLIENT = "mooring.client";

    private final Map<String, byte[]> hashes = new TreeMap<>();
    private final FailureLimiter failures = new FailureLimiter();
    private final RefusalTrail trail;
    private final SyncMetrics metrics;
    private final Clock clock = Clock.systemUTC();

    public ClientAuthentication(SyncConfig config, RefusalTrail trail, SyncMetrics metrics) {
        config.clients().forEach((name, hash) -> hashes.put(name, HexFormat.of().parseHex(hash.trim())));
        this.trail = trail;
        this.metrics = metrics;
    }

    /** The answer to who is not let in; nothing for who is. */
    @ServerRequestFilter(preMatching = true)
    Uni<Response> filter(ContainerRequestContext request, HttpServerRequest wire) {
        String source = source(wire);
        if (!failures.mayTry(source)) {
            return Uni.createFrom()
                    .item(refused(429, "too-many-requests", "Too many requests were refused; try again later."));
        }
        String client = bearer(request.getHeaderString(HttpHeaders.AUTHORIZATION));
        if (client.isEmpty()) {
            failures.failed(source);
            // Kafka is waited for, and this is a thread that must not wait.
            return Uni.createFrom()
                    .item(() -> turnAway(wire, source))
                    .runSubscriptionOn(Infrastructure.getDefaultWorkerPool());
        }
        request.setProperty(CLIENT, client);
        return Uni.createFrom().nullItem();
    }

    private Response turnAway(HttpServerRequest wire, String source) {
        String method = wire.method().name();
        AuditRecord refusal = AuditRecord.refused(
                "CallApi",
                new AuditCaller("Unknown", "", "", source, agent(wire)),
                Map.of("resource", method + " " + wire.path()),
                UNAUTHENTICATED,
                TOKEN_NEEDED,
                clock.instant());
        try {
            trail.tell(method.equals("GET") || method.equals("HEAD") ? refusal.asRead() : refusal);
            return refused(401, UNAUTHENTICATED, TOKEN_NEEDED);
        } catch (IOException away) {
            LOG.warnf("a refused request could not be told to the audit trail: %s", away);
            return refused(503, "unavailable", "Kafka is away, and who is refused is told to it; try again.");
        }
    }

    private Response refused(int status, String code, String detail) {
        metrics.turnedAway(code);
        Response.ResponseBuilder response = Response.fromResponse(Problems.of(status, code, detail));
        return status == 401
                ? response.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer").build()
                : response.header(HttpHeaders.RETRY_AFTER, "1").build();
    }

    /** Who asks. */
    static String client(ContainerRequestContext request) {
        return String.valueOf(request.getProperty(CLIENT));
    }

    /** Whose token a request bears; empty if it bears none, or nobody's. */
    private String bearer(@Nullable String authorization) {
        return authorization != null
                        && authorization.length() <= MAX_TOKEN_LENGTH
                        && authorization.toLowerCase(Locale.ROOT).startsWith(SCHEME)
                ? client(authorization.substring(SCHEME.length()).trim())
                : "";
    }

    private String client(String token) {
        byte[] hash = sha256(token);
        String client = "";
        for (Map.Entry<String, byte[]> accepted : hashes.entrySet()) {
            client = MessageDigest.isEqual(accepted.getValue(), hash) ? accepted.getKey() : client;
        }
        return client;
    }

    private static String source(HttpServerRequest wire) {
        String address =
                wire.remoteAddress() == null ? null : wire.remoteAddress().hostAddress();
        return address == null ? "" : address;
    }

    private static String agent(HttpServerRequest wire) {
        String agent = wire.getHeader(HttpHeaders.USER_AGENT);
        return agent == null ? "" : agent.substring(0, Math.min(agent.length(), LONGEST_AGENT));
    }

    private static byte[] sha256(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
