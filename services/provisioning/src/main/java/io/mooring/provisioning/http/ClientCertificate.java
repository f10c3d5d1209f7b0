package io.mooring.provisioning.http;

import io.mooring.provisioning.core.Outcome;
import io.vertx.core.http.HttpServerRequest;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** The certificate a caller showed in the TLS handshake, which also showed that it has the key. */
final class ClientCertificate {
    private ClientCertificate() {}

    /**
     * Its fingerprint: SHA-256 of its DER form, lower-case hexadecimal. Refused with {@code certificate_needed} or
     * {@code not_yet_valid}; whether it has expired is for the decision, which knows of a grace.
     */
    static Outcome<String> fingerprint(HttpServerRequest request, Instant now) {
        SSLSession session = request.sslSession();
        try {
            if (session == null || !(session.getPeerCertificates()[0] instanceof X509Certificate certificate)) {
                return needed();
            }
            if (certificate.getNotBefore().toInstant().isAfter(now)) {
                return Outcome.refused("not_yet_valid", "the client certificate is not valid yet");
            }
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return Outcome.done(HexFormat.of().formatHex(hash));
        } catch (SSLPeerUnverifiedException none) {
            return needed();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate from a handshake has a DER form, every JDK SHA-256", e);
        }
    }

    private static Outcome<String> needed() {
        return Outcome.refused("certificate_needed", "show the certificate in hand in the TLS handshake");
    }
}
