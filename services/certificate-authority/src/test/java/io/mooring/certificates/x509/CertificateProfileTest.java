package io.mooring.certificates.x509;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.CertificatePlan;
import io.mooring.certificates.core.KeyAlgorithm;
import io.mooring.certificates.core.Purpose;
import io.mooring.certificates.core.ServerName;
import io.mooring.certificates.core.Validity;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.junit.jupiter.api.Test;

/** Reads with the JDK what was made with BouncyCastle. */
class CertificateProfileTest {
    private static final Validity VALIDITY =
            new Validity(Instant.parse("2026-01-01T00:00:00Z"), Instant.parse("2036-01-01T00:00:00Z"));

    /** RFC 5280, section 4.1.2.5: from 2050 on, times are in another form. */
    private static final Validity LONG =
            new Validity(Instant.parse("2026-01-01T00:00:00Z"), Instant.parse("2056-01-01T00:00:00Z"));

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Pointers POINTERS = new Pointers(Optional.of("http://ca.example/mooring"));

    private final CertificateProfile profile = new CertificateProfile(POINTERS, RANDOM);
    private final Authority root = root();
    private final Authority devices = issuing(new AuthorityName.Cloud("main"));
    private final Authority servers = issuing(new AuthorityName.Servers());

    @Test
    void makesARootThatMaySignAuthorities() throws Exception {
        X509Certificate certificate = read(root.certificate());

        assertThat(certificate.getBasicConstraints()).isEqualTo(1);
        assertThat(certificate.getKeyUsage()).isEqualTo(usage(5, 6));
        assertThat(certificate.getNotAfter().toInstant()).isEqualTo(LONG.notAfter());
        assertThat(certificate.getCriticalExtensionOIDs()).containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19");
        certificate.verify(certificate.getPublicKey());
    }

    @Test
    void makesADevicesCertificate() throws Exception {
        X509Certificate certificate = read(leaf(devices, new Purpose.Device("main", "ABCDEF1234"), false));

        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=ABCDEF1234,OU=main");
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getKeyUsage()).isEqualTo(usage(0));
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(names(certificate)).containsExactly("4:CN=ABCDEF1234,OU=main");
        assertThat(certificate.getSigAlgName()).isEqualTo("SHA256withECDSA");
        assertChains(certificate, devices);
    }

    @Test
    void makesAServersCertificate() throws Exception {
        Purpose server = new Purpose.Server(List.of(
                new ServerName.Dns("localhost"), new ServerName.Address("127.0.0.1"), new ServerName.Address("::1")));
        X509Certificate certificate = read(leaf(servers, server, true));

        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=localhost");
        assertThat(certificate.getKeyUsage()).isEqualTo(usage(0, 2));
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(names(certificate)).containsExactly("2:localhost", "7:127.0.0.1", "7:0:0:0:0:0:0:0:1");
        assertThat(certificate.getCriticalExtensionOIDs()).doesNotContain("2.5.29.17");
        assertChains(certificate, servers);
    }

    @Test
    void makesTheNamesCriticalWhereTheSubjectIsEmpty() throws Exception {
        String name = "a".repeat(60) + ".example";
        X509Certificate certificate = read(leaf(servers, new Purpose.Server(List.of(new ServerName.Dns(name))), false));

        assertThat(certificate.getSubjectX500Principal().getName()).isEmpty();
        assertThat(certificate.getCriticalExtensionOIDs()).contains("2.5.29.17");
        assertChains(certificate, servers);
    }

    @Test
    void givesEverySerialNumberSixteenBytesThatDiffer() {
        Set<String> serials = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            String serial = CertificateProfile.serial(profile.prepareLeaf(
                    new CertificatePlan(new Purpose.Device("main", "A"), VALIDITY, false), newKey(), devices));
            assertThat(serial).matches("[4-7][0-9a-f]{31}");
            assertThat(new BigInteger(serial, 16).signum()).isPositive();
            serials.add(serial);
        }
        assertThat(serials).hasSize(200);
    }

    private static SubjectPublicKeyInfo newKey() {
        return KeyPairs.publicKey(KeyPairs.make(KeyAlgorithm.P256, RANDOM));
    }

    private Authority root() {
        return TestAuthorities.root(profile, KeyAlgorithm.P256, LONG);
    }

    private Authority issuing(AuthorityName name) {
        return TestAuthorities.issuing(profile, KeyAlgorithm.P256, name, VALIDITY, root);
    }

    private Certificate leaf(Authority issuer, Purpose purpose, boolean keyEncipherment) {
        CertificatePlan plan = new CertificatePlan(purpose, VALIDITY, keyEncipherment);
        SubjectPublicKeyInfo key = newKey();
        TBSCertificate prepared = profile.prepareLeaf(plan, key, issuer);
        assertThat(CertificateLint.leaf(Der.encode(prepared), plan, key, issuer, POINTERS))
                .isEmpty();
        return issuer.requireSigner().sign(prepared);
    }

    private void assertChains(X509Certificate certificate, Authority issuer) throws Exception {
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(read(root.certificate()), null)));
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(Instant.parse("2027-01-01T00:00:00Z")));
        var path = CertificateFactory.getInstance("X.509")
                .generateCertPath(List.of(certificate, read(issuer.certificate())));
        CertPathValidator.getInstance("PKIX").validate(path, parameters);
    }

    private static X509Certificate read(Certificate certificate) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(certificate.getEncoded()));
    }

    private static boolean[] usage(int... bits) {
        boolean[] usage = new boolean[9];
        Arrays.stream(bits).forEach(bit -> usage[bit] = true);
        return usage;
    }

    private static List<String> names(X509Certificate certificate) throws Exception {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        return names.stream().map(name -> name.get(0) + ":" + name.get(1)).toList();
    }
}
