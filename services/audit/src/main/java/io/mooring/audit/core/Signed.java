package io.mooring.audit.core;

/**
 * A digest, signed.
 *
 * @param document uncompressed, as signed
 */
public record Signed(Digest digest, byte[] document, DigestHead head) {
    /** Signs a digest. */
    public static Signed of(Digest digest, SigningKey key) {
        byte[] document = digest.toJson();
        String signature = key.sign(digest.signedText(document));
        return new Signed(
                digest,
                document,
                new DigestHead(digest.object(), digest.end(), Sha256.hex(document), signature, digest.fingerprint()));
    }

    /** What the next digest says of this one. */
    public Digest.Previous asPrevious() {
        return new Digest.Previous(digest.bucket(), digest.object(), head.sha256(), head.signature());
    }
}
