package io.mooring.provisioning;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;

/** What a device does with keys. */
final class TestKeys {
    private TestKeys() {}

    /** A new key on P-256. */
    static KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A request for a new key, PEM. */
    static String request(String commonName) throws Exception {
        return request(newKey(), commonName);
    }

    /** A request for a key, PEM. */
    static String request(KeyPair key, String commonName) throws Exception {
        return pem("CERTIFICATE REQUEST", requestDer(key, commonName));
    }

    /** A request for a key, DER. */
    static byte[] requestDer(KeyPair key, String commonName) throws Exception {
        return new PKCS10CertificationRequestBuilder(
                        new X500Name("CN=" + commonName),
                        SubjectPublicKeyInfo.getInstance(key.getPublic().getEncoded()))
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate()))
                .getEncoded();
    }

    static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    /** The first certificate of some PEM. */
    static X509Certificate certificate(String pem) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    /** A certificate that nobody but its holder signed. */
    static X509Certificate selfSigned(KeyPair key, String commonName, Instant notBefore, Instant notAfter)
            throws Exception {
        X500Name name = new X500Name("CN=" + commonName);
        byte[] der = new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.valueOf(notAfter.toEpochMilli()),
                        Date.from(notBefore),
                        Date.from(notAfter),
                        name,
                        key.getPublic())
                .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate()))
                .getEncoded();
        return certificate(pem("CERTIFICATE", der));
    }

    /** A certificate's fingerprint as the brokers know it. */
    static String fingerprint(X509Certificate certificate) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    }

    /** SHA-256 of a certificate's DER form, as the brokers know it. */
    static String fingerprint(String pem) throws Exception {
        return fingerprint(certificate(pem));
    }
}
