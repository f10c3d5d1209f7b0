package io.mooring.audit.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What digests' signatures are verified with.
 *
 * @param value base64 of the DER of an RSAPublicKey (RFC 8017, appendix A.1.1): CloudTrail's form, not a
 *     SubjectPublicKeyInfo
 * @param fingerprint its SHA-256 in lower-case hex
 * @param from since when it signs
 * @param until when it signed for the last time; null while it does
 */
public record TrailPublicKey(
        String value,
        String fingerprint,
        Instant from,
        @Nullable Instant until) {
    private static final JsonMapper JSON = new JsonMapper();

    /** The public half of a key pair. */
    public static TrailPublicKey of(RSAPublicKey key, Instant from, @Nullable Instant until) {
        try {
            byte[] der = new org.bouncycastle.asn1.pkcs.RSAPublicKey(key.getModulus(), key.getPublicExponent())
                    .getEncoded("DER");
            return new TrailPublicKey(Base64.getEncoder().encodeToString(der), Sha256.hex(der), from, until);
        } catch (IOException impossible) {
            throw new IllegalStateException("two numbers always have a form", impossible);
        }
    }

    /** Whether a signature in hex is this key's, of this text. */
    public boolean verifies(byte[] text, String signatureHex) {
        try {
            Signature signature = Signature.getInstance(Digest.SIGNATURE_ALGORITHM);
            signature.initVerify(key());
            signature.update(text);
            return signature.verify(HexFormat.of().parseHex(signatureHex));
        } catch (GeneralSecurityException | IllegalArgumentException none) {
            return false;
        }
    }

    private PublicKey key() throws GeneralSecurityException {
        org.bouncycastle.asn1.pkcs.RSAPublicKey numbers = org.bouncycastle.asn1.pkcs.RSAPublicKey.getInstance(
                Base64.getDecoder().decode(value));
        return KeyFactory.getInstance("RSA")
                .generatePublic(new RSAPublicKeySpec(numbers.getModulus(), numbers.getPublicExponent()));
    }

    /** As {@code ListPublicKeys} answers it, times in words. */
    public ObjectNode toJson() {
        return JSON.createObjectNode()
                .put("Value", value)
                .put("Fingerprint", fingerprint)
                .put("ValidityStartTime", Times.text(from))
                .put("ValidityEndTime", until == null ? null : Times.text(until));
    }

    /**
     * Reads one.
     *
     * @throws IOException if it is none, or its fingerprint is another's
     */
    public static TrailPublicKey of(JsonNode json) throws IOException {
        try {
            String value = json.path("Value").asText();
            String fingerprint = Sha256.hex(Base64.getDecoder().decode(value));
            if (!json.path("Fingerprint").asText(fingerprint).equals(fingerprint)) {
                throw new IOException("the key bears the fingerprint of another");
            }
            JsonNode until = json.path("ValidityEndTime");
            TrailPublicKey key = new TrailPublicKey(
                    value,
                    fingerprint,
                    Times.of(json.path("ValidityStartTime").asText()),
                    until.isTextual() ? Times.of(until.textValue()) : null);
            key.key();
            return key;
        } catch (IllegalArgumentException | DateTimeException | GeneralSecurityException none) {
            throw new IOException("is no public key of a trail: " + none.getMessage(), none);
        }
    }
}
