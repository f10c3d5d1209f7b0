package io.mooring.certificates.x509;

import io.mooring.certificates.core.KeyAlgorithm;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/** Makes keys. */
public final class KeyPairs {
    private KeyPairs() {}

    /** A new key pair. RSA takes its time: seconds, at 4096 bits. */
    public static KeyPair make(KeyAlgorithm algorithm, SecureRandom random) {
        return switch (algorithm) {
            case P256 -> make("EC", new ECGenParameterSpec("secp256r1"), random);
            case P384 -> make("EC", new ECGenParameterSpec("secp384r1"), random);
            case RSA3072 -> make("RSA", new RSAKeyGenParameterSpec(3072, RSAKeyGenParameterSpec.F4), random);
            case RSA4096 -> make("RSA", new RSAKeyGenParameterSpec(4096, RSAKeyGenParameterSpec.F4), random);
        };
    }

    /** The public half, as it stands in a certificate. */
    public static SubjectPublicKeyInfo publicKey(KeyPair pair) {
        return SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded());
    }

    private static KeyPair make(String family, AlgorithmParameterSpec size, SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(family, Crypto.PROVIDER);
            generator.initialize(size, random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(family + " is not available", e);
        }
    }
}
