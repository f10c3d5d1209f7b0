package io.mooring.contracts.access;

/**
 * Why a request is not let in.
 *
 * @param detail for people; holds no secret, and not the signature that would have been right
 */
public record AccessRefusal(Reason reason, String detail) {
    /** What was wrong. */
    public enum Reason {
        /** Nothing was signed. */
        NOT_SIGNED,
        /** It is signed in a form nobody understands, or in two at a time. */
        MALFORMED,
        /** Region, service or date of the signature are not these. */
        WRONG_SCOPE,
        /** A key nobody issued, or that is no longer known. */
        UNKNOWN_KEY,
        /** The session token is missing, forged, or another key's. */
        BAD_TOKEN,
        /** The key has ended. */
        EXPIRED_KEY,
        /** The clock of the signer is too far from ours. */
        SKEWED,
        /** A presigned URL past its time. */
        PAST_ITS_TIME,
        /** A header that means something is not covered by the signature. */
        UNSIGNED_HEADER,
        /** The signature is not that of this request. */
        WRONG_SIGNATURE,
        /** The body is not the one that was signed. */
        WRONG_PAYLOAD
    }

    static AccessRefusal of(Reason reason, String detail) {
        return new AccessRefusal(reason, detail);
    }
}
