package io.mooring.certificates.x509;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.CertificatePlan;
import io.mooring.certificates.core.KeyAlgorithm;
import io.mooring.certificates.core.Purpose;
import io.mooring.certificates.core.Validity;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One thing wrong at a time, and the lint says which. */
class CertificateLintTest {
    private static final Pointers POINTERS = new Pointers(Optional.of("http://ca.example"));
    private static final CertificateProfile PROFILE = new CertificateProfile(POINTERS, new SecureRandom());
    private static final Validity LONG = validity("2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z");
    private static final Authority ROOT = TestAuthorities.root(PROFILE, KeyAlgorithm.P256, LONG);
    private static final Authority ISSUER =
            TestAuthorities.issuing(PROFILE, KeyAlgorithm.P256, new AuthorityName.Cloud("main"), LONG, ROOT);
    private static final SubjectPublicKeyInfo KEY =
            TestAuthorities.signer(KeyAlgorithm.P256).publicKey();
    private static final CertificatePlan PLAN = new CertificatePlan(
            new Purpose.Device("main", "ABCDEF1234"), validity("2026-02-01T00:00:00Z", "2027-02-01T00:00:00Z"), false);
    private static final TBSCertificate GOOD = PROFILE.prepareLeaf(PLAN, KEY, ISSUER);

    @Test
    void findsNothingInWhatIsRight() {
        assertThat(findings(GOOD)).isEmpty();
    }

    @Test
    void findsWhatIsNoCertificate() {
        assertThat(CertificateLint.leaf(new byte[] {0x30, 0}, PLAN, KEY, ISSUER, POINTERS))
                .isNotEmpty();
        assertThat(CertificateLint.leaf(new byte[0], PLAN, KEY, ISSUER, POINTERS))
                .isNotEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void finds(String finding, Consumer<V3TBSCertificateGenerator> change) {
        assertThat(findings(changed(change)))
                .anySatisfy(found -> assertThat(found).contains(finding));
    }

    static Stream<Arguments> finds() {
        return Stream.of(
                of(
                        "serial number is not positive",
                        one -> one.setSerialNumber(
                                new ASN1Integer(BigInteger.TWO.pow(90).negate()))),
                of("too short to be random", one -> one.setSerialNumber(new ASN1Integer(7))),
                of("serial number is too long", one -> one.setSerialNumber(new ASN1Integer(BigInteger.TWO.pow(170)))),
                of("the subject is not", one -> one.setSubject(new X500Name("OU=main,CN=ANOTHER"))),
                of("the subject is not", one -> one.setSubject(new X500Name("OU=other,CN=ABCDEF1234"))),
                of("the subject is not", one -> one.setSubject(new X500Name("OU=main,CN=ABCDEF1234,CN=ANOTHER"))),
                of("issuer is not named", one -> one.setIssuer(new X500Name("CN=Somebody"))),
                of(
                        "validity is not",
                        one -> one.setEndDate(new Time(Date.from(Instant.parse("2030-01-01T00:00:00Z"))))),
                of(
                        "the key is another",
                        one -> one.setSubjectPublicKeyInfo(
                                TestAuthorities.signer(KeyAlgorithm.P256).publicKey())),
                of("algorithm is not", one -> one.setSignature(SignatureScheme.ECDSA_SHA384.identifier())),
                of(
                        "is an authority",
                        one -> one.setExtensions(with(Extension.basicConstraints, true, new BasicConstraints(true)))),
                of(
                        "key usage is wrong",
                        one -> one.setExtensions(with(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign)))),
                of(
                        "must be critical",
                        one -> one.setExtensions(
                                with(Extension.keyUsage, false, new KeyUsage(KeyUsage.digitalSignature)))),
                of("is missing", one -> one.setExtensions(without(Extension.extendedKeyUsage))),
                of("is missing", one -> one.setExtensions(without(Extension.subjectAlternativeName))),
                of("is missing", one -> one.setExtensions(without(Extension.authorityKeyIdentifier))),
                of("is missing", one -> one.setExtensions(without(Extension.cRLDistributionPoints))),
                of("is missing", one -> one.setExtensions(without(Extension.authorityInfoAccess))),
                of(
                        "for no reason",
                        one -> one.setExtensions(with(new ASN1ObjectIdentifier("1.2.3.4"), false, DERNull.INSTANCE))));
    }

    @Test
    void findsWhatOutlivesItsIssuer() {
        CertificatePlan longer =
                new CertificatePlan(PLAN.purpose(), validity("2026-02-01T00:00:00Z", "2040-01-01T00:00:00Z"), false);
        byte[] prepared = Der.encode(PROFILE.prepareLeaf(longer, KEY, ISSUER));

        assertThat(CertificateLint.leaf(prepared, longer, KEY, ISSUER, POINTERS))
                .contains("it outlives its issuer");
    }

    @Test
    void findsThatAnAuthorityIsNotWhatWasMeant() {
        byte[] prepared = Der.encode(PROFILE.prepareIssuing(new AuthorityName.Cloud("main"), KEY, LONG, ROOT));

        assertThat(CertificateLint.issuing(prepared, new AuthorityName.Cloud("main"), KEY, LONG, ROOT, POINTERS))
                .isEmpty();
        assertThat(CertificateLint.issuing(prepared, new AuthorityName.Cloud("other"), KEY, LONG, ROOT, POINTERS))
                .isNotEmpty();
        assertThat(CertificateLint.issuing(prepared, new AuthorityName.Servers(), KEY, LONG, ROOT, POINTERS))
                .isNotEmpty();
    }

    private static List<String> findings(TBSCertificate prepared) {
        return CertificateLint.leaf(Der.encode(prepared), PLAN, KEY, ISSUER, POINTERS);
    }

    private static TBSCertificate changed(Consumer<V3TBSCertificateGenerator> change) {
        V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
        generator.setSerialNumber(GOOD.getSerialNumber());
        generator.setSignature(GOOD.getSignature());
        generator.setIssuer(GOOD.getIssuer());
        generator.setStartDate(GOOD.getStartDate());
        generator.setEndDate(GOOD.getEndDate());
        generator.setSubject(GOOD.getSubject());
        generator.setSubjectPublicKeyInfo(GOOD.getSubjectPublicKeyInfo());
        generator.setExtensions(GOOD.getExtensions());
        change.accept(generator);
        return generator.generateTBSCertificate();
    }

    private static Extensions with(
            ASN1ObjectIdentifier id, boolean critical, org.bouncycastle.asn1.ASN1Encodable value) {
        return extensions(id, Optional.of(new Extension(id, critical, Der.encode(value))));
    }

    private static Extensions without(ASN1ObjectIdentifier id) {
        return extensions(id, Optional.empty());
    }

    private static Extensions extensions(ASN1ObjectIdentifier replaced, Optional<Extension> by) {
        ExtensionsGenerator generator = new ExtensionsGenerator();
        for (ASN1ObjectIdentifier id : GOOD.getExtensions().getExtensionOIDs()) {
            if (!id.equals(replaced)) {
                generator.addExtension(GOOD.getExtensions().getExtension(id));
            }
        }
        by.ifPresent(generator::addExtension);
        return generator.generate();
    }

    private static Arguments of(String finding, Consumer<V3TBSCertificateGenerator> change) {
        return Arguments.of(finding, change);
    }

    private static Validity validity(String from, String until) {
        return new Validity(Instant.parse(from), Instant.parse(until));
    }
}
