package io.mooring.provisioning;

import io.mooring.provisioning.core.Change;
import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.DeviceCommand;
import io.mooring.provisioning.core.ExpectedDevice;
import io.mooring.provisioning.core.Identity;
import io.mooring.provisioning.core.IssuedClaimId;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Owner;
import io.mooring.provisioning.core.Product;
import io.mooring.provisioning.db.ClaimStore;
import io.mooring.provisioning.db.DeviceStore;
import io.mooring.provisioning.db.ProductStore;
import io.mooring.provisioning.db.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What operators do with devices: whose they are, and whether they may connect. */
@ApplicationScoped
public class OwnershipHandler {
    private final Clock clock = Clock.tickMillis(ZoneOffset.UTC);
    private final Transactions transactions;
    private final ProductStore products;
    private final DeviceStore devices;
    private final ClaimStore claims;
    private final Tenants tenants;
    private final DeviceChanges changes;
    private final RevocationRelay relay;
    private final Journal journal;
    private final Trail trail;

    OwnershipHandler(
            Transactions transactions,
            ProductStore products,
            DeviceStore devices,
            ClaimStore claims,
            Tenants tenants,
            DeviceChanges changes,
            RevocationRelay relay,
            Journal journal,
            Trail trail) {
        this.transactions = transactions;
        this.products = products;
        this.devices = devices;
        this.claims = claims;
        this.tenants = tenants;
        this.changes = changes;
        this.relay = relay;
        this.journal = journal;
        this.trail = trail;
    }

    /** A device that was claimed, or one that will be when it comes. */
    public sealed interface Claimed {
        /** It is. */
        record Now(Device device) implements Claimed {}

        /** It will be. */
        record Expected(ExpectedDevice device) implements Claimed {}
    }

    /**
     * How a device is to be claimed.
     *
     * @param ahead whether it need not have registered, or have an issued id
     * @param product the only product it is taken from if it has not registered
     */
    public record Claim(Optional<String> account, Optional<String> cloud, boolean ahead, Optional<String> product) {}

    /** Devices by id, after one. */
    public List<Device> list(Caller caller, String after, int limit) {
        return transactions.call(connection -> {
            journal.done(connection, caller, "ListDevices", Map.of(), Map.of(), clock.instant());
            return devices.list(connection, after, limit);
        });
    }

    /** Devices that were claimed before they came, by id, after one. */
    public List<ExpectedDevice> listExpected(Caller caller, String after, int limit) {
        return transactions.call(connection -> {
            journal.done(connection, caller, "ListExpectedDevices", Map.of(), Map.of(), clock.instant());
            return claims.listExpected(connection, after, limit);
        });
    }

    /** One device; refused with {@code unknown_device}. */
    public Outcome<Device> get(Caller caller, String id) {
        Map<String, String> asked = Map.of("device", Trail.clip(id));
        Outcome<Device> outcome = transactions.call(connection -> {
            Optional<Device> device = devices.find(connection, id);
            if (device.isPresent()) {
                journal.done(connection, caller, "GetDevice", asked, Map.of(), clock.instant());
            }
            return device.map(Outcome::done)
                    .orElseGet(() -> Outcome.refused("unknown_device", "no device with this id has registered"));
        });
        return trail.audited(caller, "GetDevice", asked, outcome);
    }

    /**
     * Gives a device to an owner: the one named, else its product's. One that has not come yet is given away
     * beforehand if its id was issued, or if that is asked for.
     */
    public Outcome<Claimed> claim(Caller caller, String id, Claim claim) {
        Instant now = clock.instant();
        Map<String, String> asked = Map.of("device", Trail.clip(id));
        Outcome<Claimed> outcome = transactions.call(connection -> {
            Optional<Device> device = changes.lock(connection, id);
            Optional<IssuedClaimId> issued = claims.find(connection, id);
            Optional<String> product = device.map(known -> known.identity().product())
                    .or(() -> issued.map(IssuedClaimId::product))
                    .or(claim::product);
            Optional<Product> known = product.isPresent() ? products.find(connection, product.get()) : Optional.empty();
            if (product.isPresent() && known.isEmpty()) {
                return Outcome.refused("no_such_product", "there is no product with this id");
            }
            if (device.isEmpty() && !(Identity.isClaimId(id) && (issued.isPresent() || claim.ahead()))) {
                return Outcome.refused("unknown_device", "no device with this id has registered");
            }
            Owner usual = known.map(Product::owner).orElseGet(tenants::usual);
            return tenants.named(connection, claim.account(), claim.cloud(), usual, now)
                    .then(to -> device.isPresent()
                            ? claimNow(connection, caller, id, asked, to, now)
                            : expect(connection, caller, new ExpectedDevice(id, product, to, now), asked));
        });
        return trail.audited(caller, "ClaimDevice", asked, outcome);
    }

    private Outcome<Claimed> claimNow(
            Connection connection, Caller caller, String id, Map<String, String> asked, Owner to, Instant now)
            throws SQLException {
        return operate(connection, caller, "ClaimDevice", id, asked, new DeviceCommand.Claim(to, now), now)
                .then(device -> Outcome.done(new Claimed.Now(device)));
    }

    private Outcome<Claimed> expect(
            Connection connection, Caller caller, ExpectedDevice expected, Map<String, String> asked)
            throws SQLException {
        Optional<ExpectedDevice> before = claims.findExpected(connection, expected.id());
        if (before.filter(known -> !known.owner().equals(expected.owner())).isPresent()) {
            return Outcome.refused("claimed_by_another", "this device belongs to another owner; release it first");
        }
        claims.expect(connection, expected);
        journal.done(connection, caller, "ClaimDevice", asked, Map.of("state", "expected"), expected.since());
        return Outcome.done(new Claimed.Expected(expected));
    }

    /** Gives a device from its owner to another, in the same cloud or in another. */
    public Outcome<Device> transfer(Caller caller, String id, Optional<String> account, Optional<String> cloud) {
        Instant now = clock.instant();
        Map<String, String> asked = Map.of("device", Trail.clip(id));
        Outcome<Device> outcome = transactions.call(connection -> {
            Optional<Device> device = changes.lock(connection, id);
            Owner before = device.flatMap(Device::ownerIfAny).orElseGet(tenants::usual);
            return tenants.named(connection, account, cloud, before, now)
                    .then(to -> operate(
                            connection,
                            caller,
                            "TransferDevice",
                            id,
                            Map.of("device", Trail.clip(id), "cloud", to.cloud(), "account", to.account()),
                            new DeviceCommand.Transfer(to, now),
                            now));
        });
        relay.wake();
        return trail.audited(caller, "TransferDevice", asked, outcome);
    }

    /** Takes a device from its owner, or one that has not come from whom it was to be. */
    public Outcome<Claimed> release(Caller caller, String id) {
        Instant now = clock.instant();
        Map<String, String> asked = Map.of("device", Trail.clip(id));
        Outcome<Claimed> outcome = transactions.call(connection -> {
            Optional<ExpectedDevice> expected = claims.findExpected(connection, id);
            if (changes.lock(connection, id).isEmpty() && expected.isPresent()) {
                claims.forgetExpected(connection, id);
                journal.done(connection, caller, "ReleaseDevice", asked, Map.of("state", "not expected"), now);
                return Outcome.done(new Claimed.Expected(expected.get()));
            }
            return operate(connection, caller, "ReleaseDevice", id, asked, new DeviceCommand.Release(now), now)
                    .then(device -> Outcome.done(new Claimed.Now(device)));
        });
        relay.wake();
        return trail.audited(caller, "ReleaseDevice", asked, outcome);
    }

    /** Keeps a device from connecting. */
    public Outcome<Device> block(Caller caller, String id, int delaySeconds) {
        Instant now = clock.instant();
        Map<String, String> asked = Map.of("device", Trail.clip(id), "delaySeconds", Integer.toString(delaySeconds));
        return operate(caller, "BlockDevice", id, asked, new DeviceCommand.Block(delaySeconds, now), now);
    }

    /** Lets a device connect again. */
    public Outcome<Device> unblock(Caller caller, String id) {
        Instant now = clock.instant();
        return operate(
                caller, "UnblockDevice", id, Map.of("device", Trail.clip(id)), new DeviceCommand.Unblock(now), now);
    }

    /** Forgets a device. It may come back as a new one; to keep it out, block it. */
    public Outcome<Device> delete(Caller caller, String id) {
        Instant now = clock.instant();
        return operate(
                caller, "DeleteDevice", id, Map.of("device", Trail.clip(id)), new DeviceCommand.Delete(now), now);
    }

    private Outcome<Device> operate(
            Caller caller, String action, String id, Map<String, String> asked, DeviceCommand command, Instant now) {
        Outcome<Device> outcome =
                transactions.call(connection -> operate(connection, caller, action, id, asked, command, now));
        relay.wake();
        return trail.audited(caller, action, asked, outcome);
    }

    private Outcome<Device> operate(
            Connection connection,
            Caller caller,
            String action,
            String id,
            Map<String, String> asked,
            DeviceCommand command,
            Instant now)
            throws SQLException {
        Outcome<Change> changed = changes.apply(connection, id, command, now);
        if (changed instanceof Outcome.Done<Change>(Change change)) {
            Map<String, String> answered = Map.of("state", DeviceStore.state(change.device()));
            journal.done(connection, caller, action, asked, answered, now);
        }
        return changed.then(change -> Outcome.done(change.device()));
    }
}
