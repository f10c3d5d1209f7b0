package io.mooring.audit.core.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.audit.core.verify.Finding.Code;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampTokenGenerator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** With an authority of time stamps made here. */
class TimestampsTest {
    private static KeyPair pair;
    private static X509Certificate authority;

    @BeforeAll
    static void makeAuthority() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        pair = generator.generateKeyPair();
        X500Name name = new X500Name("CN=stamps");
        var builder = new JcaX509v3CertificateBuilder(
                name,
                BigInteger.ONE,
                Date.from(Instant.parse("2026-01-01T00:00:00Z")),
                Date.from(Instant.parse("2036-01-01T00:00:00Z")),
                name,
                pair.getPublic());
        builder.addExtension(Extension.extendedKeyUsage, true, new ExtendedKeyUsage(KeyPurposeId.id_kp_timeStamping));
        authority = new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate())));
    }

    @Test
    void countsGoodOnes() throws Exception {
        SampleTrail trail = SampleTrail.ofHours(2);
        stamp(trail, trail.heads().getLast().signature(), SampleTrail.START.plusSeconds(3601));

        Verdict verdict = trail.verify(question());

        assertThat(verdict.findings()).isEmpty();
        assertThat(verdict.stamped()).isEqualTo(1);
    }

    @Test
    void findsOneOfSomethingElse() throws Exception {
        SampleTrail trail = SampleTrail.ofHours(2);
        stamp(trail, "another signature", SampleTrail.START.plusSeconds(3601));

        assertThat(trail.verify(question()).findings())
                .extracting(Finding::code)
                .containsExactly(Code.TIMESTAMP_WRONG);
    }

    @Test
    void findsOneThatIsOlderThanWhatItStamps() throws Exception {
        SampleTrail trail = SampleTrail.ofHours(2);
        stamp(trail, trail.heads().getLast().signature(), SampleTrail.START);

        assertThat(trail.verify(question()).findings())
                .extracting(Finding::code)
                .containsExactly(Code.TIMESTAMP_WRONG);
    }

    @Test
    void findsThatTheDigestOfOneIsGone() throws Exception {
        SampleTrail trail = SampleTrail.ofHours(2);
        stamp(trail, trail.heads().getLast().signature(), SampleTrail.START.plusSeconds(3601));
        trail.objects.remove(trail.digest(1));
        trail.objects.remove(trail.signature(1));
        trail.digests.get(1).digest().logFiles().forEach(log -> trail.objects.remove(log.object()));

        assertThat(trail.verify(question()).findings())
                .extracting(Finding::code)
                .containsExactly(Code.SIGNATURE_STRAY);
    }

    private static Question question() {
        return new Question(
                List.of(SampleTrail.KEY.open()), List.of(), false, null, List.of(new TimestampAuthority(authority)));
    }

    private static void stamp(SampleTrail trail, String signature, Instant at) throws Exception {
        TimeStampTokenGenerator generator = new TimeStampTokenGenerator(
                new JcaSimpleSignerInfoGeneratorBuilder().build("SHA256withRSA", pair.getPrivate(), authority),
                new JcaDigestCalculatorProviderBuilder()
                        .build()
                        .get(new org.bouncycastle.asn1.x509.AlgorithmIdentifier(TSPAlgorithms.SHA256)),
                new ASN1ObjectIdentifier("1.2.3.4"));
        generator.addCertificates(new JcaCertStore(List.of(authority)));
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(signature.getBytes(StandardCharsets.US_ASCII));
        byte[] token = generator
                .generate(
                        new TimeStampRequestGenerator().generate(TSPAlgorithms.SHA256, hash),
                        BigInteger.TWO,
                        Date.from(at))
                .getEncoded();
        trail.objects.put(
                SampleTrail.LAYOUT.timestampKey(trail.digests.getLast().digest().end()), token);
    }
}
