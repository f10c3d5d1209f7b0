package io.mooring.certificates.x509;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.certificates.core.KeyFacts;
import io.mooring.certificates.core.Outcome;
import io.mooring.certificates.core.Refusal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {
    private static final byte[] GOOD =
            TestRequests.der("CN=ABCDEF1234", TestRequests.ec("secp256r1"), "SHA256withECDSA");

    @ParameterizedTest
    @CsvSource({"secp256r1, P-256, SHA256withECDSA", "secp384r1, P-384, SHA384withECDSA"})
    void readsRequestsForEllipticCurves(String curve, String name, String algorithm) {
        String pem = TestRequests.pem("O=Acme,CN=ABCDEF1234", TestRequests.ec(curve), algorithm);

        RequestReader.Request request = accepted(RequestReader.read(pem));

        assertThat(request.facts().commonNames()).containsExactly("ABCDEF1234");
        assertThat(request.facts().key()).isEqualTo(new KeyFacts.EllipticCurve(name));
    }

    @Test
    void readsRequestsForRsa() {
        var key = TestRequests.rsa(2048);

        RequestReader.Request request = accepted(RequestReader.read(TestRequests.pem("CN=A", key, "SHA256withRSA")));

        assertThat(request.facts().key()).isEqualTo(new KeyFacts.Rsa(2048, 17));
        assertThat(request.publicKey())
                .isEqualTo(SubjectPublicKeyInfo.getInstance(key.getPublic().getEncoded()));
    }

    @Test
    void readsAllCommonNames() {
        String pem = TestRequests.pem("CN=A+CN=B,OU=x,CN=C", TestRequests.ec("secp256r1"), "SHA256withECDSA");

        assertThat(accepted(RequestReader.read(pem)).facts().commonNames()).containsExactlyInAnyOrder("A", "B", "C");
    }

    @Test
    void takesTheOldLabelAndWhiteSpaceAround() {
        String pem = "\n " + Pem.write("NEW CERTIFICATE REQUEST", GOOD).replace("\n", "\r\n") + "\n";

        assertThat(accepted(RequestReader.read(pem)).facts().commonNames()).containsExactly("ABCDEF1234");
    }

    @Test
    void refusesARequestSignedByAnotherKey() {
        byte[] der =
                TestRequests.der("CN=A", TestRequests.ec("secp256r1"), TestRequests.ec("secp256r1"), "SHA256withECDSA");

        assertThat(refusal(RequestReader.read(TestRequests.pem(der)))).isEqualTo("bad_proof");
    }

    @Test
    void refusesAnAlgorithmThatDoesNotFitTheKey() {
        byte[] der = TestRequests.der("CN=A", TestRequests.ec("secp256r1"), TestRequests.rsa(2048), "SHA256withRSA");

        assertThat(refusal(RequestReader.read(TestRequests.pem(der)))).isEqualTo("bad_proof");
    }

    @Test
    void refusesSha1() {
        String pem = TestRequests.pem("CN=A", TestRequests.ec("secp256r1"), "SHA1withECDSA");

        assertThat(refusal(RequestReader.read(pem))).isEqualTo("unsupported_signature");
    }

    @ParameterizedTest
    @CsvSource({"secp521r1", "secp256k1", "secp224r1", "brainpoolP256r1"})
    void refusesOtherCurves(String curve) {
        String pem = TestRequests.pem("CN=A", TestRequests.ec(curve), "SHA256withECDSA");

        assertThat(refusal(RequestReader.read(pem))).isEqualTo("unsupported_key");
    }

    @Test
    void refusesAPointThatIsNotOnTheCurve() {
        byte[] key = TestRequests.ec("secp256r1").getPublic().getEncoded();
        int at = indexOf(GOOD, Arrays.copyOfRange(key, 0, 26)); // the same algorithm stands before every P-256 key
        byte[] bad = GOOD.clone();
        Arrays.fill(bad, at + 27, at + 27 + 64, (byte) 0x11);

        assertThat(refusal(RequestReader.read(TestRequests.pem(bad)))).isEqualTo("malformed_key");
    }

    @Test
    void refusesHugeRsaKeysUnchecked() {
        byte[] der = TestRequests.der("CN=A", TestRequests.looksLikeRsa(4104), TestRequests.rsa(2048), "SHA256withRSA");

        assertThat(refusal(RequestReader.read(TestRequests.pem(der)))).isEqualTo("unsupported_key");
    }

    @Test
    void refusesWhatIsTooLong() {
        assertThat(refusal(RequestReader.read("x".repeat(RequestReader.MAX_PEM_LENGTH + 1))))
                .isEqualTo("csr_too_large");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "-----BEGIN CERTIFICATE REQUEST-----",
                "-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----",
                "-----BEGIN CERTIFICATE REQUEST-----\n!!!!\n-----END CERTIFICATE REQUEST-----",
                "-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----",
                "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----",
                "-----BEGIN -----END -----"
            })
    void refusesWhatIsNoRequest(String text) {
        assertThat(refusal(RequestReader.read(text))).isEqualTo("malformed_csr");
    }

    @Test
    void refusesTwoRequestsAndTrailingBytes() {
        byte[] longer = Arrays.copyOf(GOOD, GOOD.length + 1);

        assertThat(refusal(RequestReader.read(TestRequests.pem(GOOD) + TestRequests.pem(GOOD))))
                .isEqualTo("malformed_csr");
        assertThat(refusal(RequestReader.read(TestRequests.pem(longer)))).isEqualTo("malformed_csr");
    }

    @Test
    void refusesSignaturesOfOddLength() throws Exception {
        var good = CertificationRequest.getInstance(GOOD);
        byte[] signature = good.getSignature().getOctets();
        signature[signature.length - 1] &= (byte) ~7;
        byte[] odd = new CertificationRequest(
                        good.getCertificationRequestInfo(),
                        good.getSignatureAlgorithm(),
                        new DERBitString(signature, 3))
                .getEncoded();

        assertThat(refusal(RequestReader.read(TestRequests.pem(odd)))).isEqualTo("malformed_csr");
    }

    @Test
    void refusesDeepNesting() {
        List<Byte> nested = new ArrayList<>(List.of((byte) 5, (byte) 0));
        for (int depth = 0; depth < 60; depth++) {
            nested.add(0, (byte) nested.size());
            nested.add(0, (byte) 0x30);
        }
        byte[] der = new byte[nested.size()];
        for (int i = 0; i < der.length; i++) {
            der[i] = nested.get(i);
        }

        assertThat(refusal(RequestReader.read(TestRequests.pem(der)))).isEqualTo("malformed_csr");
    }

    @Property(tries = 2000)
    void refusesEveryRequestWithAChangedByte(
            @ForAll @IntRange(min = 0, max = 4095) int place, @ForAll @IntRange(min = 1, max = 255) int change) {
        byte[] bad = GOOD.clone();
        bad[place % bad.length] ^= (byte) change;

        assertThat(RequestReader.read(TestRequests.pem(bad)))
                .as(() -> HexFormat.of().formatHex(bad))
                .isInstanceOf(Outcome.Refused.class);
    }

    @Property(tries = 2000)
    void survivesAnyBytes(@ForAll byte[] bytes) {
        assertThat(RequestReader.read(TestRequests.pem(bytes))).isInstanceOf(Outcome.Refused.class);
    }

    @Property(tries = 500)
    void survivesTruncation(@ForAll @IntRange(min = 1, max = 4095) int length) {
        byte[] cut = Arrays.copyOf(GOOD, length % GOOD.length);

        assertThat(RequestReader.read(TestRequests.pem(cut))).isInstanceOf(Outcome.Refused.class);
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int i = 0; i + part.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        throw new IllegalArgumentException("not in it");
    }

    private static RequestReader.Request accepted(Outcome<RequestReader.Request> outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Done.class);
        return ((Outcome.Done<RequestReader.Request>) outcome).value();
    }

    private static String refusal(Outcome<?> outcome) {
        return outcome instanceof Outcome.Refused<?>(Refusal refusal) ? refusal.code() : "";
    }
}
