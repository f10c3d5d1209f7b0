package io.mooring.certificates.x509;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.util.HexFormat;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** The provider all signatures are made and checked with, and digests of certificates. */
public final class Crypto {
    /**
     * BouncyCastle: its P-256 signs and verifies about twice as fast as the JDK's. It is handed to each
     * call and not registered for the whole JVM, so TLS and the rest stay with the JDK.
     */
    static final Provider PROVIDER = new BouncyCastleProvider();

    private Crypto() {}

    /** SHA-256 in lower-case hexadecimal. */
    public static String sha256Hex(byte[] bytes) {
        return HexFormat.of().formatHex(sha256(bytes));
    }

    /** SHA-256. */
    public static byte[] sha256(byte[] bytes) {
        return digest("SHA-256", bytes);
    }

    /** SHA-1, for names of keys and issuers where a standard asks for it, never as a safeguard. */
    static byte[] sha1(byte[] bytes) {
        return digest("SHA-1", bytes);
    }

    private static byte[] digest(String algorithm, byte[] bytes) {
        try {
            return MessageDigest.getInstance(algorithm).digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }
}
