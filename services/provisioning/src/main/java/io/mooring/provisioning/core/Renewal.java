package io.mooring.provisioning.core;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;

/**
 * A proof that a certification request comes from who has the key of a certificate in hand: a signature by
 * that key over the DER form of the request, SHA-256 with ECDSA or with RSA (PKCS#1 v1.5). All Base64.
 *
 * @param fingerprint of that certificate, SHA-256, lower-case hexadecimal
 * @param request the request's DER form
 */
public record Renewal(String fingerprint, String signature, String request) {
    /** The certificate it proves, of those given. Refused with {@code unknown_certificate} or {@code wrong_renewal}. */
    Outcome<CertificateReference> prove(Device.Owned device) {
        Optional<CertificateReference> certificate = device.certificates().stream()
                .filter(known -> known.fingerprint().equals(fingerprint))
                .findFirst();
        if (certificate.isEmpty()) {
            return Outcome.refused("unknown_certificate", "this device has no such certificate");
        }
        return isSigned(certificate.get().publicKey())
                ? Outcome.done(certificate.get())
                : Outcome.refused("wrong_renewal", "the renewal is not signed by the key of that certificate");
    }

    private boolean isSigned(String publicKey) {
        if (publicKey.isEmpty()) {
            return false;
        }
        try {
            PublicKey key = key(Base64.getDecoder().decode(publicKey));
            Signature check =
                    Signature.getInstance("SHA256with" + (key.getAlgorithm().equals("EC") ? "ECDSA" : "RSA"));
            check.initVerify(key);
            check.update(Base64.getDecoder().decode(request));
            return check.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException malformed) {
            return false;
        }
    }

    private static PublicKey key(byte[] encoded) throws GeneralSecurityException {
        try {
            return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException notEc) {
            return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(encoded));
        }
    }
}
