package io.mooring.files;

import io.mooring.chassis.http.TokenBuckets;
import io.mooring.contracts.access.AccessGrant;
import io.mooring.contracts.access.AccessKeys;
import io.mooring.contracts.access.AccessRefusal;
import io.mooring.contracts.access.MasterKey;
import io.mooring.contracts.access.PayloadProof;
import io.mooring.contracts.access.RequestDescription;
import io.mooring.contracts.access.RequestVerifier;
import io.mooring.contracts.access.SignatureRules;
import io.mooring.contracts.audit.AuditCaller;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.files.core.Asked;
import io.mooring.files.core.Owner;
import io.mooring.files.core.Refused;
import io.mooring.files.core.S3Error;
import io.mooring.files.kafka.AuditTrail;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is let in: whoever signed with the key of a device that is still the one it was, for what is that device's own.
 * Every refusal is told to the audit trail before it is answered.
 */
@ApplicationScoped
public class Admission {
    private final RequestVerifier verifier;
    private final DeviceRegistry registry;
    private final AuditTrail audit;
    private final TokenBuckets failures;
    private final Clock clock = Clock.systemUTC();

    /** A caller, as the connection shows it. */
    public record Caller(String address, String userAgent) {}

    /** A request that was let in. */
    public record Admitted(Owner owner, PayloadProof payload) {}

    Admission(FilesConfig config, FilesConfig.Access access, DeviceRegistry registry, AuditTrail audit) {
        List<MasterKey> former = access.formerMasterKeys().orElse(List.of()).stream()
                .map(MasterKey::of)
                .toList();
        this.verifier = new RequestVerifier(
                new AccessKeys(MasterKey.of(access.masterKey()), former), SignatureRules.s3(config.region()));
        this.registry = registry;
        this.audit = audit;
        this.failures = new TokenBuckets(
                config.limits().failuresPerSecond(), config.limits().failuresBurst());
    }

    /**
     * Lets a request in.
     *
     * @throws Refused if not
     * @throws IOException if it is not let in, and the audit trail could not be told
     */
    public Admitted admit(RequestDescription request, Asked asked, Caller caller) throws IOException {
        if (!registry.isComplete()) {
            throw new Refused(S3Error.SERVICE_UNAVAILABLE, "the registry of devices is being read; try again");
        }
        String source = "address " + TokenBuckets.source(caller.address());
        listenTo(source);
        Instant now = clock.instant();
        return switch (verifier.verify(request, now)) {
            case RequestVerifier.Verdict.Refused refused -> {
                String who = refused.grant().isPresent()
                        ? "device " + refused.grant().get().device()
                        : source;
                throw audited(who, asked, caller, refused.grant().orElse(null), error(refused.refusal()), now);
            }
            case RequestVerifier.Verdict.Accepted accepted -> {
                AccessGrant grant = accepted.key().grant();
                listenTo("device " + grant.device());
                Optional<Refused> unfit = unfit(grant, asked, now);
                if (unfit.isPresent()) {
                    throw audited("device " + grant.device(), asked, caller, grant, unfit.get(), now);
                }
                yield new Admitted(new Owner(grant.cloud(), grant.device()), accepted.payload());
            }
        };
    }

    private void listenTo(String who) throws Refused {
        if (!failures.hasLeft(who, System.nanoTime())) {
            throw new Refused(S3Error.SLOW_DOWN, "too many requests were refused; try again later");
        }
    }

    /** Why the owner of a key may not do what is asked; empty if it may. */
    private Optional<Refused> unfit(AccessGrant grant, Asked asked, Instant now) throws Refused {
        switch (registry.standing(grant.device(), grant.cloud(), grant.account(), grant.since(), now)) {
            case SAME -> {}
            case NOT_KNOWN_YET ->
                throw new Refused(S3Error.SERVICE_UNAVAILABLE, "the device is not known here yet; try again");
            case REVOKED -> {
                return refusal(S3Error.INVALID_ACCESS_KEY_ID, "this access key was revoked");
            }
        }
        if (!grant.covers(AccessGrant.FILES)) {
            return refusal(S3Error.ACCESS_DENIED, "this access key is not for files");
        }
        Owner owner = new Owner(grant.cloud(), grant.device());
        boolean own = asked.bucket().equals(grant.cloud())
                && switch (asked.action()) {
                    case LIST_OBJECTS ->
                        isOwn(owner, asked.query().text("prefix").orElse(""));
                    case HEAD_BUCKET, GET_BUCKET_LOCATION -> true;
                    default -> asked.key().startsWith(owner.prefix());
                };
        return own ? Optional.empty() : refusal(S3Error.ACCESS_DENIED, "Access Denied");
    }

    /** All device ids are of one length, so that a device's own id is the beginning of no other's. */
    private static boolean isOwn(Owner owner, String prefix) {
        return prefix.startsWith(owner.prefix()) || prefix.equals(owner.device());
    }

    private Refused audited(
            String source, Asked asked, Caller caller, @Nullable AccessGrant grant, Refused refused, Instant now)
            throws IOException {
        failures.take(source, System.nanoTime());
        AuditCaller who = new AuditCaller(
                grant == null ? "Unknown" : "Device",
                grant == null ? "" : grant.device(),
                grant == null ? "" : grant.account(),
                caller.address(),
                caller.userAgent());
        // The path and nothing else: a query may hold a signature.
        String resource = asked.bucket() + "/"
                + (asked.key().isEmpty() ? asked.query().text("prefix").orElse("") : asked.key());
        AuditRecord record = AuditRecord.refused(
                        asked.action().label(),
                        who,
                        Map.of("resource", resource),
                        refused.error().code(),
                        refused.detail(),
                        now)
                .as(AuditRecord.Kind.API_CALL, AuditRecord.Category.DATA);
        audit.refused(asked.action().changes() ? record : record.asRead(), grant == null ? "" : grant.cloud());
        return refused;
    }

    /** S3's code for what was wrong with a signature. */
    public static Refused error(AccessRefusal refusal) {
        S3Error error = switch (refusal.reason()) {
            case NOT_SIGNED, PAST_ITS_TIME, UNSIGNED_HEADER -> S3Error.ACCESS_DENIED;
            case MALFORMED, WRONG_SCOPE -> S3Error.AUTHORIZATION_HEADER_MALFORMED;
            case UNKNOWN_KEY -> S3Error.INVALID_ACCESS_KEY_ID;
            case BAD_TOKEN -> S3Error.INVALID_TOKEN;
            case EXPIRED_KEY -> S3Error.EXPIRED_TOKEN;
            case SKEWED -> S3Error.REQUEST_TIME_TOO_SKEWED;
            case WRONG_SIGNATURE -> S3Error.SIGNATURE_DOES_NOT_MATCH;
            case WRONG_PAYLOAD -> S3Error.CONTENT_SHA256_MISMATCH;
        };
        return new Refused(error, refusal.detail());
    }

    private static Optional<Refused> refusal(S3Error error, String detail) {
        return Optional.of(new Refused(error, detail));
    }
}
