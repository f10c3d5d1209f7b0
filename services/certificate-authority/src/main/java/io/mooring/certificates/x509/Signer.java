package io.mooring.certificates.x509;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;

/**
 * A private key, in this process or on a token, that signs, with its public half. Where a fault while
 * signing could give the key away (RSA), and where somebody else signs (a token), each signature is
 * checked before anybody gets to see it; a key on a curve is checked to belong to its public half once,
 * when it is opened: a wrong signature by it would be of no use to anybody, and checking costs as much
 * as signing.
 */
public final class Signer {
    private final PrivateKey key;
    private final Provider provider;
    private final SubjectPublicKeyInfo publicKey;
    private final PublicKey verifyingKey;
    private final SignatureScheme scheme;
    private final SecureRandom random;

    private Signer(PrivateKey key, Provider provider, SubjectPublicKeyInfo publicKey, SecureRandom random) {
        this.key = key;
        this.provider = provider;
        this.publicKey = publicKey;
        this.scheme = SignatureScheme.of(publicKey);
        this.random = random;
        try {
            String algorithm = scheme == SignatureScheme.RSA_SHA256 ? "RSA" : "EC";
            this.verifyingKey = java.security.KeyFactory.getInstance(algorithm, Crypto.PROVIDER)
                    .generatePublic(new X509EncodedKeySpec(publicKey.getEncoded()));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("the public key of an authority is not a valid one", e);
        }
    }

    /**
     * Signs with a key in this process.
     *
     * @throws UnusableKey if it does not belong to the public key
     */
    public static Signer inMemory(PrivateKey key, SubjectPublicKeyInfo publicKey, SecureRandom random) {
        Signer signer = new Signer(key, Crypto.PROVIDER, publicKey, random);
        byte[] message = {0};
        signer.check(message, signer.signUnchecked(message));
        return signer;
    }

    /** Signs with a key that a token keeps; only the token's provider can use it. */
    public static Signer onToken(PrivateKey key, Provider token, SubjectPublicKeyInfo publicKey, SecureRandom random) {
        return new Signer(key, token, publicKey, random);
    }

    /** The private key, if it is in this process; a token's never is. */
    public PrivateKey key() {
        return key;
    }

    /** Its public half. */
    public SubjectPublicKeyInfo publicKey() {
        return publicKey;
    }

    /** How it signs, as it must stand in what is to be signed. */
    public AlgorithmIdentifier algorithm() {
        return scheme.identifier();
    }

    /**
     * A signature over these bytes.
     *
     * @throws UnusableKey if the key does not sign, or not for its public half
     */
    public byte[] sign(byte[] message) {
        byte[] signature = signUnchecked(message);
        if (provider != Crypto.PROVIDER || scheme == SignatureScheme.RSA_SHA256) {
            check(message, signature);
        }
        return signature;
    }

    private byte[] signUnchecked(byte[] message) {
        try {
            Signature signing = Signature.getInstance(scheme.jcaName(), provider);
            if (provider == Crypto.PROVIDER) {
                signing.initSign(key, random);
            } else {
                signing.initSign(key);
            }
            signing.update(message);
            return signing.sign();
        } catch (GeneralSecurityException | java.security.ProviderException e) {
            throw new UnusableKey("the private key does not sign: " + e.getMessage(), e);
        }
    }

    private void check(byte[] message, byte[] signature) {
        try {
            Signature checking = Signature.getInstance(scheme.jcaName(), Crypto.PROVIDER);
            checking.initVerify(verifyingKey);
            checking.update(message);
            if (!checking.verify(signature)) {
                throw new UnusableKey("the private key does not belong to the public key of its authority", null);
            }
        } catch (GeneralSecurityException e) {
            throw new UnusableKey("the private key does not belong to the public key of its authority", e);
        }
    }

    /** Signs a certificate, as prepared (RFC 5280, section 4.1). */
    public Certificate sign(TBSCertificate prepared) {
        return sign(prepared, Der.encode(prepared));
    }

    /**
     * The same, where its bytes are known already.
     *
     * @param encoded the DER form of what was prepared
     */
    public Certificate sign(TBSCertificate prepared, byte[] encoded) {
        ASN1EncodableVector parts = new ASN1EncodableVector(3);
        parts.add(prepared);
        parts.add(algorithm());
        parts.add(new DERBitString(sign(encoded)));
        return Certificate.getInstance(new DERSequence(parts));
    }

    /** Says how it signs and nothing of the key. */
    @Override
    public String toString() {
        return "Signer[" + scheme + "]";
    }

    /** The private key is not what it should be, or its token is away. */
    public static final class UnusableKey extends RuntimeException {
        UnusableKey(String message, @org.jspecify.annotations.Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
