package io.mooring.certificates.x509;

import io.mooring.certificates.core.CertificateStatus;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Enumerated;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERGeneralizedTime;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.ocsp.BasicOCSPResponse;
import org.bouncycastle.asn1.ocsp.CertID;
import org.bouncycastle.asn1.ocsp.CertStatus;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.ocsp.OCSPResponse;
import org.bouncycastle.asn1.ocsp.OCSPResponseStatus;
import org.bouncycastle.asn1.ocsp.ResponderID;
import org.bouncycastle.asn1.ocsp.ResponseBytes;
import org.bouncycastle.asn1.ocsp.ResponseData;
import org.bouncycastle.asn1.ocsp.RevokedInfo;
import org.bouncycastle.asn1.ocsp.SingleResponse;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;

/** Makes answers about certificates (RFC 6960, section 4.2). */
public final class OcspAnswers {
    private OcspAnswers() {}

    /** Why there is no answer (section 4.2.1); such an answer is not signed. */
    public enum Error {
        /** The request was not understood. */
        MALFORMED_REQUEST(OCSPResponseStatus.MALFORMED_REQUEST),
        /** Something went wrong here. */
        INTERNAL_ERROR(OCSPResponseStatus.INTERNAL_ERROR),
        /** Too busy now, or a part is away. */
        TRY_LATER(OCSPResponseStatus.TRY_LATER),
        /** Not an authority of ours, or none that we can answer for (RFC 5019, section 2.2.3). */
        UNAUTHORIZED(OCSPResponseStatus.UNAUTHORIZED);

        private final int status;

        Error(int status) {
            this.status = status;
        }
    }

    /**
     * Who answers for an authority: a key of its own, that the authority vouches for.
     *
     * @param certificate names the key, signed by the authority
     */
    public record Responder(Signer signer, Certificate certificate) {}

    /** An answer that says only why there is none. */
    public static byte[] error(Error error) {
        return Der.encode(new OCSPResponse(new OCSPResponseStatus(error.status), null));
    }

    /** Whether a question names an authority, by the hashes of its name and key (section 4.1.1). */
    public static boolean isAbout(CertID id, Authority authority) {
        ASN1ObjectIdentifier hash = id.getHashAlgorithm().getAlgorithm();
        boolean sha1 = hash.equals(OIWObjectIdentifiers.idSHA1);
        if (!sha1 && !hash.equals(NISTObjectIdentifiers.id_sha256)) {
            return false;
        }
        byte[] name = Der.encode(authority.subject());
        byte[] key = authority
                .certificate()
                .getSubjectPublicKeyInfo()
                .getPublicKeyData()
                .getBytes();
        return Arrays.equals(id.getIssuerNameHash().getOctets(), sha1 ? Crypto.sha1(name) : Crypto.sha256(name))
                && Arrays.equals(id.getIssuerKeyHash().getOctets(), sha1 ? Crypto.sha1(key) : Crypto.sha256(key));
    }

    /**
     * A signed answer.
     *
     * @param statuses one for each certificate asked about, in that order
     * @param nextUpdate until when the answer may be used
     */
    public static byte[] signed(
            OcspQuery query,
            List<Map.Entry<CertID, CertificateStatus>> statuses,
            Responder responder,
            Instant thisUpdate,
            Instant nextUpdate) {
        ASN1EncodableVector responses = new ASN1EncodableVector(statuses.size());
        for (Map.Entry<CertID, CertificateStatus> one : statuses) {
            responses.add(new SingleResponse(
                    one.getKey(), status(one.getValue()), time(thisUpdate), time(nextUpdate), (Extensions) null));
        }
        byte[] key = responder.signer().publicKey().getPublicKeyData().getBytes();
        Optional<Extensions> nonce = query.nonce().map(OcspAnswers::nonce);
        ResponseData data = new ResponseData(
                // By key (section 4.2.1): shorter than the name, and names one key only.
                new ResponderID(new DEROctetString(Crypto.sha1(key))),
                time(thisUpdate),
                new DERSequence(responses),
                nonce.orElse(null));
        BasicOCSPResponse basic = new BasicOCSPResponse(
                data,
                responder.signer().algorithm(),
                new DERBitString(responder.signer().sign(Der.encode(data))),
                new DERSequence(responder.certificate()));
        ResponseBytes bytes =
                new ResponseBytes(OCSPObjectIdentifiers.id_pkix_ocsp_basic, new DEROctetString(Der.encode(basic)));
        return Der.encode(new OCSPResponse(new OCSPResponseStatus(OCSPResponseStatus.SUCCESSFUL), bytes));
    }

    private static Extensions nonce(ASN1OctetString value) {
        return new Extensions(new Extension(OCSPObjectIdentifiers.id_pkix_ocsp_nonce, false, value.getOctets()));
    }

    private static CertStatus status(CertificateStatus status) {
        return switch (status) {
            case CertificateStatus.Good() -> new CertStatus();
            case CertificateStatus.Unknown() -> new CertStatus(2, DERNull.INSTANCE);
            case CertificateStatus.Revoked(var reason, Instant at) ->
                new CertStatus(new RevokedInfo(
                        time(at),
                        reason.code() == CRLReason.unspecified
                                ? null
                                : CRLReason.getInstance(new ASN1Enumerated(reason.code()))));
        };
    }

    /** In GeneralizedTime without fractions (section 4.2.2.1). */
    private static ASN1GeneralizedTime time(Instant at) {
        return new DERGeneralizedTime(Date.from(at));
    }
}
