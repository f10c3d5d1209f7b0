package io.mooring.metrics.access;

import io.mooring.chassis.db.Database;
import io.mooring.contracts.access.AccessGrant;
import io.mooring.contracts.access.AccessKeys;
import io.mooring.contracts.access.AccessRefusal;
import io.mooring.contracts.access.MasterKey;
import io.mooring.contracts.access.RequestDescription;
import io.mooring.contracts.access.RequestVerifier;
import io.mooring.contracts.access.RequestVerifier.Verdict;
import io.mooring.contracts.access.SignatureRules;
import io.mooring.metrics.db.DeviceStore;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Which device signed a request, and whether it is still the one that got the key. */
@Singleton
public class Admission {
    /** A device has become what it is so short ago that it may not have been heard of here. */
    private static final Duration LAG = Duration.ofSeconds(30);

    private static final String SERVICE = "monitoring";

    private final Optional<RequestVerifier> verifier;
    private final Database database;
    private final Clock clock = Clock.systemUTC();

    /** Who asks. */
    public sealed interface Signer {
        /** A device, for itself alone. */
        record Device(String id, String cloud) implements Signer {}

        /**
         * Nobody who is let in.
         *
         * @param who whose key it was; empty if that is not certain
         * @param detail for people
         */
        record Refused(Reason reason, String who, String detail) implements Signer {}
    }

    /** Why not. */
    public enum Reason {
        NOT_SIGNED,
        WRONG_SIGNATURE,
        UNKNOWN_KEY,
        EXPIRED_KEY,
        REVOKED_KEY,
        FORBIDDEN,
        /** Not yet; ask again. */
        LATER
    }

    public Admission(AccessConfig config, Database database) {
        List<MasterKey> former = config.formerMasterKeys().orElse(List.of()).stream()
                .map(MasterKey::of)
                .toList();
        this.verifier = config.masterKey()
                .map(key -> new RequestVerifier(
                        new AccessKeys(MasterKey.of(key), former), SignatureRules.service(config.region(), SERVICE)));
        this.database = database;
    }

    /** Who signed a request. */
    public Signer signer(RequestDescription request) throws SQLException {
        if (verifier.isEmpty()) {
            return new Signer.Refused(Reason.LATER, "", "this cloud has no access keys: it was given no master key");
        }
        Instant now = clock.instant();
        return switch (verifier.get().verify(request, now)) {
            case Verdict.Refused refused ->
                new Signer.Refused(
                        reason(refused.refusal()),
                        refused.grant().map(AccessGrant::device).orElse(""),
                        refused.refusal().detail());
            case Verdict.Accepted accepted -> device(accepted.key().grant(), now);
        };
    }

    private Signer device(AccessGrant grant, Instant now) throws SQLException {
        boolean same = database.read(connection ->
                DeviceStore.isSame(connection, grant.device(), grant.cloud(), grant.account(), grant.since()));
        if (!same) {
            return grant.since().isAfter(now.minus(LAG))
                    ? new Signer.Refused(Reason.LATER, grant.device(), "the device is not known here yet; try again")
                    : new Signer.Refused(Reason.REVOKED_KEY, grant.device(), "this access key was revoked");
        }
        return grant.covers(AccessGrant.METRICS)
                ? new Signer.Device(grant.device(), grant.cloud())
                : new Signer.Refused(Reason.FORBIDDEN, grant.device(), "this access key is not for metrics");
    }

    private static Reason reason(AccessRefusal refusal) {
        return switch (refusal.reason()) {
            case NOT_SIGNED -> Reason.NOT_SIGNED;
            case UNKNOWN_KEY, BAD_TOKEN -> Reason.UNKNOWN_KEY;
            case EXPIRED_KEY -> Reason.EXPIRED_KEY;
            default -> Reason.WRONG_SIGNATURE;
        };
    }
}
