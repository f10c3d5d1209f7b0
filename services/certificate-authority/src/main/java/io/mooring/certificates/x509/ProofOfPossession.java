package io.mooring.certificates.x509;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Map;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Whether somebody holds the private key that belongs to a public one: they signed with it (RFC 2986, section 4.2). */
final class ProofOfPossession {
    private static final Map<ASN1ObjectIdentifier, String> SIGNATURES = Map.of(
            X9ObjectIdentifiers.ecdsa_with_SHA256, "SHA256withECDSA",
            X9ObjectIdentifiers.ecdsa_with_SHA384, "SHA384withECDSA",
            X9ObjectIdentifiers.ecdsa_with_SHA512, "SHA512withECDSA",
            PKCSObjectIdentifiers.sha256WithRSAEncryption, "SHA256withRSA",
            PKCSObjectIdentifiers.sha384WithRSAEncryption, "SHA384withRSA",
            PKCSObjectIdentifiers.sha512WithRSAEncryption, "SHA512withRSA");

    private ProofOfPossession() {}

    /** Whether signatures of this kind are checked at all. */
    static boolean isSupported(AlgorithmIdentifier algorithm) {
        return SIGNATURES.containsKey(algorithm.getAlgorithm());
    }

    /** Whether the signature over the message was made with the private half of the key; whatever is wrong with it, it was not. */
    static boolean holds(PublicKey key, AlgorithmIdentifier algorithm, byte[] message, byte[] signature) {
        String name = SIGNATURES.get(algorithm.getAlgorithm());
        if (name == null) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance(name, Crypto.PROVIDER);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException | RuntimeException notASignature) {
            // What strangers send may break a parser in ways nobody thought of.
            return false;
        }
    }
}
