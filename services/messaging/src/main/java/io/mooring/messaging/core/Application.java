package io.mooring.messaging.core;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Somebody's own program, and what it may.
 *
 * @param id also its user name over MQTT
 * @param certificates SHA-256 of each of its client certificates' DER form, lower-case hex
 * @param tokens by which it proves who it is
 */
public record Application(
        String id,
        String cloud,
        String name,
        boolean active,
        Set<Right> rights,
        Reach reach,
        Set<String> certificates,
        List<Token> tokens,
        Instant created,
        Instant updated) {
    /**
     * A token, of which only the hash is known.
     *
     * @param sha256 of its UTF-8 text, lower-case hex
     * @param created when it was given
     * @param expires until when it is good, or null for ever
     */
    public record Token(
            String sha256, Instant created, @Nullable Instant expires) {
        public boolean isGood(Instant now) {
            return expires == null || now.isBefore(expires);
        }
    }

    public Application {
        rights = Set.copyOf(rights);
        certificates = Set.copyOf(certificates);
        tokens = List.copyOf(tokens);
    }

    /** Who asks, once it has proved who it is. */
    public Caller caller() {
        return new Caller(id, cloud, rights, reach);
    }

    /**
     * With a new token.
     *
     * @param overlapUntil until when those before stay good
     */
    public Application rotated(String sha256, Instant overlapUntil, Instant now) {
        List<Token> all = new java.util.ArrayList<>();
        for (Token token : tokens) {
            if (token.isGood(now) && overlapUntil.isAfter(now)) {
                Instant until = token.expires() == null || token.expires().isAfter(overlapUntil)
                        ? overlapUntil
                        : token.expires();
                all.add(new Token(token.sha256(), token.created(), until));
            }
        }
        all.add(new Token(sha256, now, null));
        return new Application(id, cloud, name, active, rights, reach, certificates, all, created, now);
    }

    /** With these certificates instead of those before. */
    public Application certified(Set<String> fingerprints, Instant now) {
        return new Application(id, cloud, name, active, rights, reach, fingerprints, tokens, created, now);
    }

    /** Shut out for ever: neither token nor certificate is good any more. */
    public Application revoked(Instant now) {
        return new Application(id, cloud, name, false, rights, reach, Set.of(), List.of(), created, now);
    }
}
