package io.mooring.certificates.x509;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.CertificatePlan;
import io.mooring.certificates.core.Purpose;
import io.mooring.certificates.core.ServerName;
import io.mooring.certificates.core.Validity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
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
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.CertException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509ExtensionUtils;
import org.bouncycastle.cert.bc.BcX509ExtensionUtils;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;

/**
 * Makes certificates in two steps, so that what will be signed can be recorded before it is: first
 * the part to be signed (RFC 5280, section 4.1.2), then the signature.
 */
public final class CertificateMaker {
    private static final AlgorithmIdentifier ECDSA = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
    private static final int SERIAL_BYTES = 16;
    private static final int MAX_COMMON_NAME = 64;

    private final SecureRandom random;

    public CertificateMaker(SecureRandom random) {
        this.random = random;
    }

    /** A key pair on P-256. */
    public KeyPair newKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", Crypto.PROVIDER);
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("P-256 is not available", e);
        }
    }

    /** The public half, as it stands in a certificate. */
    public static SubjectPublicKeyInfo publicKey(KeyPair pair) {
        return SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded());
    }

    /** What an authority of its own would sign for itself. */
    public TBSCertificate prepareRoot(SubjectPublicKeyInfo key, Validity validity) {
        X500Name name = authorityName(new AuthorityName.Root(), key);
        SubjectKeyIdentifier itself = keyIdentifiers().createSubjectKeyIdentifier(key);
        Extensions extensions = authorityExtensions(new AuthorityName.Root(), key, itself);
        return prepare(name, name, key, validity, extensions);
    }

    /** What the root would sign for an issuing authority. */
    public TBSCertificate prepareIssuing(
            AuthorityName name, SubjectPublicKeyInfo key, Validity validity, Authority root) {
        Extensions extensions = authorityExtensions(name, key, root.keyIdentifier());
        return prepare(root.subject(), authorityName(name, key), key, validity, extensions);
    }

    /** What an issuing authority would sign for a device or server. */
    public TBSCertificate prepareLeaf(CertificatePlan plan, SubjectPublicKeyInfo key, Authority issuer) {
        X500Name subject = leafName(plan.purpose());
        return prepare(issuer.subject(), subject, key, plan.validity(), leafExtensions(plan, subject, key, issuer));
    }

    /** The serial number of what was prepared: 32 lower-case hexadecimal digits. */
    public static String serial(TBSCertificate prepared) {
        return HexFormat.of().formatHex(prepared.getSerialNumber().getValue().toByteArray());
    }

    /**
     * Signs what was prepared, and checks the signature before anybody gets to see it: a fault while
     * signing could otherwise give the key away.
     */
    public Certificate sign(TBSCertificate prepared, PrivateKey key, SubjectPublicKeyInfo issuerKey) {
        try {
            ContentSigner signer = new JcaContentSignerBuilder("SHA256withECDSA")
                    .setProvider(Crypto.PROVIDER)
                    .setSecureRandom(random)
                    .build(key);
            signer.getOutputStream().write(prepared.getEncoded("DER"));
            ASN1EncodableVector parts = new ASN1EncodableVector();
            parts.add(prepared);
            parts.add(ECDSA);
            parts.add(new DERBitString(signer.getSignature()));
            Certificate certificate = Certificate.getInstance(new DERSequence(parts));
            boolean good = new X509CertificateHolder(certificate)
                    .isSignatureValid(new JcaContentVerifierProviderBuilder()
                            .setProvider(Crypto.PROVIDER)
                            .build(issuerKey));
            if (!good) {
                throw new IllegalStateException("a signature just made does not verify");
            }
            return certificate;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (OperatorCreationException | CertException e) {
            throw new IllegalStateException("ECDSA is not available", e);
        }
    }

    private TBSCertificate prepare(
            X500Name issuer, X500Name subject, SubjectPublicKeyInfo key, Validity validity, Extensions extensions) {
        V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
        generator.setSerialNumber(new ASN1Integer(newSerial()));
        generator.setSignature(ECDSA);
        generator.setIssuer(issuer);
        generator.setStartDate(new Time(Date.from(validity.notBefore())));
        generator.setEndDate(new Time(Date.from(validity.notAfter())));
        generator.setSubject(subject);
        generator.setSubjectPublicKeyInfo(key);
        generator.setExtensions(extensions);
        return generator.generateTBSCertificate();
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
        String keyId = HexFormat.of()
                .formatHex(keyIdentifiers().createSubjectKeyIdentifier(key).getKeyIdentifier())
                .substring(0, 8);
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
        };
    }

    private static Extensions authorityExtensions(
            AuthorityName name, SubjectPublicKeyInfo key, SubjectKeyIdentifier issuerKey) {
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        boolean root = name instanceof AuthorityName.Root;
        int usage = KeyUsage.keyCertSign | KeyUsage.cRLSign | (root ? 0 : KeyUsage.digitalSignature);
        add(extensions, Extension.basicConstraints, true, root ? new BasicConstraints(1) : new BasicConstraints(0));
        add(extensions, Extension.keyUsage, true, new KeyUsage(usage));
        if (!root) {
            boolean servers = name instanceof AuthorityName.Servers;
            KeyPurposeId only = servers ? KeyPurposeId.id_kp_serverAuth : KeyPurposeId.id_kp_clientAuth;
            add(extensions, Extension.extendedKeyUsage, false, new ExtendedKeyUsage(only));
        }
        addKeyIdentifiers(extensions, key, issuerKey);
        return extensions.generate();
    }

    private static Extensions leafExtensions(
            CertificatePlan plan, X500Name subject, SubjectPublicKeyInfo key, Authority issuer) {
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        int usage = KeyUsage.digitalSignature | (plan.keyEncipherment() ? KeyUsage.keyEncipherment : 0);
        KeyPurposeId purpose = switch (plan.purpose()) {
            case Purpose.Device device -> KeyPurposeId.id_kp_clientAuth;
            case Purpose.Server server -> KeyPurposeId.id_kp_serverAuth;
        };
        // RFC 5280, section 4.2.1.6: critical where the subject is empty.
        boolean onlyNames = subject.getRDNs().length == 0;
        add(extensions, Extension.basicConstraints, true, new BasicConstraints(false));
        add(extensions, Extension.keyUsage, true, new KeyUsage(usage));
        add(extensions, Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
        add(extensions, Extension.subjectAlternativeName, onlyNames, alternativeNames(plan.purpose()));
        addKeyIdentifiers(extensions, key, issuer.keyIdentifier());
        return extensions.generate();
    }

    private static GeneralNames alternativeNames(Purpose purpose) {
        return switch (purpose) {
            case Purpose.Device device ->
                new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, device.uri()));
            case Purpose.Server(List<ServerName> names) ->
                new GeneralNames(
                        names.stream().map(CertificateMaker::generalName).toArray(GeneralName[]::new));
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
        SubjectKeyIdentifier own = keyIdentifiers().createSubjectKeyIdentifier(key);
        add(extensions, Extension.subjectKeyIdentifier, false, own);
        add(
                extensions,
                Extension.authorityKeyIdentifier,
                false,
                new AuthorityKeyIdentifier(issuerKey.getKeyIdentifier()));
    }

    /** SHA-1 of the key, as RFC 5280, section 4.2.1.2 (1) has it: a name, not a safeguard. */
    private static X509ExtensionUtils keyIdentifiers() {
        return new BcX509ExtensionUtils();
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
