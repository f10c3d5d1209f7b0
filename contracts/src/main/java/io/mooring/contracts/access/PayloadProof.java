package io.mooring.contracts.access;

import org.jspecify.annotations.Nullable;

/** How the body of a request that was let in is known to be the signer's. */
public sealed interface PayloadProof {
    /**
     * It must have this SHA-256; whoever reads the body has to compare.
     *
     * @param sha256 lower-case hex
     */
    record Hash(String sha256) implements PayloadProof {
        /** Whether it is the hash of no body at all. */
        public boolean ofNothing() {
            return sha256.equals(Digests.OF_NOTHING);
        }
    }

    /** It is not signed: the connection vouches for it, or nobody. */
    record Unsigned() implements PayloadProof {}

    /**
     * It comes in chunks ({@code aws-chunked}), to be read by {@link AwsChunkedStream}.
     *
     * @param signatures what the chunks must be signed with; null if they are not signed
     * @param trailer whether headers follow the last chunk
     */
    record Chunks(@Nullable ChunkSignatures signatures, boolean trailer) implements PayloadProof {}
}
