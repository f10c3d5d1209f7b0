package io.mooring.certificates.x509;

import io.mooring.certificates.core.IssuanceDecider;
import io.mooring.certificates.core.KeyFacts;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.core.RequestFacts;
import java.io.IOException;
import java.math.BigInteger;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/**
 * Reads certification requests (PKCS#10, RFC 2986) that anybody may have made. Only their subject's
 * common name and their public key are used; extensions asked for are not.
 */
public final class RequestReader {
    /** The longest request read, in characters of PEM. RSA 4096 with a long subject needs half of it. */
    public static final int MAX_PEM_LENGTH = 8192;

    private static final int UNCOMPRESSED_POINT = 4;

    /** Above it, checking a signature costs too much. */
    private static final int MAX_EXPONENT_BITS = 256;

    private static final Map<ASN1ObjectIdentifier, String> CURVES = Map.of(
            SECObjectIdentifiers.secp256r1, "P-256",
            SECObjectIdentifiers.secp384r1, "P-384",
            SECObjectIdentifiers.secp521r1, "P-521",
            SECObjectIdentifiers.secp256k1, "secp256k1");

    private RequestReader() {}

    /**
     * A request whose sender has shown that it holds the private key.
     *
     * @param facts what the decision needs
     * @param publicKey the key, encoded anew by us
     */
    public record Request(RequestFacts facts, SubjectPublicKeyInfo publicKey) {}

    /**
     * Reads a request and checks its signature.
     *
     * <p>Refused with {@code csr_too_large}, {@code malformed_csr}, {@code unsupported_key}, {@code
     * malformed_key}, {@code unsupported_signature} or {@code bad_proof}.
     */
    public static Outcome<Request> read(String pem) {
        if (pem.length() > MAX_PEM_LENGTH) {
            return Outcome.refused("csr_too_large", "a request may have " + MAX_PEM_LENGTH + " characters of PEM");
        }
        Pem.Block block = Pem.readOne(pem).orElse(null);
        if (block == null
                || !Set.of("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST").contains(block.label())) {
            return Outcome.refused("malformed_csr", "expected one PEM block CERTIFICATE REQUEST");
        }
        if (!DerShape.isOneValue(block.content())) {
            return Outcome.refused("malformed_csr", "the request is not DER");
        }
        PKCS10CertificationRequest request;
        List<String> commonNames;
        KeyFacts key;
        try {
            request = new PKCS10CertificationRequest(block.content());
            if (!Arrays.equals(request.getEncoded(), block.content())) {
                // What the parser passed over is not what was signed.
                return Outcome.refused("malformed_csr", "the request is not PKCS#10");
            }
            if (request.toASN1Structure().getSignature().getPadBits() != 0) {
                return Outcome.refused("malformed_csr", "the signature is not a whole number of octets");
            }
            commonNames = commonNames(request.getSubject());
            key = keyFacts(request.getSubjectPublicKeyInfo());
        } catch (IOException | RuntimeException e) {
            return Outcome.refused("malformed_csr", "the request is not PKCS#10");
        }
        if (!isVerifiable(key)) {
            return Outcome.refused(
                    "unsupported_key",
                    "the key must be P-256, P-384 or RSA of at most " + IssuanceDecider.MAX_RSA_BITS + " bits");
        }
        if (!ProofOfPossession.isSupported(request.getSignatureAlgorithm())) {
            return Outcome.refused(
                    "unsupported_signature", "sign with ECDSA or RSA (PKCS#1 v1.5) and SHA-256 or longer");
        }
        return verify(request, new RequestFacts(commonNames, key));
    }

    /** Whether signatures of such a key are checked at all; whether the key is strong enough is decided later. */
    private static boolean isVerifiable(KeyFacts key) {
        return switch (key) {
            case KeyFacts.EllipticCurve(String curve) -> curve.equals("P-256") || curve.equals("P-384");
            case KeyFacts.Rsa(int bits, int exponentBits) ->
                bits <= IssuanceDecider.MAX_RSA_BITS && exponentBits <= MAX_EXPONENT_BITS;
            case KeyFacts.Other(String algorithm) -> false;
        };
    }

    private static Outcome<Request> verify(PKCS10CertificationRequest request, RequestFacts facts) {
        PublicKey key;
        SubjectPublicKeyInfo canonical;
        byte[] signed;
        try {
            key = publicKey(request.getSubjectPublicKeyInfo());
            canonical = SubjectPublicKeyInfo.getInstance(key.getEncoded());
            signed = request.toASN1Structure().getCertificationRequestInfo().getEncoded();
        } catch (Exception e) {
            return Outcome.refused("malformed_key", "the public key is not a valid one of its kind");
        }
        return ProofOfPossession.holds(key, request.getSignatureAlgorithm(), signed, request.getSignature())
                ? Outcome.done(new Request(facts, canonical))
                : Outcome.refused("bad_proof", "the request is not signed by the key it holds");
    }

    /** A public key as strangers give it: a point on the curve, in the form everybody understands. */
    static PublicKey publicKey(SubjectPublicKeyInfo given) throws Exception {
        boolean rsa = given.getAlgorithm().getAlgorithm().equals(PKCSObjectIdentifiers.rsaEncryption);
        byte[] point = given.getPublicKeyData().getBytes();
        if (!rsa && (point.length == 0 || point[0] != UNCOMPRESSED_POINT)) {
            // RFC 5480, section 2.2: only the uncompressed form is one that everybody must understand.
            throw new IOException("point is not in uncompressed form");
        }
        return KeyFactory.getInstance(rsa ? "RSA" : "EC", Crypto.PROVIDER)
                .generatePublic(new X509EncodedKeySpec(given.getEncoded()));
    }

    private static List<String> commonNames(X500Name subject) {
        List<String> names = new ArrayList<>();
        for (RDN rdn : subject.getRDNs()) {
            for (AttributeTypeAndValue part : rdn.getTypesAndValues()) {
                if (part.getType().equals(BCStyle.CN)) {
                    names.add(((ASN1String) part.getValue()).getString());
                }
            }
        }
        return names;
    }

    private static KeyFacts keyFacts(SubjectPublicKeyInfo key) throws IOException {
        ASN1ObjectIdentifier algorithm = key.getAlgorithm().getAlgorithm();
        if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
            ASN1Encodable parameters = key.getAlgorithm().getParameters();
            String curve = parameters instanceof ASN1ObjectIdentifier oid
                    ? CURVES.getOrDefault(oid, oid.getId())
                    : "not a named curve";
            return new KeyFacts.EllipticCurve(curve);
        }
        if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
            var rsa = org.bouncycastle.asn1.pkcs.RSAPublicKey.getInstance(key.parsePublicKey());
            return rsa(rsa.getModulus(), rsa.getPublicExponent());
        }
        return new KeyFacts.Other(algorithm.getId());
    }

    private static KeyFacts.Rsa rsa(BigInteger modulus, BigInteger exponent) throws IOException {
        if (modulus.signum() <= 0 || exponent.signum() <= 0) {
            throw new IOException("RSA numbers must be positive");
        }
        return new KeyFacts.Rsa(modulus.bitLength(), exponent.bitLength());
    }
}
