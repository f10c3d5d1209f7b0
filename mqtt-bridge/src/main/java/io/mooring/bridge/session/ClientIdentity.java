package io.mooring.bridge.session;

import io.mooring.bridge.registry.Fingerprint;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Whom a client certificate names.
 *
 * @param device the subject's common name
 * @param sha256 of the certificate's DER form, in lower-case hex
 * @param from when its time begins
 * @param until when its time is over
 */
record ClientIdentity(String device, String sha256, Instant from, Instant until) {
    /** Reads a certificate, which the TLS handshake has verified; empty if it names nobody. */
    static Optional<ClientIdentity> of(X509Certificate certificate) {
        try {
            LdapName subject =
                    new LdapName(certificate.getSubjectX500Principal().getName());
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return subject.getRdns().stream()
                    .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
                    .map(Rdn::getValue)
                    .filter(String.class::isInstance)
                    .map(name -> new ClientIdentity(
                            (String) name,
                            HexFormat.of().formatHex(digest),
                            certificate.getNotBefore().toInstant(),
                            certificate.getNotAfter().toInstant()))
                    .findFirst();
        } catch (InvalidNameException | CertificateEncodingException unreadable) {
            return Optional.empty();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    Fingerprint fingerprint() {
        return Fingerprint.ofHex(sha256);
    }
}
