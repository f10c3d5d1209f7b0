package io.mooring.certificates.x509;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.mooring.certificates.core.AuthorityName;
import io.mooring.certificates.core.KeyAlgorithm;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.core.Validity;
import java.io.ByteArrayOutputStream;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS8EncryptedPrivateKeyInfoBuilder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Good inputs, spoilt at random: whatever comes, it is refused or understood, never an exception and
 * never a wait. The seed is part of every message; {@code -Dmooring.fuzz.seconds=600} does it for long.
 */
class FuzzTest {
    private static final double SECONDS = Double.parseDouble(System.getProperty("mooring.fuzz.seconds", "0.5"));
    private static final long SEED = Long.getLong("mooring.fuzz.seed", System.nanoTime());
    private static final Duration LONGEST = Duration.ofSeconds(5);
    private static final char[] PASSWORD = "secret".toCharArray();

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void refusesOrUnderstands(String what, byte[] good, Function<byte[], Outcome<?>> reader) {
        assertThat(reader.apply(good)).as(what).isInstanceOf(Outcome.Done.class);
        Random random = new Random(SEED);
        long end = System.nanoTime() + (long) (SECONDS * 1e9);
        long tries = 0;
        while (System.nanoTime() < end) {
            byte[] spoilt = spoil(good, random);
            long start = System.nanoTime();
            assertThatCode(() -> reader.apply(spoilt))
                    .as(
                            "%s, seed %d, try %d: %s",
                            what, SEED, tries, HexFormat.of().formatHex(spoilt))
                    .doesNotThrowAnyException();
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as(
                            "%s, seed %d, try %d: %s",
                            what, SEED, tries, HexFormat.of().formatHex(spoilt))
                    .isLessThan(LONGEST);
            tries++;
        }
        assertThat(tries).isPositive();
    }

    static Stream<Arguments> refusesOrUnderstands() throws Exception {
        KeyPair ec = TestRequests.ec("secp256r1");
        KeyPair rsa = TestRequests.rsa(2048);
        return Stream.of(
                of(
                        "request, P-256",
                        TestRequests.der("O=Acme,CN=ABCDEF1234", ec, "SHA256withECDSA"),
                        FuzzTest::request),
                of("request, RSA", TestRequests.der("CN=ABCDEF1234", rsa, "SHA256withRSA"), FuzzTest::request),
                of("question", question(), OcspQuery::read),
                of("private key", rsa.getPrivate().getEncoded(), der -> keyFile("PRIVATE KEY", der)),
                of("encrypted private key", encrypted(ec), der -> keyFile("ENCRYPTED PRIVATE KEY", der)),
                of("certificate", certificate(), der -> keyFile("CERTIFICATE", der)),
                of("PKCS#12", pkcs12(ec), file -> KeyFile.read(file, Optional.of(PASSWORD))));
    }

    private static Arguments of(String what, byte[] good, Function<byte[], Outcome<?>> reader) {
        return Arguments.of(what, good, reader);
    }

    private static Outcome<?> request(byte[] der) {
        return RequestReader.read(TestRequests.pem(der));
    }

    private static Outcome<?> keyFile(String label, byte[] der) {
        byte[] file = Pem.write(label, der).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        Outcome<KeyFile.Content> content = KeyFile.read(file, Optional.of(PASSWORD));
        if (content instanceof Outcome.Done<KeyFile.Content>(var read)
                && !read.chain().isEmpty()) {
            // What is read must also bear being looked at.
            var checked = AuthorityChain.check(read.chain(), new AuthorityName.Root(), Instant.EPOCH);
            assertThat(checked).isInstanceOf(Outcome.Refused.class);
        }
        return content;
    }

    /** Changes, drops, repeats or inserts bytes; mostly where lengths and tags are. */
    private static byte[] spoil(byte[] good, Random random) {
        byte[] bytes = good.clone();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes && bytes.length > 0; i++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = Arrays.copyOf(bytes, at);
                case 3 -> bytes = splice(bytes, at, at, new byte[] {(byte) random.nextInt(256)});
                case 4 -> bytes = splice(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(8)), new byte[0]);
                default -> {
                    int to = Math.min(bytes.length, at + 1 + random.nextInt(40));
                    bytes = splice(bytes, to, to, Arrays.copyOfRange(bytes, at, to));
                }
            }
        }
        return bytes;
    }

    private static byte[] splice(byte[] bytes, int from, int to, byte[] between) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(bytes, 0, from);
        all.writeBytes(between);
        all.write(bytes, to, bytes.length - to);
        return all.toByteArray();
    }

    private static byte[] certificate() {
        CertificateProfile profile = new CertificateProfile(new Pointers(Optional.empty()), new SecureRandom());
        Validity validity = new Validity(Instant.parse("2026-01-01T00:00:00Z"), Instant.parse("2036-01-01T00:00:00Z"));
        return Der.encode(
                TestAuthorities.root(profile, KeyAlgorithm.P256, validity).certificate());
    }

    private static byte[] question() throws Exception {
        var digests = new JcaDigestCalculatorProviderBuilder()
                .setProvider(Crypto.PROVIDER)
                .build();
        var issuer = new X509CertificateHolder(certificate());
        var nonce = new Extension(
                OCSPObjectIdentifiers.id_pkix_ocsp_nonce, false, Der.encode(new DEROctetString(new byte[32])));
        return new OCSPReqBuilder()
                .addRequest(new CertificateID(
                        digests.get(CertificateID.HASH_SHA1), issuer, java.math.BigInteger.valueOf(77)))
                .addRequest(new CertificateID(
                        digests.get(new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256)),
                        issuer,
                        java.math.BigInteger.valueOf(78)))
                .setRequestExtensions(new Extensions(nonce))
                .build()
                .getEncoded();
    }

    private static byte[] encrypted(KeyPair key) throws Exception {
        var encryptor = new JceOpenSSLPKCS8EncryptorBuilder(NISTObjectIdentifiers.id_aes256_CBC)
                .setProvider(Crypto.PROVIDER)
                .setPRF(new AlgorithmIdentifier(PKCSObjectIdentifiers.id_hmacWithSHA256))
                .setIterationCount(1000)
                .setPassword(PASSWORD)
                .build();
        return new JcaPKCS8EncryptedPrivateKeyInfoBuilder(key.getPrivate())
                .build(encryptor)
                .getEncoded();
    }

    private static byte[] pkcs12(KeyPair key) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        var certificate = CertificateFactory.getInstance("X.509")
                .generateCertificate(new java.io.ByteArrayInputStream(certificate()));
        store.setKeyEntry("a", key.getPrivate(), PASSWORD, new java.security.cert.Certificate[] {certificate});
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        store.store(out, PASSWORD);
        return out.toByteArray();
    }
}
