package io.mooring.provisioning.secrets;

import io.mooring.provisioning.core.Registration;
import io.mooring.provisioning.core.SecretProof;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Proofs that a device holds its secret: HMAC-SHA-256 (RFC 2104), its key the SHA-256 of the secret, over the
 * UTF-8 text {@code mooring-register\n<claim id>\n<time>}, the time as it is sent.
 */
public final class SecretProofs {
    private static final String PURPOSE = "mooring-register";

    private SecretProofs() {}

    /** What a proof is worth against the hash of the secret. */
    public static SecretProof check(String secretHash, String id, Registration.Proof proof) {
        String expected = mac(HexFormat.of().parseHex(secretHash), id, proof.time());
        if (!Tokens.same(expected, proof.mac().toLowerCase(Locale.ROOT))) {
            return new SecretProof.Wrong();
        }
        try {
            return new SecretProof.Right(Instant.parse(proof.time()));
        } catch (DateTimeException notATime) {
            return new SecretProof.Wrong();
        }
    }

    /** The proof of a secret, lower-case hexadecimal: what a device computes. */
    public static String prove(String secret, String id, String time) {
        try {
            byte[] key = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
            return mac(key, id, time);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static String mac(byte[] key, String id, String time) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            String text = PURPOSE + "\n" + id + "\n" + time;
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
        }
    }
}
