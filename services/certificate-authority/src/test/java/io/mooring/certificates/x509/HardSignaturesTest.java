package io.mooring.certificates.x509;

import static org.assertj.core.api.Assertions.assertThat;

import io.mooring.certificates.core.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Signatures that broken verifiers take (in the manner of Wycheproof's, which {@link WycheproofTest} reads): numbers out of range, encodings
 * that are not DER, numbers that are right only modulo the group's order.
 */
class HardSignaturesTest {
    /** The order of P-256 (SEC 2, section 2.4.2). */
    private static final BigInteger N =
            new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

    private static final CertificationRequest GOOD = CertificationRequest.getInstance(
            TestRequests.der("CN=ABCDEF1234", TestRequests.ec("secp256r1"), "SHA256withECDSA"));

    private static final byte[] SIGNATURE = GOOD.getSignature().getBytes();
    private static final BigInteger R = number(0);
    private static final BigInteger S = number(1);

    @Test
    void takesTheGoodOne() {
        assertThat(RequestReader.read(request(SIGNATURE))).isInstanceOf(Outcome.Done.class);
    }

    /** The other of the two values of s is as good (ECDSA is malleable): it proves possession as well. */
    @Test
    void takesTheOtherGoodOne() {
        assertThat(RequestReader.read(request(sequence(integer(R), integer(N.subtract(S))))))
                .isInstanceOf(Outcome.Done.class);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void refuses(String what, byte[] signature) {
        Outcome<?> outcome = RequestReader.read(request(signature));

        assertThat(outcome).as(what).isInstanceOf(Outcome.Refused.class);
    }

    static Stream<Arguments> refuses() {
        Map<String, byte[]> cases = new LinkedHashMap<>();
        List<BigInteger> strange = List.of(
                BigInteger.ZERO,
                BigInteger.ONE,
                BigInteger.ONE.negate(),
                N,
                N.subtract(BigInteger.ONE),
                N.add(BigInteger.ONE),
                N.shiftLeft(1),
                BigInteger.TWO.pow(256),
                BigInteger.TWO.pow(4096));
        for (BigInteger one : strange) {
            cases.put("r = " + shortened(one), sequence(integer(one), integer(S)));
            cases.put("s = " + shortened(one), sequence(integer(R), integer(one)));
            for (BigInteger other : strange) {
                cases.put(
                        "r = " + shortened(one) + ", s = " + shortened(other), sequence(integer(one), integer(other)));
            }
        }
        cases.put("r + n", sequence(integer(R.add(N)), integer(S)));
        cases.put("s + n", sequence(integer(R), integer(S.add(N))));
        cases.put("-r", sequence(integer(R.negate()), integer(S)));
        cases.put("r - n", sequence(integer(R.subtract(N)), integer(S)));
        cases.put("s - n", sequence(integer(R), integer(S.subtract(N))));
        cases.put("r and s exchanged", sequence(integer(S), integer(R)));
        byte[] r = integer(R);
        byte[] s = integer(S);
        cases.put("empty", new byte[0]);
        cases.put("no numbers", sequence());
        cases.put("one number", sequence(r));
        cases.put("three numbers", sequence(r, s, s));
        cases.put("a leading zero too many", sequence(r, tagged(2, new byte[] {0}, body(s))));
        cases.put("an empty number", sequence(r, new byte[] {2, 0}));
        cases.put("trailing byte after", concat(SIGNATURE, new byte[] {0}));
        cases.put("trailing byte inside", sequence(r, s, new byte[] {0}));
        cases.put("trailing null inside", sequence(r, s, new byte[] {5, 0}));
        cases.put("indefinite length", concat(new byte[] {0x30, (byte) 0x80}, r, s, new byte[] {0, 0}));
        cases.put("length in long form", concat(new byte[] {0x30, (byte) 0x81}, length(r, s), r, s));
        cases.put("length in four bytes", concat(new byte[] {0x30, (byte) 0x84, 0, 0, 0}, length(r, s), r, s));
        cases.put("length too short", concat(new byte[] {0x30}, new byte[] {(byte) (r.length + s.length - 1)}, r, s));
        cases.put("length too long", concat(new byte[] {0x30}, new byte[] {(byte) (r.length + s.length + 1)}, r, s));
        cases.put("length of the universe", concat(new byte[] {0x30, (byte) 0x84, -1, -1, -1, -1}, r, s));
        cases.put("a set", concat(new byte[] {0x31}, length(r, s), r, s));
        cases.put("octets for a number", sequence(r, tagged(4, body(s))));
        cases.put("numbers in plain (P1363)", concat(fixed(R), fixed(S)));
        cases.put("wrapped once more", sequence(SIGNATURE));
        cases.put("a number of two parts", sequence(r, tagged(0x22, s)));
        for (int cut = 1; cut < SIGNATURE.length; cut += 7) {
            cases.put("cut to " + cut, java.util.Arrays.copyOf(SIGNATURE, cut));
        }
        return cases.entrySet().stream().map(one -> Arguments.of(one.getKey(), one.getValue()));
    }

    private static String request(byte[] signature) {
        try {
            return TestRequests.pem(new DERSequence(new org.bouncycastle.asn1.ASN1Encodable[] {
                        GOOD.getCertificationRequestInfo(), GOOD.getSignatureAlgorithm(), new DERBitString(signature)
                    })
                    .getEncoded());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static BigInteger number(int place) {
        return ASN1Integer.getInstance(ASN1Sequence.getInstance(SIGNATURE).getObjectAt(place))
                .getValue();
    }

    private static byte[] integer(BigInteger value) {
        return tagged(2, value.toByteArray());
    }

    private static byte[] sequence(byte[]... parts) {
        return tagged(0x30, parts);
    }

    private static byte[] tagged(int tag, byte[]... parts) {
        byte[] content = concat(parts);
        if (content.length < 0x80) {
            return concat(new byte[] {(byte) tag, (byte) content.length}, content);
        }
        byte[] header = content.length < 0x100
                ? new byte[] {(byte) tag, (byte) 0x81, (byte) content.length}
                : new byte[] {(byte) tag, (byte) 0x82, (byte) (content.length >> 8), (byte) content.length};
        return concat(header, content);
    }

    private static byte[] body(byte[] value) {
        return java.util.Arrays.copyOfRange(value, 2, value.length);
    }

    private static byte[] length(byte[]... parts) {
        return new byte[] {(byte) concat(parts).length};
    }

    private static byte[] fixed(BigInteger value) {
        byte[] bytes = value.toByteArray();
        byte[] fixed = new byte[32];
        int length = Math.min(32, bytes.length);
        System.arraycopy(bytes, bytes.length - length, fixed, 32 - length, length);
        return fixed;
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    private static String shortened(BigInteger value) {
        String hex = value.toString(16);
        return hex.length() <= 10
                ? hex
                : hex.substring(0, 4) + "…" + hex.substring(hex.length() - 4) + "/" + value.bitLength();
    }
}
