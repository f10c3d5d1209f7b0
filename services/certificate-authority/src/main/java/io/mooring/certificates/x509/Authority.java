package io.mooring.certificates.x509;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.RevocationReason;
import io.mooring.certificates.core.Validity;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;

/**
 * An authority as it is kept.
 *
 * @param id which of the authorities that ever were
 * @param name what it signs for
 * @param issuer the authority of ours that signed its certificate, unless that came from elsewhere
 * @param certificate its own certificate
 * @param validity how long it is valid, as its certificate says
 * @param above the certificates above it, up to the self-signed one, where they came from elsewhere
 * @param signer signs for it; a root's key may be out of reach
 * @param activeFrom from when on it signs, until another of its name does
 * @param revocation why its certificate no longer counts, if so
 */
public record Authority(
        UUID id,
        AuthorityName name,
        Optional<UUID> issuer,
        Certificate certificate,
        Validity validity,
        List<Certificate> above,
        Optional<Signer> signer,
        Instant activeFrom,
        Optional<Revocation> revocation) {
    /** Why and when an authority's certificate was revoked. */
    public record Revocation(RevocationReason reason, Instant at) {}

    public Authority {
        above = List.copyOf(above);
    }

    /** How long a certificate is valid. */
    public static Validity validity(Certificate certificate) {
        return new Validity(
                certificate.getStartDate().getDate().toInstant(),
                certificate.getEndDate().getDate().toInstant());
    }

    /** Whether what it signed counts at this time. */
    public boolean isValid(Instant now) {
        return revocation.isEmpty() && now.isBefore(validity.notAfter());
    }

    /** The same, with a key at hand. */
    public Authority with(Signer key) {
        return new Authority(id, name, issuer, certificate, validity, above, Optional.of(key), activeFrom, revocation);
    }

    /** What signs for it; to be asked only where its key is always at hand. */
    public Signer requireSigner() {
        return signer.orElseThrow(
                () -> new Signer.UnusableKey("the private key of authority " + id + " is away", null));
    }

    /** Its serial number, lower-case hexadecimal. */
    public String serial() {
        return CertificateProfile.serial(certificate.getTBSCertificate());
    }

    X500Name subject() {
        return certificate.getSubject();
    }

    /** Its identifier, from its certificate: what it signs must name it the same way (RFC 5280, section 4.2.1.1). */
    SubjectKeyIdentifier keyIdentifier() {
        SubjectKeyIdentifier own = SubjectKeyIdentifier.fromExtensions(
                certificate.getTBSCertificate().getExtensions());
        return own != null ? own : CertificateProfile.keyIdentifier(certificate.getSubjectPublicKeyInfo());
    }

    /** The start of its key identifier, by which people tell apart authorities of one name. */
    public String shortKeyIdentifier() {
        String hex = HexFormat.of().formatHex(keyIdentifier().getKeyIdentifier());
        return hex.substring(0, Math.min(8, hex.length()));
    }

    /** Says which authority it is and nothing of the key. */
    @Override
    public String toString() {
        return "Authority[" + name + ", " + id + "]";
    }
}
