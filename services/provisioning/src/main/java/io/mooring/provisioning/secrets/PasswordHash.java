package io.mooring.provisioning.secrets;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * Passwords, which people choose and others guess: PBKDF2 with HMAC-SHA-512 (RFC 8018), 16 bytes of
 * salt. Text form: {@code pbkdf2-sha512$rounds$salt$hash}, both in hexadecimal.
 */
public final class PasswordHash {
    private static final String SCHEME = "pbkdf2-sha512";
    private static final int BITS = 256;

    private PasswordHash() {}

    /**
     * Hashes a password under a new salt.
     *
     * @param rounds how often; 210,000 take half a second, on purpose
     */
    public static String of(String password, int rounds) {
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);
        HexFormat hex = HexFormat.of();
        return SCHEME + "$" + rounds + "$" + hex.formatHex(salt) + "$" + hex.formatHex(derive(password, salt, rounds));
    }

    /** Whether a password has this hash. */
    public static boolean matches(String password, String hash) {
        String[] parts = hash.split("\\$", -1);
        if (parts.length != 4 || !parts[0].equals(SCHEME)) {
            return false;
        }
        byte[] salt = HexFormat.of().parseHex(parts[2]);
        byte[] expected = HexFormat.of().parseHex(parts[3]);
        return MessageDigest.isEqual(expected, derive(password, salt, Integer.parseInt(parts[1])));
    }

    /** Whether a hash was made with that many rounds. */
    public static boolean hasRounds(String hash, int rounds) {
        return hash.startsWith(SCHEME + "$" + rounds + "$");
    }

    private static byte[] derive(String password, byte[] salt, int rounds) {
        PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, rounds, BITS);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
                    .generateSecret(spec)
                    .getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has PBKDF2", e);
        } finally {
            spec.clearPassword();
        }
    }
}
