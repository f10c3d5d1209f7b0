package io.mooring.certificates.x509;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.bouncycastle.asn1.ASN1Encodable;

/** The one encoding of what we make (ITU-T X.690, section 10). */
public final class Der {
    private Der() {}

    /** A value that was just made, as bytes. */
    public static byte[] encode(ASN1Encodable value) {
        try {
            return value.toASN1Primitive().getEncoded("DER");
        } catch (IOException e) {
            throw new UncheckedIOException("a value just made has no DER form", e);
        }
    }
}
