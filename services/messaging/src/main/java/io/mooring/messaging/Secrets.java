package io.mooring.messaging;

import io.mooring.messaging.core.Ulid;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;

/** Chance and hashes. */
public final class Secrets {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int TOKEN_BYTES = 32;
    private static final int ID_CHARACTERS = 10;
    private static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    private Secrets() {}

    /** A new token: 256 bits, as 43 characters that need no quoting. */
    public static String token() {
        byte[] bytes = new byte[TOKEN_BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** A new application's id. */
    public static String applicationId() {
        StringBuilder id = new StringBuilder("app");
        for (int i = 0; i < ID_CHARACTERS; i++) {
            id.append(LETTERS.charAt(RANDOM.nextInt(LETTERS.length())));
        }
        return id.toString();
    }

    /** A new ULID. */
    public static String ulid(Instant now) {
        byte[] chance = new byte[Ulid.CHANCE_BYTES];
        RANDOM.nextBytes(chance);
        return Ulid.of(now, chance);
    }

    /** The SHA-256 of a text's UTF-8 form, in lower-case hex. */
    public static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
