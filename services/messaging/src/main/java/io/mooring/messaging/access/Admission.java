package io.mooring.messaging.access;

import io.mooring.contracts.access.AccessGrant;
import io.mooring.contracts.access.AccessRefusal;
import io.mooring.contracts.access.RequestDescription;
import io.mooring.contracts.access.RequestVerifier.Verdict;
import io.mooring.messaging.core.Caller;
import io.mooring.messaging.core.Right;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.DeviceStore;
import io.mooring.messaging.db.SignerStore;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Who is let in with a signature, and to which things. */
@Singleton
public class Admission {
    /** A device has become what it is so short ago that it may not have been heard of here. */
    private static final Duration LAG = Duration.ofSeconds(30);

    private final Signatures signatures;
    private final Database database;
    private final Clock clock = Clock.systemUTC();

    /** Whether somebody is let in. */
    public sealed interface Outcome<T> {
        record Admitted<T>(T what) implements Outcome<T> {}

        /**
         * Not.
         *
         * @param detail for people
         */
        record Refused<T>(Reason reason, String detail) implements Outcome<T> {}
    }

    /** Why not. */
    public enum Reason {
        NOT_SIGNED,
        WRONG_SIGNATURE,
        UNKNOWN_KEY,
        EXPIRED_KEY,
        REVOKED_KEY,
        /** Somebody else's, or without that right. */
        FORBIDDEN,
        NO_SUCH_THING,
        /** Not yet; ask again. */
        LATER
    }

    public Admission(Signatures signatures, Database database) {
        this.signatures = signatures;
        this.database = database;
    }

    /** Who signed a request. */
    public Outcome<Signer> signer(RequestDescription request) throws SQLException {
        if (!signatures.areOffered()) {
            return refused(Reason.LATER, "this cloud has no access keys: it was given no master key");
        }
        Instant now = clock.instant();
        return switch (signatures.verify(request, now)) {
            case Verdict.Refused refused ->
                refused(reason(refused.refusal()), refused.refusal().detail());
            case Verdict.Accepted accepted -> {
                AccessGrant grant = accepted.key().grant();
                yield grant.covers(AccessGrant.APPLICATION) ? application(grant) : device(grant, now);
            }
        };
    }

    private Outcome<Signer> application(AccessGrant grant) throws SQLException {
        Optional<Caller> caller =
                database.read(connection -> SignerStore.application(connection, grant.device(), grant.scopes()));
        return caller.isPresent()
                ? new Outcome.Admitted<>(new Signer.Application(caller.get()))
                : refused(Reason.REVOKED_KEY, "the token that this access key was made with is good no more");
    }

    private Outcome<Signer> device(AccessGrant grant, Instant now) throws SQLException {
        boolean same = database.read(connection ->
                SignerStore.isSame(connection, grant.device(), grant.cloud(), grant.account(), grant.since()));
        if (!same) {
            return grant.since().isAfter(now.minus(LAG))
                    ? refused(Reason.LATER, "the device is not known here yet; try again")
                    : refused(Reason.REVOKED_KEY, "this access key was revoked");
        }
        return grant.covers(AccessGrant.SHADOWS)
                ? new Outcome.Admitted<>(new Signer.Device(grant.device(), grant.cloud(), grant.account()))
                : refused(Reason.FORBIDDEN, "this access key is not for shadows");
    }

    /** The device that a signer means, if they have the right. */
    public Outcome<DeviceStore.Device> thing(Signer signer, Right right, String name) throws SQLException {
        return switch (signer) {
            case Signer.Device own ->
                own.id().equals(name)
                        ? new Outcome.Admitted<>(
                                new DeviceStore.Device(own.id(), own.cloud(), own.account(), null, "active", null))
                        : refused(Reason.FORBIDDEN, "Forbidden");
            case Signer.Application application -> {
                Caller caller = application.caller();
                Optional<DeviceStore.Device> device = database.read(connection -> DeviceStore.find(connection, name));
                if (device.isEmpty() || !device.get().cloud().equals(caller.cloud())) {
                    yield refused(Reason.NO_SUCH_THING, "Thing not found");
                }
                yield caller.may(right, device.get().cloud(), name, device.get().product())
                        ? new Outcome.Admitted<>(device.get())
                        : refused(Reason.FORBIDDEN, "Forbidden");
            }
        };
    }

    private static Reason reason(AccessRefusal refusal) {
        return switch (refusal.reason()) {
            case NOT_SIGNED -> Reason.NOT_SIGNED;
            case UNKNOWN_KEY, BAD_TOKEN -> Reason.UNKNOWN_KEY;
            case EXPIRED_KEY -> Reason.EXPIRED_KEY;
            default -> Reason.WRONG_SIGNATURE;
        };
    }

    private static <T> Outcome<T> refused(Reason reason, String detail) {
        return new Outcome.Refused<>(reason, detail);
    }
}
