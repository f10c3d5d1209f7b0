package io.mooring.audit.core;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.HexFormat;

/** A key that signs digests. */
public record SigningKey(TrailPublicKey open, PrivateKey secret) {
    /** The signature of a digest in hex; of the same text always the same. */
    public String sign(byte[] text) {
        try {
            Signature signature = Signature.getInstance(Digest.SIGNATURE_ALGORITHM);
            signature.initSign(secret);
            signature.update(text);
            return HexFormat.of().formatHex(signature.sign());
        } catch (GeneralSecurityException unusable) {
            throw new IllegalStateException("the signing key " + open.fingerprint() + " cannot sign", unusable);
        }
    }

    @Override
    public String toString() {
        return "SigningKey[" + open.fingerprint() + "]";
    }
}
