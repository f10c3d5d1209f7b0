package io.mooring.certificates.x509;

import io.mooring.certificates.core.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ocsp.CertID;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.ocsp.OCSPRequest;
import org.bouncycastle.asn1.ocsp.Request;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;

/**
 * What somebody wants to know about certificates (RFC 6960, section 4.1). Anybody may have made it; a
 * signature on it is not asked for and not looked at.
 *
 * @param certificates which certificates, one to {@value #MAX_CERTIFICATES}
 * @param nonce what the answer must repeat, as the value of the extension
 */
@SuppressWarnings("ArrayRecordComponent") // passed on, never compared
public record OcspQuery(List<CertID> certificates, Optional<ASN1OctetString> nonce) {
    /** The longest request read, in bytes. */
    public static final int MAX_BYTES = 4096;

    /** The most certificates one request may name. */
    public static final int MAX_CERTIFICATES = 16;

    /** RFC 9654, section 2.1: 1 to 128 octets. */
    private static final int MAX_NONCE_OCTETS = 128;

    private static final int MAX_SERIAL_OCTETS = 20;

    public OcspQuery {
        certificates = List.copyOf(certificates);
    }

    /** Reads a request; refused with {@code malformed_request}. */
    public static Outcome<OcspQuery> read(byte[] der) {
        if (der.length > MAX_BYTES || !DerShape.isOneValue(der)) {
            return refused("it is too long or not DER");
        }
        try {
            OCSPRequest request = OCSPRequest.getInstance(ASN1Primitive.fromByteArray(der));
            if (!Arrays.equals(Der.encode(request), der)) {
                return refused("it has parts that do not belong there");
            }
            return read(request);
        } catch (Exception notARequest) {
            return refused("it is not of the form of a request");
        }
    }

    private static Outcome<OcspQuery> read(OCSPRequest request) {
        ASN1Sequence list = request.getTbsRequest().getRequestList();
        if (list.size() == 0 || list.size() > MAX_CERTIFICATES) {
            return refused("a request names 1 to " + MAX_CERTIFICATES + " certificates");
        }
        List<CertID> certificates = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            Request one = Request.getInstance(list.getObjectAt(i));
            CertID id = one.getReqCert();
            byte[] serial = id.getSerialNumber().getValue().toByteArray();
            if (hasUnknownCritical(one.getSingleRequestExtensions()) || serial.length > MAX_SERIAL_OCTETS) {
                return refused("it asks for something unknown");
            }
            certificates.add(id);
        }
        Extensions extensions = request.getTbsRequest().getRequestExtensions();
        if (hasUnknownCritical(extensions)) {
            return refused("it asks for something unknown");
        }
        Extension nonce = extensions == null ? null : extensions.getExtension(OCSPObjectIdentifiers.id_pkix_ocsp_nonce);
        if (nonce == null) {
            return Outcome.done(new OcspQuery(certificates, Optional.empty()));
        }
        int length = ASN1OctetString.getInstance(nonce.getParsedValue()).getOctetsLength();
        return length == 0 || length > MAX_NONCE_OCTETS
                ? refused("a nonce has 1 to " + MAX_NONCE_OCTETS + " octets")
                : Outcome.done(new OcspQuery(certificates, Optional.of(nonce.getExtnValue())));
    }

    private static boolean hasUnknownCritical(@org.jspecify.annotations.Nullable Extensions extensions) {
        if (extensions == null) {
            return false;
        }
        for (ASN1ObjectIdentifier id : extensions.getCriticalExtensionOIDs()) {
            if (!id.equals(OCSPObjectIdentifiers.id_pkix_ocsp_nonce)) {
                return true;
            }
        }
        return false;
    }

    private static Outcome<OcspQuery> refused(String detail) {
        return Outcome.refused("malformed_request", detail);
    }
}
