package io.mooring.certificates.x509;

import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** How we sign: one way for each kind of key, with a hash as strong as the key (RFC 5480, section 4; RFC 4055, section 5). */
public enum SignatureScheme {
    ECDSA_SHA256("SHA256withECDSA", new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256)),
    ECDSA_SHA384("SHA384withECDSA", new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA384)),
    RSA_SHA256(
            "SHA256withRSA", new AlgorithmIdentifier(PKCSObjectIdentifiers.sha256WithRSAEncryption, DERNull.INSTANCE));

    private final String jcaName;
    private final AlgorithmIdentifier identifier;

    SignatureScheme(String jcaName, AlgorithmIdentifier identifier) {
        this.jcaName = jcaName;
        this.identifier = identifier;
    }

    /** The name providers know it by. */
    String jcaName() {
        return jcaName;
    }

    /** As it stands in what is signed. */
    AlgorithmIdentifier identifier() {
        return identifier;
    }

    /**
     * The scheme of a key.
     *
     * @throws IllegalArgumentException if it is neither P-256, P-384 nor RSA
     */
    static SignatureScheme of(SubjectPublicKeyInfo key) {
        ASN1ObjectIdentifier algorithm = key.getAlgorithm().getAlgorithm();
        if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
            return RSA_SHA256;
        }
        if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
            if (SECObjectIdentifiers.secp256r1.equals(key.getAlgorithm().getParameters())) {
                return ECDSA_SHA256;
            }
            if (SECObjectIdentifiers.secp384r1.equals(key.getAlgorithm().getParameters())) {
                return ECDSA_SHA384;
            }
        }
        throw new IllegalArgumentException("an authority's key must be P-256, P-384 or RSA");
    }
}
