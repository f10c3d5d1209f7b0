package io.mooring.bridge.registry;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * Tells certificates apart: the first 128 bits of the SHA-256 of the DER form. To find another certificate of the same
 * fingerprint takes 2^128 tries, and an authority to sign it.
 */
public record Fingerprint(long high, long low) {
    private static final int HEX_LENGTH = 64;
    private static final int HEX_KEPT = 16;

    /** Its 32 lower-case hexadecimal digits: the first of the SHA-256. */
    public String hex() {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(high) + hex.toHexDigits(low);
    }

    /** Of a SHA-256. */
    public static Fingerprint of(byte[] sha256) {
        ByteBuffer bytes = ByteBuffer.wrap(sha256);
        return new Fingerprint(bytes.getLong(), bytes.getLong());
    }

    /**
     * Of a SHA-256 in lower-case hex.
     *
     * @throws IllegalArgumentException if it is something else
     */
    public static Fingerprint ofHex(String sha256) {
        if (sha256.length() != HEX_LENGTH) {
            throw new IllegalArgumentException("a fingerprint is the 64 hexadecimal digits of a SHA-256");
        }
        return new Fingerprint(
                HexFormat.fromHexDigitsToLong(sha256, 0, HEX_KEPT),
                HexFormat.fromHexDigitsToLong(sha256, HEX_KEPT, 2 * HEX_KEPT));
    }
}
