package io.mooring.certificates.x509;

import io.mooring.certificates.core.RevocationReason;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.BERTags;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;

/**
 * Makes an authority's list of revoked certificates (RFC 5280, section 5), entry by entry: each is
 * encoded as it comes, so a list of a million takes the memory of its bytes (about 40 each), not of a
 * million objects.
 */
public final class CrlMaker {
    private static final int CONSTRUCTED = 0x20;
    private static final int SEQUENCE = BERTags.SEQUENCE | CONSTRUCTED;
    private static final int EXPLICIT_0 = BERTags.CONTEXT_SPECIFIC | CONSTRUCTED;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final Instant GENERALIZED_FROM = Instant.parse("2050-01-01T00:00:00Z");
    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final DateTimeFormatter GENERALIZED =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final byte[] VERSION_2 = Der.encode(new ASN1Integer(1));

    /** {@code SEQUENCE { SEQUENCE { id-ce-cRLReasons, OCTET STRING { ENUMERATED reason } } }} but for the last byte. */
    private static final byte[] REASON = HexFormat.of().parseHex("300c300a0603551d1504030a01");

    private final ByteArrayOutputStream entries = new ByteArrayOutputStream();

    /**
     * Adds a certificate.
     *
     * @param serial lower-case hexadecimal
     */
    public void add(String serial, Instant revoked, RevocationReason reason) {
        byte[] number = HexFormat.of().parseHex(serial);
        byte[] time = time(revoked);
        // RFC 5280, section 5.3.1: no reason rather than "unspecified".
        boolean hasReason = reason != RevocationReason.UNSPECIFIED;
        int length = header(number.length) + number.length + time.length + (hasReason ? REASON.length + 1 : 0);
        write(SEQUENCE, length);
        write(BERTags.INTEGER, number.length);
        entries.writeBytes(number);
        entries.writeBytes(time);
        if (hasReason) {
            entries.writeBytes(REASON);
            entries.write(reason.code());
        }
    }

    /**
     * Signs the list.
     *
     * @param number greater than that of any list of this authority before (section 5.2.3)
     * @param nextUpdate until when there will be a newer one
     */
    public byte[] finish(Authority authority, Signer signer, long number, Instant thisUpdate, Instant nextUpdate) {
        Extension[] extensions = {
            new Extension(
                    Extension.authorityKeyIdentifier,
                    false,
                    Der.encode(
                            new AuthorityKeyIdentifier(authority.keyIdentifier().getKeyIdentifier()))),
            new Extension(Extension.cRLNumber, false, Der.encode(new CRLNumber(BigInteger.valueOf(number))))
        };
        byte[] algorithm = Der.encode(signer.algorithm());
        // The list is absent where it would be empty (section 5.1.2.6).
        byte[] toBeSigned = wrap(
                SEQUENCE,
                VERSION_2,
                algorithm,
                Der.encode(authority.subject()),
                time(thisUpdate),
                time(nextUpdate),
                entries.size() == 0 ? new byte[0] : wrap(SEQUENCE, entries.toByteArray()),
                wrap(EXPLICIT_0, Der.encode(new Extensions(extensions))));
        byte[] signature = Der.encode(new DERBitString(signer.sign(toBeSigned)));
        return wrap(SEQUENCE, toBeSigned, algorithm, signature);
    }

    private static byte[] time(Instant at) {
        boolean generalized = !at.isBefore(GENERALIZED_FROM);
        byte[] text = (generalized ? GENERALIZED : UTC).format(at).getBytes(StandardCharsets.US_ASCII);
        return wrap(generalized ? GENERALIZED_TIME : UTC_TIME, text);
    }

    private void write(int tag, int length) {
        entries.write(tag);
        entries.writeBytes(length(length));
    }

    private static byte[] wrap(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] encodedLength = length(length);
        byte[] value = new byte[1 + encodedLength.length + length];
        value[0] = (byte) tag;
        System.arraycopy(encodedLength, 0, value, 1, encodedLength.length);
        int at = 1 + encodedLength.length;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, value, at, part.length);
            at += part.length;
        }
        return value;
    }

    private static int header(int length) {
        return 1 + length(length).length;
    }

    private static byte[] length(int length) {
        if (length < 0x80) {
            return new byte[] {(byte) length};
        }
        int octets = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
        byte[] encoded = new byte[1 + octets];
        encoded[0] = (byte) (0x80 | octets);
        for (int i = 0; i < octets; i++) {
            encoded[octets - i] = (byte) (length >>> (8 * i));
        }
        return encoded;
    }
}
