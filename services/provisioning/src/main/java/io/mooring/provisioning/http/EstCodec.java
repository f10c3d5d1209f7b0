package io.mooring.provisioning.http;

import io.mooring.provisioning.core.Outcome;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * What EST (RFC 7030) sends and takes: binary things in Base64. Of what is taken the encoding is seen by looking,
 * whatever a header says (RFC 8951, section 3.1): Base64, on one line or many, with the lines of PEM around it or
 * without, or plain DER.
 */
final class EstCodec {
    /** What certificates are sent as. */
    static final String CERTIFICATES = "application/pkcs7-mime; smime-type=certs-only";

    /** What the attributes of requests are sent as. */
    static final String ATTRIBUTES = "application/csrattrs";

    private static final int MAX_REQUEST_BYTES = 24 * 1024;
    private static final byte DER_SEQUENCE = 0x30;

    /**
     * What a request should have (RFC 7030, section 4.5.2), DER: a P-256 key and an ECDSA signature with SHA-256,
     * {@code SEQUENCE { SEQUENCE { ecPublicKey, SET { secp256r1 } }, ecdsa-with-SHA256 }}.
     */
    private static final byte[] ATTRIBUTES_DER = HexFormat.of()
            .parseHex(
                    "3021" + "3015" + "06072a8648ce3d0201" + "310a" + "06082a8648ce3d030107" + "06082a8648ce3d040302");

    private EstCodec() {}

    /** A certification request as PEM. Refused with {@code malformed_csr} or {@code too_large}. */
    static Outcome<String> request(byte[] body) {
        if (body.length > MAX_REQUEST_BYTES) {
            return Outcome.refused("too_large", "a request may have " + MAX_REQUEST_BYTES + " bytes");
        }
        if (body.length > 0 && body[0] == DER_SEQUENCE) {
            return Outcome.done(pem(body));
        }
        String text = new String(body, StandardCharsets.ISO_8859_1);
        String base64 = PemText.body(text).orElseGet(() -> text.replaceAll("[ \\t\\r\\n]", ""));
        try {
            byte[] der = Base64.getDecoder().decode(base64);
            return der.length > 0
                    ? Outcome.done(pem(der))
                    : Outcome.refused("malformed_csr", "the body must be a PKCS#10 request in Base64");
        } catch (IllegalArgumentException notBase64) {
            return Outcome.refused("malformed_csr", "the body must be a PKCS#10 request in Base64");
        }
    }

    private static String pem(byte[] der) {
        return PemText.write("CERTIFICATE REQUEST", der);
    }

    /** Certificates in PEM as a PKCS#7 that holds nothing else (RFC 7030, section 4.1.3), Base64. */
    static String certificates(String pem) {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<Certificate> certificates = new ArrayList<>(
                    factory.generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII))));
            return Base64.getMimeEncoder()
                    .encodeToString(factory.generateCertPath(certificates).getEncoded("PKCS7"));
        } catch (CertificateException e) {
            throw new IllegalStateException("the certificate authority's certificates cannot be read", e);
        }
    }

    /** What a request should have, Base64. */
    static String attributes() {
        return Base64.getMimeEncoder().encodeToString(ATTRIBUTES_DER);
    }
}
