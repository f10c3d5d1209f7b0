package io.mooring.contracts.access;

import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Verifies requests signed with access keys by AWS' Signature Version 4, in the header or in the query. What cannot be
 * known here is left to the caller: the body of a streamed request ({@link PayloadProof}), and whether the device is
 * still the one that got the key ({@link AccessGrant#since()}).
 */
public final class RequestVerifier {
    private static final String UNSIGNED = "UNSIGNED-PAYLOAD";
    private static final String UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    private static final String SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    private static final String SIGNED_CHUNKS_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    private static final String HASH_HEADER = "x-amz-content-sha256";
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    private final AccessKeys keys;
    private final SignatureRules rules;

    public RequestVerifier(AccessKeys keys, SignatureRules rules) {
        this.keys = keys;
        this.rules = rules;
    }

    /** Whether a request is let in. */
    public sealed interface Verdict {
        /** It was signed by this device's key. */
        record Accepted(AccessKey key, PayloadProof payload) implements Verdict {}

        /**
         * It was not, or too late.
         *
         * @param grant whose key it was, if that is certain
         */
        record Refused(AccessRefusal refusal, Optional<AccessGrant> grant) implements Verdict {}
    }

    /** Verifies a request. */
    public Verdict verify(RequestDescription request, Instant now) {
        Optional<QueryParameters> query = QueryParameters.read(request.query());
        if (query.isEmpty()) {
            return refused(AccessRefusal.Reason.MALFORMED, "the query cannot be read");
        }
        SignatureClaim.Reading reading = SignatureClaim.of(request, query.get());
        if (reading instanceof SignatureClaim.Reading.Failed failed) {
            return new Verdict.Refused(failed.refusal(), Optional.empty());
        }
        return verify(request, query.get(), ((SignatureClaim.Reading.Read) reading).claim(), now);
    }

    private Verdict verify(RequestDescription request, QueryParameters query, SignatureClaim claim, Instant now) {
        Optional<AccessRefusal> unfit = scope(claim.scope()).or(() -> headers(request, claim));
        if (unfit.isPresent()) {
            return new Verdict.Refused(unfit.get(), Optional.empty());
        }
        AccessKeys.Shown shown = keys.read(claim.keyId(), claim.sessionToken(), now);
        if (shown instanceof AccessKeys.Shown.Refused refused) {
            return new Verdict.Refused(refused.refusal(), Optional.empty());
        }
        return verify(request, query, claim, ((AccessKeys.Shown.Valid) shown).key(), now);
    }

    private Verdict verify(
            RequestDescription request, QueryParameters query, SignatureClaim claim, AccessKey key, Instant now) {
        Optional<String> payloadHash = payloadHash(request, claim);
        if (payloadHash.isEmpty()) {
            return refused(AccessRefusal.Reason.MALFORMED, HASH_HEADER + " is missing, or none that is understood");
        }
        byte[] signingKey = claim.scope().signingKey(key.secret());
        String canonical = CanonicalRequest.sha256(
                request,
                rules.pathOnce(),
                query,
                claim.isPresigned() ? SignatureClaim.SIGNATURE_PARAMETER : "",
                claim.signedHeaders(),
                payloadHash.get());
        String right = hex(Digests.hmac(signingKey, claim.scope().stringToSign(claim.timestamp(), canonical)));
        if (!Digests.same(right, claim.signature())) {
            return refused(
                    AccessRefusal.Reason.WRONG_SIGNATURE, "the signature is not that of this request with this key");
        }
        // Only now is it certain who asked, and the time is one that the signer wrote.
        Optional<AccessRefusal> late = time(claim, now).or(() -> body(request, payloadHash.get()));
        return late.isPresent()
                ? new Verdict.Refused(late.get(), Optional.of(key.grant()))
                : new Verdict.Accepted(key, proof(payloadHash.get(), signingKey, claim));
    }

    private Optional<AccessRefusal> scope(CredentialScope scope) {
        return scope.region().equals(rules.region()) && scope.service().equals(rules.service())
                ? Optional.empty()
                : refusal(
                        AccessRefusal.Reason.WRONG_SCOPE,
                        "sign for the region " + rules.region() + " and the service " + rules.service());
    }

    /** The host and whatever could change the meaning of a request must be covered. */
    private static Optional<AccessRefusal> headers(RequestDescription request, SignatureClaim claim) {
        if (!claim.signedHeaders().contains("host") || request.values("host").size() != 1) {
            return refusal(AccessRefusal.Reason.UNSIGNED_HEADER, "host must be signed");
        }
        for (RequestDescription.Header header : request.headers()) {
            if (header.name().startsWith("x-amz-") && !claim.signedHeaders().contains(header.name())) {
                return refusal(
                        AccessRefusal.Reason.UNSIGNED_HEADER,
                        header.name().toLowerCase(Locale.ROOT) + " must be signed");
            }
        }
        return claim.signedHeaders().stream()
                        .allMatch(name -> !request.values(name).isEmpty())
                ? Optional.empty()
                : refusal(AccessRefusal.Reason.WRONG_SIGNATURE, "a signed header is missing");
    }

    private Optional<AccessRefusal> time(SignatureClaim claim, Instant now) {
        Duration goodFor = claim.goodFor();
        if (claim.signedAt().isAfter(now.plus(rules.skew()))) {
            return refusal(AccessRefusal.Reason.SKEWED, "the request was signed in the future");
        }
        if (goodFor == null) {
            return claim.signedAt().isBefore(now.minus(rules.skew()))
                    ? refusal(
                            AccessRefusal.Reason.SKEWED,
                            "the request was signed more than " + rules.skew().toMinutes() + " minutes ago")
                    : Optional.empty();
        }
        if (goodFor.isZero() || goodFor.compareTo(rules.longestPresigned()) > 0) {
            return refusal(
                    AccessRefusal.Reason.MALFORMED,
                    "X-Amz-Expires may be 1 to " + rules.longestPresigned().toSeconds() + " seconds");
        }
        return now.isAfter(claim.signedAt().plus(goodFor))
                ? refusal(AccessRefusal.Reason.PAST_ITS_TIME, "Request has expired")
                : Optional.empty();
    }

    private static Optional<AccessRefusal> body(RequestDescription request, String payloadHash) {
        String hash = request.bodySha256();
        return hash == null || payloadHash.equals(UNSIGNED) || Digests.same(hash, payloadHash)
                ? Optional.empty()
                : refusal(AccessRefusal.Reason.WRONG_PAYLOAD, "the body is not the one that was signed");
    }

    /** What was signed in the place of the body; empty if that cannot be known, or is no form we understand. */
    private Optional<String> payloadHash(RequestDescription request, SignatureClaim claim) {
        Optional<String> sent = request.header(HASH_HEADER);
        if (sent.isPresent()) {
            return sent.filter(hash -> SHA256.matcher(hash).matches()
                    || hash.equals(UNSIGNED)
                    || hash.equals(UNSIGNED_TRAILER)
                    || hash.equals(SIGNED_CHUNKS)
                    || hash.equals(SIGNED_CHUNKS_TRAILER));
        }
        if (rules.needsPayloadHash()) {
            return claim.isPresigned() ? Optional.of(UNSIGNED) : Optional.empty();
        }
        return Optional.ofNullable(request.bodySha256());
    }

    private static PayloadProof proof(String payloadHash, byte[] signingKey, SignatureClaim claim) {
        return switch (payloadHash) {
            case UNSIGNED -> new PayloadProof.Unsigned();
            case UNSIGNED_TRAILER -> new PayloadProof.Chunks(null, true);
            case SIGNED_CHUNKS, SIGNED_CHUNKS_TRAILER ->
                new PayloadProof.Chunks(
                        new ChunkSignatures(
                                signingKey, claim.timestamp(), claim.scope().text(), claim.signature()),
                        payloadHash.equals(SIGNED_CHUNKS_TRAILER));
            default -> new PayloadProof.Hash(payloadHash);
        };
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static Verdict refused(AccessRefusal.Reason reason, String detail) {
        return new Verdict.Refused(AccessRefusal.of(reason, detail), Optional.empty());
    }

    private static Optional<AccessRefusal> refusal(AccessRefusal.Reason reason, String detail) {
        return Optional.of(AccessRefusal.of(reason, detail));
    }
}
