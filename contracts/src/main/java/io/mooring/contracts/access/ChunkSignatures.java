package io.mooring.contracts.access;

/**
 * The signatures of a body in chunks: each covers the one before it, the first that of the headers (Amazon S3,
 * "Signature calculations for the Authorization header: transferring payload in multiple chunks"). Used by one reader.
 */
public final class ChunkSignatures {
    private final byte[] signingKey;
    private final String timestamp;
    private final String scope;
    private String previous;

    ChunkSignatures(byte[] signingKey, String timestamp, String scope, String seed) {
        this.signingKey = signingKey;
        this.timestamp = timestamp;
        this.scope = scope;
        this.previous = seed;
    }

    /** Whether the next chunk, of this SHA-256, has this signature. */
    boolean nextChunk(String sha256, String signature) {
        return next("AWS4-HMAC-SHA256-PAYLOAD", Digests.OF_NOTHING + "\n" + sha256, signature);
    }

    /** Whether the trailer, of this SHA-256, has this signature. */
    boolean trailer(String sha256, String signature) {
        return next("AWS4-HMAC-SHA256-TRAILER", sha256, signature);
    }

    private boolean next(String algorithm, String what, String signature) {
        String text = String.join("\n", algorithm, timestamp, scope, previous, what);
        previous = RequestVerifier.hex(Digests.hmac(signingKey, text));
        return Digests.same(previous, signature);
    }
}
