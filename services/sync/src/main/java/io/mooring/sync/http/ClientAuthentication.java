package io.mooring.sync.http;

import io.mooring.sync.SyncConfig;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Lets in those who bear a token whose hash the configuration knows (RFC 6750). */
public class ClientAuthentication {
    private static final String SCHEME = "bearer ";
    private static final int MAX_TOKEN_LENGTH = 1024;

    private final List<byte[]> hashes = new ArrayList<>();

    public ClientAuthentication(SyncConfig config) {
        config.clients().values().forEach(hash -> hashes.add(HexFormat.of().parseHex(hash.trim())));
    }

    @ServerRequestFilter(preMatching = true)
    Optional<Response> filter(ContainerRequestContext request) {
        String header = request.getHeaderString(HttpHeaders.AUTHORIZATION);
        if (header != null
                && header.length() <= MAX_TOKEN_LENGTH
                && header.toLowerCase(Locale.ROOT).startsWith(SCHEME)
                && isKnown(header.substring(SCHEME.length()).trim())) {
            return Optional.empty();
        }
        return Optional.of(Problems.of(401, "unauthenticated", "A known bearer token is needed."));
    }

    private boolean isKnown(String token) {
        byte[] hash = sha256(token);
        boolean known = false;
        for (byte[] accepted : hashes) {
            known |= MessageDigest.isEqual(accepted, hash);
        }
        return known;
    }

    private static byte[] sha256(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
