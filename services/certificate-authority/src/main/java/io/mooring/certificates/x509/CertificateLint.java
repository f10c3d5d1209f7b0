package io.mooring.certificates.x509;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.CertificatePlan;
import io.mooring.certificates.core.Purpose;
import io.mooring.certificates.core.ServerName;
import io.mooring.certificates.core.Validity;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;

/**
 * Reads what is about to be signed as a stranger would, from its bytes, and says where it departs from
 * what was decided or from RFC 5280. What has a finding is never signed: it would be a fault of ours.
 * Shares no code with {@link CertificateProfile}, which makes what is checked here.
 */
public final class CertificateLint {
    private static final int MIN_SERIAL_BITS = 64;
    private static final int MAX_SERIAL_OCTETS = 20;
    /** As the parser words a time of either form. */
    private static final DateTimeFormatter LINTED_TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'GMT+00:00'").withZone(ZoneOffset.UTC);

    private static final Instant GENERALIZED_FROM = Instant.parse("2050-01-01T00:00:00Z");

    private final List<String> findings = new ArrayList<>();
    private final TBSCertificate prepared;
    private final Set<ASN1ObjectIdentifier> expected = new HashSet<>();

    private CertificateLint(byte[] prepared) {
        this.prepared = TBSCertificate.getInstance(prepared);
        check(Arrays.equals(Der.encode(this.prepared), prepared), "it is not DER");
    }

    /** What is wrong with a certificate for a device, a server or our answering service; normally nothing. */
    public static List<String> leaf(
            byte[] prepared, CertificatePlan plan, SubjectPublicKeyInfo key, Authority issuer, Pointers pointers) {
        return of(prepared, lint -> {
            lint.frame(key, issuer, plan.validity());
            lint.check(lint.subjectFits(plan.purpose()), "the subject is not the holder's");
            lint.alternativeNames(plan.purpose());
            lint.basicConstraints(-1);
            int encipherment = plan.keyEncipherment() ? KeyUsage.keyEncipherment : 0;
            lint.keyUsage(KeyUsage.digitalSignature | encipherment);
            switch (plan.purpose()) {
                case Purpose.Device device -> lint.purposes(KeyPurposeId.id_kp_clientAuth);
                case Purpose.Server server -> lint.purposes(KeyPurposeId.id_kp_serverAuth);
                case Purpose.Responder responder -> lint.purposes(KeyPurposeId.id_kp_OCSPSigning);
            }
            if (plan.purpose() instanceof Purpose.Responder) {
                lint.present(OCSPObjectIdentifiers.id_pkix_ocsp_nocheck, false);
            } else {
                lint.pointers(pointers, issuer, pointers.responder());
            }
        });
    }

    /** What is wrong with an issuing authority's certificate; normally nothing. */
    public static List<String> issuing(
            byte[] prepared,
            AuthorityName name,
            SubjectPublicKeyInfo key,
            Validity validity,
            Authority root,
            Pointers pointers) {
        return of(prepared, lint -> {
            lint.frame(key, root, validity);
            String cloud = name.cloudOrEmpty();
            lint.check(
                    lint.value(BCStyle.OU).equals(cloud.isEmpty() ? List.of() : List.of(cloud))
                            && lint.value(BCStyle.CN).size() == 1,
                    "the subject is not the authority's");
            lint.basicConstraints(0);
            lint.keyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature);
            lint.purposes(
                    name instanceof AuthorityName.Servers
                            ? KeyPurposeId.id_kp_serverAuth
                            : KeyPurposeId.id_kp_clientAuth,
                    KeyPurposeId.id_kp_OCSPSigning);
            lint.pointers(pointers, root, Optional.empty());
        });
    }

    private static List<String> of(byte[] prepared, java.util.function.Consumer<CertificateLint> rules) {
        try {
            CertificateLint lint = new CertificateLint(prepared);
            rules.accept(lint);
            lint.nothingElse();
            return List.copyOf(lint.findings);
        } catch (RuntimeException unreadable) {
            return List.of("it cannot be read: " + unreadable.getMessage());
        }
    }

    /** What every certificate has (RFC 5280, section 4.1.2). */
    private void frame(SubjectPublicKeyInfo key, Authority issuer, Validity validity) {
        check(prepared.getVersionNumber() == 3, "it is not of version 3");
        BigInteger serial = prepared.getSerialNumber().getValue();
        check(serial.signum() > 0, "the serial number is not positive");
        check(serial.bitLength() >= MIN_SERIAL_BITS, "the serial number is too short to be random");
        check(serial.toByteArray().length <= MAX_SERIAL_OCTETS, "the serial number is too long");
        check(
                prepared.getSignature()
                        .equals(SignatureScheme.of(issuer.certificate().getSubjectPublicKeyInfo())
                                .identifier()),
                "the signature's algorithm is not the issuer's");
        check(
                Arrays.equals(
                        Der.encode(prepared.getIssuer()),
                        Der.encode(issuer.certificate().getSubject())),
                "the issuer is not named as it names itself");
        time(prepared.getStartDate(), validity.notBefore());
        time(prepared.getEndDate(), validity.notAfter());
        Validity whole = issuer.validity();
        check(
                !validity.notBefore().isBefore(whole.notBefore())
                        && !validity.notAfter().isAfter(whole.notAfter()),
                "it outlives its issuer");
        check(prepared.getSubjectPublicKeyInfo().equals(key), "the key is another");
        check(
                prepared.getIssuerUniqueId() == null && prepared.getSubjectUniqueId() == null,
                "it has unique identifiers");
        byte[] own = ASN1OctetString.getInstance(present(Extension.subjectKeyIdentifier, false))
                .getOctets();
        check(Arrays.equals(own, sha1(key)), "the subject's key identifier is not its key's");
        AuthorityKeyIdentifier above =
                AuthorityKeyIdentifier.getInstance(present(Extension.authorityKeyIdentifier, false));
        SubjectKeyIdentifier issuers = issuer.keyIdentifier();
        check(
                Arrays.equals(above.getKeyIdentifierOctets(), issuers.getKeyIdentifier()),
                "the authority's key identifier is not the issuer's");
    }

    /** RFC 5280, section 4.1.2.5: in UTCTime until 2049, in GeneralizedTime from then on, without fractions. */
    private void time(Time time, Instant decided) {
        check(time.getTime().equals(LINTED_TIME.format(decided)), "the validity is not what was decided");
        boolean generalized = time.toASN1Primitive() instanceof ASN1GeneralizedTime;
        check(generalized == !decided.isBefore(GENERALIZED_FROM), "a time is in the wrong form");
    }

    private boolean subjectFits(Purpose purpose) {
        return switch (purpose) {
            case Purpose.Device(String cloud, String id) ->
                value(BCStyle.OU).equals(List.of(cloud)) && value(BCStyle.CN).equals(List.of(id)) && rdns() == 2;
            case Purpose.Server server ->
                rdns() == 0 || (rdns() == 1 && value(BCStyle.CN).equals(List.of(server.subject())));
            case Purpose.Responder responder -> value(BCStyle.CN).equals(List.of(responder.subject())) && rdns() == 2;
        };
    }

    private int rdns() {
        return prepared.getSubject().getRDNs().length;
    }

    private List<String> value(ASN1ObjectIdentifier type) {
        X500Name subject = prepared.getSubject();
        List<String> values = new ArrayList<>();
        for (RDN rdn : subject.getRDNs(type)) {
            check(!rdn.isMultiValued(), "the subject has names of several parts");
            values.add(IETFUtils.valueToString(rdn.getFirst().getValue()));
        }
        return values;
    }

    private void alternativeNames(Purpose purpose) {
        List<String> wanted = switch (purpose) {
            case Purpose.Device(String cloud, String id) -> List.of("4:OU=" + cloud + ",CN=" + id);
            case Purpose.Server(List<ServerName> names) ->
                names.stream()
                        .map(name -> (name instanceof ServerName.Dns ? "2:" : "7:") + name.text())
                        .toList();
            case Purpose.Responder responder -> List.of();
        };
        if (wanted.isEmpty()) {
            return;
        }
        GeneralNames names = GeneralNames.getInstance(present(Extension.subjectAlternativeName, rdns() == 0));
        List<String> found =
                Arrays.stream(names.getNames()).map(CertificateLint::text).toList();
        boolean addresses = wanted.stream().anyMatch(name -> name.startsWith("7:"));
        // An address has many spellings; how many there are is checked, and the parser made their bytes.
        check(
                addresses ? found.size() == wanted.size() : found.equals(wanted),
                "the alternative names are not the holder's");
    }

    private static String text(GeneralName name) {
        return name.getTagNo() + ":" + name.getName();
    }

    private void basicConstraints(int pathLength) {
        BasicConstraints constraints = BasicConstraints.getInstance(present(Extension.basicConstraints, true));
        boolean authority = pathLength >= 0;
        check(constraints.isCA() == authority, "it says wrongly whether it is an authority");
        BigInteger path = constraints.getPathLenConstraint();
        check(
                authority ? path != null && path.intValueExact() == pathLength : path == null,
                "its path length is wrong");
    }

    private void keyUsage(int usage) {
        KeyUsage found = KeyUsage.getInstance(present(Extension.keyUsage, true));
        check(found.equals(new KeyUsage(usage)), "the key usage is wrong");
    }

    private void purposes(KeyPurposeId... purposes) {
        ExtendedKeyUsage found = ExtendedKeyUsage.getInstance(present(Extension.extendedKeyUsage, false));
        check(Arrays.asList(found.getUsages()).equals(List.of(purposes)), "the extended key usage is wrong");
    }

    private void pointers(Pointers pointers, Authority issuer, Optional<String> responder) {
        pointers.revocationList(issuer.id()).ifPresent(url -> {
            DistributionPoint[] points = CRLDistPoint.getInstance(present(Extension.cRLDistributionPoints, false))
                    .getDistributionPoints();
            boolean good = points.length == 1
                    && Arrays.stream(GeneralNames.getInstance(
                                            points[0].getDistributionPoint().getName())
                                    .getNames())
                            .map(CertificateLint::text)
                            .toList()
                            .equals(List.of("6:" + url));
            check(good, "it does not point to its issuer's list of revoked certificates");
        });
        List<String> wanted = new ArrayList<>();
        responder.ifPresent(url -> wanted.add(AccessDescription.id_ad_ocsp + " 6:" + url));
        pointers.certificate(issuer.id()).ifPresent(url -> wanted.add(AccessDescription.id_ad_caIssuers + " 6:" + url));
        if (!wanted.isEmpty()) {
            List<String> found = Arrays.stream(
                            AuthorityInformationAccess.getInstance(present(Extension.authorityInfoAccess, false))
                                    .getAccessDescriptions())
                    .map(access -> access.getAccessMethod() + " " + text(access.getAccessLocation()))
                    .toList();
            check(found.equals(wanted), "it does not point to who knows more about it");
        }
    }

    /** The value of an extension that must be there, and must be critical or must not. */
    private ASN1Encodable present(ASN1ObjectIdentifier id, boolean critical) {
        expected.add(id);
        Extensions all = prepared.getExtensions();
        Extension extension = all == null ? null : all.getExtension(id);
        if (extension == null) {
            throw new IllegalArgumentException("extension " + id + " is missing");
        }
        check(
                extension.isCritical() == critical,
                "extension " + id + (critical ? " must be" : " must not be") + " critical");
        return extension.getParsedValue();
    }

    /** Nothing that nobody decided. */
    private void nothingElse() {
        for (ASN1ObjectIdentifier id : prepared.getExtensions().getExtensionOIDs()) {
            check(expected.contains(id), "extension " + id + " is there for no reason");
        }
    }

    private void check(boolean good, String finding) {
        if (!good) {
            findings.add(finding);
        }
    }

    private static byte[] sha1(SubjectPublicKeyInfo key) {
        return Crypto.sha1(key.getPublicKeyData().getBytes());
    }
}
