package io.mooring.audit;

import io.mooring.audit.core.TrailLayout;
import io.mooring.contracts.access.AccessGrant;
import io.mooring.contracts.access.AccessKey;
import io.mooring.contracts.access.AccessKeys;
import io.mooring.contracts.access.MasterKey;
import io.mooring.contracts.access.RequestDescription;
import io.mooring.contracts.access.RequestVerifier;
import io.mooring.contracts.access.RequestVerifier.Verdict;
import io.mooring.contracts.access.SignatureRules;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Access keys of operators, for AWS' own tools: temporary, derived from the master key, and bound to the token that they were
 * asked for with: whoever's token is taken back has no key either.
 */
@Singleton
public class Signatures {
    /** Stands where a device's cloud would: an operator is of all of them. */
    private static final String ALL_CLOUDS = "-";

    private static final int TOKEN_HASH_LENGTH = 64;

    private final Optional<AccessKeys> keys;
    private final Optional<RequestVerifier> s3;
    private final Optional<RequestVerifier> cloudTrail;
    private final AccessConfig config;
    private final SecureRandom random = new SecureRandom();

    Signatures(AccessConfig config, TrailLayout layout) {
        this.config = config;
        this.keys = config.masterKey()
                .map(key -> new AccessKeys(
                        MasterKey.of(key),
                        config.formerMasterKeys().orElse(List.of()).stream()
                                .map(MasterKey::of)
                                .toList()));
        this.s3 = keys.map(known -> new RequestVerifier(known, SignatureRules.s3(layout.region())));
        this.cloudTrail =
                keys.map(known -> new RequestVerifier(known, SignatureRules.service(layout.region(), "cloudtrail")));
    }

    /** Whether a request was let in. */
    public sealed interface Signer {
        /** It was signed with the key of this operator; whether the token is still good is another question. */
        record Known(String operator, String tokenSha256) implements Signer {}

        /** It was not. */
        record Refused(Reason reason, String detail) implements Signer {}
    }

    /** Why a request was not let in. */
    public enum Reason {
        NO_KEYS_HERE,
        NOT_SIGNED,
        UNKNOWN_KEY,
        EXPIRED_KEY,
        WRONG_SIGNATURE,
        FORBIDDEN
    }

    /** A new key; empty if this installation has none. */
    public Optional<AccessKey> issue(String operator, String tokenSha256, Instant now) {
        byte[] chance = new byte[AccessKeys.RANDOM_BYTES];
        random.nextBytes(chance);
        return keys.map(known -> known.issue(
                new AccessGrant(
                        operator,
                        ALL_CLOUDS,
                        AccessGrant.NO_ACCOUNT,
                        Set.of(AccessGrant.OPERATOR, tokenSha256),
                        now,
                        now,
                        now.plus(config.operatorLife())),
                chance));
    }

    /** Who signed a request for S3. */
    public Signer ofS3(RequestDescription request, Instant now) {
        return signer(s3, request, now);
    }

    /** Who signed a request for CloudTrail. */
    public Signer ofCloudTrail(RequestDescription request, Instant now) {
        return signer(cloudTrail, request, now);
    }

    private static Signer signer(Optional<RequestVerifier> verifier, RequestDescription request, Instant now) {
        if (verifier.isEmpty()) {
            return new Signer.Refused(Reason.NO_KEYS_HERE, "this cloud has no access keys: it was given no master key");
        }
        return switch (verifier.get().verify(request, now)) {
            case Verdict.Refused refused ->
                new Signer.Refused(
                        switch (refused.refusal().reason()) {
                            case NOT_SIGNED -> Reason.NOT_SIGNED;
                            case UNKNOWN_KEY, BAD_TOKEN -> Reason.UNKNOWN_KEY;
                            case EXPIRED_KEY -> Reason.EXPIRED_KEY;
                            default -> Reason.WRONG_SIGNATURE;
                        },
                        refused.refusal().detail());
            case Verdict.Accepted accepted -> {
                AccessGrant grant = accepted.key().grant();
                Optional<String> token = grant.scopes().stream()
                        .filter(scope -> scope.length() == TOKEN_HASH_LENGTH)
                        .findFirst();
                yield grant.covers(AccessGrant.OPERATOR) && token.isPresent()
                        ? new Signer.Known(grant.device(), token.get())
                        : new Signer.Refused(Reason.FORBIDDEN, "this access key is not an operator's");
            }
        };
    }
}
