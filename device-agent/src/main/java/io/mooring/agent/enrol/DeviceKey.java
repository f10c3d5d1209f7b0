package io.mooring.agent.enrol;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * A new key of a device, and the request to have it certified.
 *
 * @param privateKey PKCS#8 PEM; it never leaves the device
 * @param request PKCS#10 PEM, for the common name that is the device's id
 */
record DeviceKey(String privateKey, String request) {
    private static final String SIGNATURE = "SHA256withECDSA";

    /** Makes a key on P-256. */
    static DeviceKey make(String deviceId) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        try {
            byte[] request = new JcaPKCS10CertificationRequestBuilder(
                            new X500Principal("CN=" + deviceId), pair.getPublic())
                    .build(new JcaContentSignerBuilder(SIGNATURE).build(pair.getPrivate()))
                    .getEncoded();
            return new DeviceKey(
                    Pem.encode("PRIVATE KEY", pair.getPrivate().getEncoded()),
                    Pem.encode("CERTIFICATE REQUEST", request));
        } catch (OperatorCreationException | IOException e) {
            throw new GeneralSecurityException("the certificate request could not be signed", e);
        }
    }

    /** How a key signs, elliptic-curve or RSA. */
    static String signatureOf(PrivateKey key) {
        return key.getAlgorithm().equals("EC") ? SIGNATURE : "SHA256withRSA";
    }

    /** Whether a key is the one a certificate is for. */
    static boolean fits(PrivateKey key, X509Certificate certificate) throws GeneralSecurityException {
        if (!key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm())) {
            return false;
        }
        byte[] probe = {1, 2, 3, 4};
        Signature signature = Signature.getInstance(signatureOf(key));
        signature.initSign(key);
        signature.update(probe);
        byte[] signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update(probe);
        return signature.verify(signed);
    }
}
