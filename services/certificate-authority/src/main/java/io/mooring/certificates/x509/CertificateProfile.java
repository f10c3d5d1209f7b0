package io.mooring.certificates.x509;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.CertificatePlan;
import io.mooring.certificates.core.Purpose;
import io.mooring.certificates.core.ServerName;
import io.mooring.certificates.core.Validity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERGeneralizedTime;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERUTCTime;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.cert.bc.BcX509ExtensionUtils;

/**
 * What certificates of this cloud say: prepares the part to be signed (RFC 5280, section 4.1.2), so
 * that it can be checked and recorded before it is.
 */
public final class CertificateProfile {
    private static final int SERIAL_BYTES = 16;
    private static final int MAX_COMMON_NAME = 64;
    private static final int GENERALIZED_FROM_YEAR = 2050;
    private static final DateTimeFormatter UTC_TIME =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter GENERALIZED_TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private final Pointers pointers;
    private final SecureRandom random;

    public CertificateProfile(Pointers pointers, SecureRandom random) {
        this.pointers = pointers;
        this.random = random;
    }

    /** What a root would sign for itself. */
    public TBSCertificate prepareRoot(Signer signer, Validity validity) {
        SubjectPublicKeyInfo key = signer.publicKey();
        X500Name name = authorityName(new AuthorityName.Root(), key);
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        add(extensions, Extension.basicConstraints, true, new BasicConstraints(1));
        add(extensions, Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        addKeyIdentifiers(extensions, key, keyIdentifier(key));
        return prepare(signer.algorithm(), name, name, key, validity, extensions);
    }

    /** What the root would sign for an issuing authority. */
    public TBSCertificate prepareIssuing(
            AuthorityName name, SubjectPublicKeyInfo key, Validity validity, Authority root) {
        KeyPurposeId only =
                name instanceof AuthorityName.Servers ? KeyPurposeId.id_kp_serverAuth : KeyPurposeId.id_kp_clientAuth;
        // Some who check a chain let an authority sign for no purpose that it is not named for itself.
        KeyPurposeId[] purposes = {only, KeyPurposeId.id_kp_OCSPSigning};
        int usage = KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature;
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        add(extensions, Extension.basicConstraints, true, new BasicConstraints(0));
        add(extensions, Extension.keyUsage, true, new KeyUsage(usage));
        add(extensions, Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
        addKeyIdentifiers(extensions, key, root.keyIdentifier());
        addPointers(extensions, root.id(), Optional.empty());
        X500Name subject = authorityName(name, key);
        return prepare(
                SignatureScheme.of(root.certificate().getSubjectPublicKeyInfo()).identifier(),
                root.subject(),
                subject,
                key,
                validity,
                extensions);
    }

    /** What an issuing authority would sign for a device, a server or its own answering service. */
    public TBSCertificate prepareLeaf(CertificatePlan plan, SubjectPublicKeyInfo key, Authority issuer) {
        Purpose purpose = plan.purpose();
        X500Name subject = leafName(purpose);
        int usage = KeyUsage.digitalSignature | (plan.keyEncipherment() ? KeyUsage.keyEncipherment : 0);
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        add(extensions, Extension.basicConstraints, true, new BasicConstraints(false));
        add(extensions, Extension.keyUsage, true, new KeyUsage(usage));
        add(extensions, Extension.extendedKeyUsage, false, new ExtendedKeyUsage(keyPurpose(purpose)));
        // RFC 5280, section 4.2.1.6: critical where the subject is empty.
        boolean onlyNames = subject.getRDNs().length == 0;
        alternativeNames(purpose)
                .ifPresent(names -> add(extensions, Extension.subjectAlternativeName, onlyNames, names));
        addKeyIdentifiers(extensions, key, issuer.keyIdentifier());
        if (purpose instanceof Purpose.Responder) {
            // RFC 6960, section 4.2.2.2.1: lives too briefly to be asked about; who would answer for it?
            add(extensions, OCSPObjectIdentifiers.id_pkix_ocsp_nocheck, false, DERNull.INSTANCE);
        } else {
            addPointers(extensions, issuer.id(), pointers.responder());
        }
        return prepare(issuer.requireSigner().algorithm(), issuer.subject(), subject, key, plan.validity(), extensions);
    }

    /** The serial number of what was prepared: 32 lower-case hexadecimal digits. */
    public static String serial(TBSCertificate prepared) {
        return HexFormat.of().formatHex(prepared.getSerialNumber().getValue().toByteArray());
    }

    private TBSCertificate prepare(
            AlgorithmIdentifier signature,
            X500Name issuer,
            X500Name subject,
            SubjectPublicKeyInfo key,
            Validity validity,
            ExtensionsGenerator extensions) {
        V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
        generator.setSerialNumber(new ASN1Integer(newSerial()));
        generator.setSignature(signature);
        generator.setIssuer(issuer);
        generator.setStartDate(time(validity.notBefore()));
        generator.setEndDate(time(validity.notAfter()));
        generator.setSubject(subject);
        generator.setSubjectPublicKeyInfo(key);
        generator.setExtensions(extensions.generate());
        return generator.generateTBSCertificate();
    }

    /** In UTCTime until 2049, in GeneralizedTime from then on (RFC 5280, section 4.1.2.5). */
    private static Time time(Instant at) {
        return new Time(
                at.atOffset(ZoneOffset.UTC).getYear() < GENERALIZED_FROM_YEAR
                        ? new DERUTCTime(UTC_TIME.format(at))
                        : new DERGeneralizedTime(GENERALIZED_TIME.format(at)));
    }

    /** 126 random bits, always 16 bytes and positive (RFC 5280, section 4.1.2.2: at most 20, not negative). */
    private BigInteger newSerial() {
        byte[] serial = new byte[SERIAL_BYTES];
        random.nextBytes(serial);
        serial[0] = (byte) ((serial[0] & 0x3f) | 0x40);
        return new BigInteger(1, serial);
    }

    private static X500Name authorityName(AuthorityName name, SubjectPublicKeyInfo key) {
        // The start of the key's identifier keeps apart the authorities that follow one another.
        String keyId =
                HexFormat.of().formatHex(keyIdentifier(key).getKeyIdentifier()).substring(0, 8);
        X500NameBuilder builder = new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.O, "Mooring");
        return switch (name) {
            case AuthorityName.Root() ->
                builder.addRDN(BCStyle.CN, "Root CA " + keyId).build();
            case AuthorityName.Servers() ->
                builder.addRDN(BCStyle.CN, "Servers CA " + keyId).build();
            case AuthorityName.Cloud(String cloud) ->
                builder.addRDN(BCStyle.OU, cloud)
                        .addRDN(BCStyle.CN, "Devices CA " + keyId)
                        .build();
        };
    }

    private static X500Name leafName(Purpose purpose) {
        X500NameBuilder builder = new X500NameBuilder(BCStyle.INSTANCE);
        return switch (purpose) {
            case Purpose.Device(String cloud, String id) ->
                builder.addRDN(BCStyle.OU, cloud).addRDN(BCStyle.CN, id).build();
            case Purpose.Server server
            when server.subject().length() <= MAX_COMMON_NAME ->
                builder.addRDN(BCStyle.CN, server.subject()).build();
            case Purpose.Server server -> builder.build();
            case Purpose.Responder responder ->
                builder.addRDN(BCStyle.O, "Mooring")
                        .addRDN(BCStyle.CN, responder.subject())
                        .build();
        };
    }

    private static KeyPurposeId keyPurpose(Purpose purpose) {
        return switch (purpose) {
            case Purpose.Device device -> KeyPurposeId.id_kp_clientAuth;
            case Purpose.Server server -> KeyPurposeId.id_kp_serverAuth;
            case Purpose.Responder responder -> KeyPurposeId.id_kp_OCSPSigning;
        };
    }

    private static Optional<GeneralNames> alternativeNames(Purpose purpose) {
        return switch (purpose) {
            // Linters and libraries know few schemes of URIs, and none of ours; a name is a name to all of them.
            case Purpose.Device device -> Optional.of(new GeneralNames(new GeneralName(leafName(device))));
            case Purpose.Server(List<ServerName> names) ->
                Optional.of(new GeneralNames(
                        names.stream().map(CertificateProfile::generalName).toArray(GeneralName[]::new)));
            case Purpose.Responder responder -> Optional.empty();
        };
    }

    private static GeneralName generalName(ServerName name) {
        return switch (name) {
            case ServerName.Dns(String dns) -> new GeneralName(GeneralName.dNSName, dns);
            case ServerName.Address(String literal) -> new GeneralName(GeneralName.iPAddress, literal);
        };
    }

    private static void addKeyIdentifiers(
            ExtensionsGenerator extensions, SubjectPublicKeyInfo key, SubjectKeyIdentifier issuerKey) {
        add(extensions, Extension.subjectKeyIdentifier, false, keyIdentifier(key));
        add(
                extensions,
                Extension.authorityKeyIdentifier,
                false,
                new AuthorityKeyIdentifier(issuerKey.getKeyIdentifier()));
    }

    /** SHA-1 of the key, as RFC 5280, section 4.2.1.2 (1) has it: a name, not a safeguard. */
    static SubjectKeyIdentifier keyIdentifier(SubjectPublicKeyInfo key) {
        return new BcX509ExtensionUtils().createSubjectKeyIdentifier(key);
    }

    private void addPointers(ExtensionsGenerator extensions, UUID issuer, Optional<String> responder) {
        pointers.revocationList(issuer).ifPresent(url -> {
            DistributionPointName name = new DistributionPointName(new GeneralNames(url(url)));
            CRLDistPoint points = new CRLDistPoint(new DistributionPoint[] {new DistributionPoint(name, null, null)});
            add(extensions, Extension.cRLDistributionPoints, false, points);
        });
        List<AccessDescription> access = new ArrayList<>();
        responder.ifPresent(url -> access.add(new AccessDescription(AccessDescription.id_ad_ocsp, url(url))));
        pointers.certificate(issuer)
                .ifPresent(url -> access.add(new AccessDescription(AccessDescription.id_ad_caIssuers, url(url))));
        if (!access.isEmpty()) {
            add(
                    extensions,
                    Extension.authorityInfoAccess,
                    false,
                    new AuthorityInformationAccess(access.toArray(AccessDescription[]::new)));
        }
    }

    private static GeneralName url(String url) {
        return new GeneralName(GeneralName.uniformResourceIdentifier, url);
    }

    private static void add(
            ExtensionsGenerator extensions, ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {
        try {
            extensions.addExtension(id, critical, value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
