package io.mooring.provisioning.secrets;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Tokens: random text of letters and digits, too long to guess, hence hashed without salt or work. */
public final class Tokens {
    private static final String LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static final String UPPER_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private static final int TOKEN_LENGTH = 40; // 238 bits
    private static final SecureRandom RANDOM = new SecureRandom();

    private Tokens() {}

    /** A new token. */
    public static String newToken() {
        return random(LETTERS_AND_DIGITS, TOKEN_LENGTH);
    }

    /** A new id of upper-case letters and digits; no secret. */
    public static String newId() {
        return random(UPPER_AND_DIGITS, 16);
    }

    /** A new claim id: ten upper-case letters and digits, 51 bits. */
    public static String newClaimId() {
        return random(UPPER_AND_DIGITS, 10);
    }

    /** The hash a token is known by: SHA-256, lower-case hexadecimal. */
    public static String hash(String token) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Whether two hashes are the same, in a time that does not tell where they differ. */
    public static boolean same(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.US_ASCII), other.getBytes(StandardCharsets.US_ASCII));
    }

    private static String random(String alphabet, int length) {
        StringBuilder text = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(RANDOM.nextInt(alphabet.length())));
        }
        return text.toString();
    }
}
