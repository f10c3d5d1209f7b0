package io.mooring.sync.http;

import io.mooring.sync.SyncConfig;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Lets in those who bear a token whose hash the configuration knows (RFC 6750). */
public class ClientAuthentication {
    private static final String SCHEME = "bearer ";
    private static final int MAX_TOKEN_LENGTH = 1024;

    /** The request's property that says who asks, by the name the configuration gives. */
    private static final String CLIENT = "mooring.client";

    private final Map<String, byte[]> hashes = new TreeMap<>();

    public ClientAuthentication(SyncConfig config) {
        config.clients().forEach((name, hash) -> hashes.put(name, HexFormat.of().parseHex(hash.trim())));
    }

    @ServerRequestFilter(preMatching = true)
    Optional<Response> filter(ContainerRequestContext request) {
        String header = request.getHeaderString(HttpHeaders.AUTHORIZATION);
        if (header != null
                && header.length() <= MAX_TOKEN_LENGTH
                && header.toLowerCase(Locale.ROOT).startsWith(SCHEME)) {
            String client = client(header.substring(SCHEME.length()).trim());
            if (!client.isEmpty()) {
                request.setProperty(CLIENT, client);
                return Optional.empty();
            }
        }
        return Optional.of(Problems.of(401, "unauthenticated", "A known bearer token is needed."));
    }

    /** Who asks. */
    static String client(ContainerRequestContext request) {
        return String.valueOf(request.getProperty(CLIENT));
    }

    /** Whose token it is; empty if nobody's. */
    private String client(String token) {
        byte[] hash = sha256(token);
        String client = "";
        for (Map.Entry<String, byte[]> accepted : hashes.entrySet()) {
            client = MessageDigest.isEqual(accepted.getValue(), hash) ? accepted.getKey() : client;
        }
        return client;
    }

    private static byte[] sha256(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
