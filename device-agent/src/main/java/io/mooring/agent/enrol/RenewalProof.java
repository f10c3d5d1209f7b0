package io.mooring.agent.enrol;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Shows the cloud that whoever asks for a new certificate has the key of the old one, which may have expired (device
 * protocol, section 1.2, renewal).
 *
 * @param fingerprint the SHA-256 of the old certificate's DER form, in lower-case hex
 * @param signature the old key's signature over the DER form of the new request, in base64
 */
public record RenewalProof(String fingerprint, String signature) {
    /**
     * Signs a request with the key of the certificate in hand.
     *
     * @param request PKCS#10, PEM
     */
    public static RenewalProof of(Membership inHand, String request) throws GeneralSecurityException {
        X509Certificate certificate = inHand.certificate().getFirst();
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
        Signature signature = Signature.getInstance(DeviceKey.signatureOf(inHand.key()));
        signature.initSign(inHand.key());
        signature.update(Pem.first("CERTIFICATE REQUEST", request));
        return new RenewalProof(
                HexFormat.of().formatHex(digest), Base64.getEncoder().encodeToString(signature.sign()));
    }
}
