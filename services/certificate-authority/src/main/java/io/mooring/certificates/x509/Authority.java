package io.mooring.certificates.x509;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.Validity;
import java.security.PrivateKey;
import java.util.UUID;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;

/**
 * An authority that can sign.
 *
 * @param id which of the authorities that ever were
 * @param name what it signs for
 * @param certificate its own certificate
 * @param key its private key, in the clear: never leaves this process
 */
public record Authority(UUID id, AuthorityName name, Certificate certificate, PrivateKey key) {
    /** How long it is valid. */
    public Validity validity() {
        return new Validity(
                certificate.getStartDate().getDate().toInstant(),
                certificate.getEndDate().getDate().toInstant());
    }

    X500Name subject() {
        return certificate.getSubject();
    }

    /** Its identifier, from its certificate: what it signs must name it the same way (RFC 5280, section 4.2.1.1). */
    SubjectKeyIdentifier keyIdentifier() {
        return SubjectKeyIdentifier.fromExtensions(
                certificate.getTBSCertificate().getExtensions());
    }

    /** Says which authority it is and nothing of the key. */
    @Override
    public String toString() {
        return "Authority[" + name + ", " + id + "]";
    }
}
