package io.mooring.certificates.x509;

import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;

/** Makes requests as a device would, good ones and bad ones. */
public final class TestRequests {
    private TestRequests() {}

    public static KeyPair ec(String curve) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", Crypto.PROVIDER);
            generator.initialize(new ECGenParameterSpec(curve), new SecureRandom());
            return generator.generateKeyPair();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public static KeyPair rsa(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA", Crypto.PROVIDER);
            generator.initialize(new RSAKeyGenParameterSpec(bits, RSAKeyGenParameterSpec.F4), new SecureRandom());
            return generator.generateKeyPair();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A number of that many bits that would pass for an RSA key; nobody holds the other half. */
    public static KeyPair looksLikeRsa(int bits) {
        try {
            BigInteger modulus = BigInteger.ONE.shiftLeft(bits - 1).add(BigInteger.valueOf(297));
            return new KeyPair(
                    // By the JDK, which asks no more of it.
                    KeyFactory.getInstance("RSA")
                            .generatePublic(new RSAPublicKeySpec(modulus, RSAKeyGenParameterSpec.F4)),
                    null);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public static byte[] der(String subject, KeyPair key, String algorithm) {
        return der(subject, key, key, algorithm);
    }

    /** A request for one key, signed by another. */
    public static byte[] der(String subject, KeyPair key, KeyPair signer, String algorithm) {
        try {
            return new PKCS10CertificationRequestBuilder(
                            new X500Name(subject),
                            SubjectPublicKeyInfo.getInstance(key.getPublic().getEncoded()))
                    .build(new JcaContentSignerBuilder(algorithm)
                            .setProvider(Crypto.PROVIDER)
                            .build(signer.getPrivate()))
                    .getEncoded();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    public static String pem(byte[] der) {
        return Pem.write("CERTIFICATE REQUEST", der);
    }

    public static String pem(String subject, KeyPair key, String algorithm) {
        return pem(der(subject, key, algorithm));
    }
}
