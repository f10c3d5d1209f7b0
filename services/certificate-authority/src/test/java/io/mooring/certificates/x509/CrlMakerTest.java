package io.mooring.certificates.x509;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.KeyAlgorithm;
import io.mooring.certificates.core.RevocationReason;
import io.mooring.certificates.core.Validity;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.security.cert.CRLReason;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads with the JDK the lists that we encode ourselves. */
class CrlMakerTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final Instant NEXT = Instant.parse("2026-11-24T12:00:00Z");
    private static final String SERIAL = "4f" + "00".repeat(15);

    private final CertificateProfile profile =
            new CertificateProfile(new Pointers(Optional.empty()), new SecureRandom());
    private final Validity validity =
            new Validity(Instant.parse("2026-01-01T00:00:00Z"), Instant.parse("2056-01-01T00:00:00Z"));

    @Test
    void makesAnEmptyList() throws Exception {
        X509CRL list = read(new CrlMaker(), KeyAlgorithm.P256, 1, NEXT);

        assertThat(list.getRevokedCertificates()).isNull();
        assertThat(list.getVersion()).isEqualTo(2);
        assertThat(list.getThisUpdate()).isEqualTo(NOW);
        assertThat(list.getNextUpdate()).isEqualTo(NEXT);
        assertThat(list.getNonCriticalExtensionOIDs()).containsExactlyInAnyOrder("2.5.29.20", "2.5.29.35");
        assertThat(list.getCriticalExtensionOIDs()).isNullOrEmpty();
    }

    @ParameterizedTest
    @EnumSource(RevocationReason.class)
    void namesReasonsButNotTheUnspecifiedOne(RevocationReason reason) throws Exception {
        CrlMaker maker = new CrlMaker();
        maker.add(SERIAL, NOW, reason);

        X509CRLEntry entry = read(maker, KeyAlgorithm.P256, 2, NEXT).getRevokedCertificate(new BigInteger(SERIAL, 16));

        assertThat(entry.getRevocationDate()).isEqualTo(NOW);
        CRLReason expected = reason == RevocationReason.UNSPECIFIED ? null : CRLReason.values()[reason.code()];
        assertThat(entry.getRevocationReason()).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(
            value = KeyAlgorithm.class,
            names = {"P256", "P384", "RSA3072"})
    void isSignedByEveryKindOfKey(KeyAlgorithm algorithm) throws Exception {
        assertThat(read(new CrlMaker(), algorithm, 3, NEXT)).isNotNull();
    }

    /** RFC 5280, section 5.1.2.4: from 2050 on, times are in another form. */
    @Test
    void writesTimesFrom2050OnInTheOtherForm() throws Exception {
        Instant late = Instant.parse("2050-01-01T00:00:00Z");
        CrlMaker maker = new CrlMaker();
        maker.add(SERIAL, late, RevocationReason.SUPERSEDED);

        X509CRL list = read(maker, KeyAlgorithm.P256, 4, late);

        assertThat(list.getNextUpdate()).isEqualTo(late);
        assertThat(list.getRevokedCertificate(new BigInteger(SERIAL, 16)).getRevocationDate())
                .isEqualTo(late);
    }

    @Test
    void takesFortyBytesOrSoForEach() throws Exception {
        int count = 20_000;
        CrlMaker maker = new CrlMaker();
        for (int i = 0; i < count; i++) {
            maker.add("40" + "0".repeat(22) + "%08x".formatted(i), NOW, RevocationReason.KEY_COMPROMISE);
        }

        X509CRL list = read(maker, KeyAlgorithm.P256, 5, NEXT);

        assertThat(list.getRevokedCertificates()).hasSize(count);
        assertThat(list.getEncoded().length / count).isLessThan(55);
    }

    private X509CRL read(CrlMaker maker, KeyAlgorithm algorithm, long number, Instant next) throws Exception {
        Authority root = TestAuthorities.root(profile, KeyAlgorithm.P256, validity);
        Authority authority =
                TestAuthorities.issuing(profile, algorithm, new AuthorityName.Cloud("main"), validity, root);
        byte[] der = maker.finish(authority, authority.requireSigner(), number, NOW, next);
        assertThat(DerShape.isOneValue(der)).isTrue();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        X509CRL list = (X509CRL) factory.generateCRL(new ByteArrayInputStream(der));
        list.verify(factory.generateCertificate(new ByteArrayInputStream(Der.encode(authority.certificate())))
                .getPublicKey());
        return list;
    }
}
