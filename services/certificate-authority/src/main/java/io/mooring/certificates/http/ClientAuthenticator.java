package io.mooring.certificates.http;

import io.mooring.certificates.CertificatesConfig;
import io.mooring.certificates.x509.Crypto;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Knows clients by the hashes of their tokens. */
@ApplicationScoped
public class ClientAuthenticator {
    private static final int MAX_HEADER_LENGTH = 512;
    private static final String SCHEME = "bearer ";

    private final Map<String, byte[]> clients = new HashMap<>();

    ClientAuthenticator(CertificatesConfig config) {
        config.clients().forEach((name, hash) -> {
            if (!hash.matches("[0-9a-f]{64}")) {
                throw new IllegalStateException(
                        "mooring.certificates.clients." + name + " must be 64 lower-case hexadecimal digits");
            }
            clients.put(name, HexFormat.of().parseHex(hash));
        });
    }

    /** The client's name; empty if the header bears no known token. Takes as long for every token. */
    public Optional<String> authenticate(@Nullable String authorization) {
        if (authorization == null
                || authorization.length() > MAX_HEADER_LENGTH
                || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        String token = authorization.substring(SCHEME.length()).strip();
        byte[] hash = Crypto.sha256(token.getBytes(StandardCharsets.UTF_8));
        Optional<String> found = Optional.empty();
        for (Map.Entry<String, byte[]> client : clients.entrySet()) {
            if (MessageDigest.isEqual(client.getValue(), hash)) {
                found = Optional.of(client.getKey());
            }
        }
        return found;
    }
}
