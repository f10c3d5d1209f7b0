package io.mooring.contracts.access;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * What access keys are derived from: 32 random bytes that issuer and verifiers share. Keys for each purpose are derived
 * from it, so that none can stand for another.
 */
public final class MasterKey {
    /** How long it is, in bytes. */
    public static final int LENGTH = 32;

    private final byte[] secret;
    private final String id;

    private MasterKey(byte[] secret) {
        this.secret = secret;
        this.id = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(derive("id"))
                .substring(0, 8);
    }

    /**
     * Reads a key.
     *
     * @param base64 32 bytes
     * @throws IllegalArgumentException if it is not that; the message does not repeat it
     */
    public static MasterKey of(String base64) {
        byte[] decoded;
        try {
            decoded = Base64.getDecoder().decode(base64.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("a master key is " + LENGTH + " bytes in base64");
        }
        if (decoded.length != LENGTH) {
            throw new IllegalArgumentException("a master key is " + LENGTH + " bytes in base64");
        }
        return new MasterKey(decoded);
    }

    /** By what session tokens name it; tells nothing of the key. */
    public String id() {
        return id;
    }

    /** A key of 32 bytes for one purpose (the extraction-less form of RFC 5869 with one block: HMAC of a label). */
    public byte[] derive(String purpose) {
        return Digests.hmac(secret, ("mooring/access/v1/" + purpose).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "MasterKey[" + id + "]";
    }
}
