package io.mooring.provisioning;

import io.micrometer.core.instrument.MeterRegistry;
import io.mooring.provisioning.authority.CertificateAuthorityClient;
import io.mooring.provisioning.core.Change;
import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.DeviceCommand;
import io.mooring.provisioning.core.DeviceDecider;
import io.mooring.provisioning.core.Identity;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Owner;
import io.mooring.provisioning.core.Product;
import io.mooring.provisioning.core.Refusal;
import io.mooring.provisioning.core.Registration;
import io.mooring.provisioning.core.Revocation;
import io.mooring.provisioning.db.DeviceStore;
import io.mooring.provisioning.db.ProductStore;
import io.mooring.provisioning.db.RevocationStore;
import io.mooring.provisioning.db.Transactions;
import io.mooring.provisioning.secrets.Tokens;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Loads, decides, saves: the only place where devices, products and the certificate authority meet. */
@ApplicationScoped
public class ProvisioningHandler {
    private static final Logger LOG = Logger.getLogger(ProvisioningHandler.class);
    private static final int REVOCATIONS_AT_ONCE = 100;
    private static final Refusal WRONG_TOKEN = new Refusal("unauthorized", "Authentication failed");

    private final Clock clock = Clock.tickMillis(ZoneOffset.UTC);
    private final ProvisioningConfig config;
    private final Transactions transactions;
    private final ProductStore products;
    private final DeviceStore devices;
    private final RevocationStore revocations;
    private final CertificateAuthorityClient authority;
    private final Journal journal;
    private final OperatorKeeper operators;
    private final RevocationTimer timer;
    private final MeterRegistry metrics;

    ProvisioningHandler(
            ProvisioningConfig config,
            Transactions transactions,
            ProductStore products,
            DeviceStore devices,
            RevocationStore revocations,
            CertificateAuthorityClient authority,
            Journal journal,
            OperatorKeeper operators,
            RevocationTimer timer,
            MeterRegistry metrics) {
        this.config = config;
        this.transactions = transactions;
        this.products = products;
        this.devices = devices;
        this.revocations = revocations;
        this.authority = authority;
        this.journal = journal;
        this.operators = operators;
        this.timer = timer;
        this.metrics = metrics;
    }

    /**
     * The answer to a registration.
     *
     * @param owner whose the device is; empty while it is nobody's
     * @param token a token for it, good until it is used or a few more were given out
     */
    public record Registered(Optional<Owner> owner, String token) {}

    /** The answer to a device that asks for a certificate. */
    public sealed interface Provisioning {
        /** It has one. */
        record Ready(String device, Owner owner, CertificateAuthorityClient.Issued issued) implements Provisioning {}

        /** It must wait. */
        record Wait(int delaySeconds) implements Provisioning {}
    }

    /** A product that was made, with the only sight of its token. */
    public record NewProduct(Product product, String token) {}

    void start(@Observes StartupEvent event) {
        Owner owner = switch (Owner.of(config.defaultCloud(), config.defaultAccount())) {
            case Outcome.Done<Owner>(Owner valid) -> valid;
            case Outcome.Refused<Owner>(Refusal refusal) ->
                throw new IllegalStateException("default cloud and account: " + refusal.detail());
        };
        Instant now = clock.instant();
        transactions.call(connection -> {
            products.addAccount(connection, owner, now);
            return owner;
        });
        operators.start(now);
        timer.start(this::tellRevocations);
    }

    // ---- devices

    /**
     * A device makes itself known. Refused with {@code unknown_product}, whatever it sent, or with what
     * was wrong in what it sent, or with what the decision says.
     */
    public Outcome<Registered> register(Caller caller, String productToken, Outcome<Registration> sent) {
        Instant now = clock.instant();
        Outcome<Registered> outcome = transactions.call(connection -> {
            Optional<Product> product = products.findByToken(connection, Tokens.hash(productToken));
            if (product.isEmpty()) {
                return Outcome.refused("unknown_product", "the product token is not known");
            }
            return switch (sent) {
                case Outcome.Done<Registration>(Registration registration) ->
                    register(connection, product.get(), registration, now);
                case Outcome.Refused<Registration>(Refusal refusal) -> new Outcome.Refused<Registered>(refusal);
            };
        });
        String id = sent instanceof Outcome.Done<Registration>(Registration registration) ? registration.id() : "";
        return audited(caller, "RegisterDevice", Map.of("device", id), outcome);
    }

    private Outcome<Registered> register(Connection connection, Product product, Registration registration, Instant now)
            throws SQLException {
        String token = Tokens.newToken();
        Optional<Owner> autoClaim = registration.owner();
        boolean known = autoClaim.isPresent()
                && autoClaim.get().cloud().equals(product.owner().cloud())
                && products.isAccount(connection, autoClaim.get());
        Identity identity = new Identity(registration.id(), product.id(), registration.description(), now);
        DeviceCommand command =
                new DeviceCommand.Register(identity, known ? autoClaim : Optional.empty(), Tokens.hash(token), now);
        return change(connection, registration.id(), command, now)
                .then(change -> Outcome.done(new Registered(change.device().ownerIfAny(), token)));
    }

    /** A device asks for its certificate. */
    public Outcome<Provisioning> provision(Caller caller, String token, String id, Optional<String> csr) {
        String hash = Tokens.hash(token);
        Outcome<Provisioning> outcome = deviceWithToken(hash, id).then(device -> {
            if (device instanceof Device.Blocked blocked) {
                return Outcome.done(new Provisioning.Wait(blocked.delaySeconds()));
            }
            return DeviceDecider.mayProvision(device)
                    .then(owned -> authority
                            .issue(owned.owner(), id, csr)
                            .then(issued -> record(owned.owner(), id, hash, issued)));
        });
        return audited(caller, "ProvisionDevice", Map.of("device", id, "csr", "" + csr.isPresent()), outcome);
    }

    /** The certificate exists; whether the device gets it is decided again, since much may have happened. */
    private Outcome<Provisioning> record(
            Owner owner, String id, String tokenHash, CertificateAuthorityClient.Issued issued) {
        Instant now = clock.instant();
        return transactions.call(connection -> {
            Outcome<Change> changed =
                    change(connection, id, new DeviceCommand.Provision(issued.reference(), tokenHash, now), now);
            boolean sameOwner = changed instanceof Outcome.Done<Change>(Change change)
                    && change.device().ownerIfAny().equals(Optional.of(owner));
            if (changed instanceof Outcome.Refused<Change>) {
                Revocation unused = new Revocation(issued.reference().serial(), "cessationOfOperation");
                revocations.add(connection, List.of(unused), now);
            } else if (!sameOwner) {
                throw new IllegalStateException("a token outlived its device's owner");
            }
            return changed.then(change -> Outcome.done(new Provisioning.Ready(id, owner, issued)));
        });
    }

    /** A device shows its token; refused with {@code unauthorized} or {@code unknown_device}. */
    public Outcome<Device> authenticateDevice(Caller caller, String action, String token, Optional<String> id) {
        Outcome<Device> outcome = deviceWithToken(Tokens.hash(token), id.orElse(""));
        return audited(caller, action, Map.of("device", id.orElse("")), outcome);
    }

    private Outcome<Device> deviceWithToken(String hash, String id) {
        Optional<Device> device = transactions.call(connection -> devices.findByToken(connection, hash));
        if (device.isEmpty()) {
            return new Outcome.Refused<>(WRONG_TOKEN);
        }
        return id.isEmpty() || id.equals(device.get().identity().id())
                ? Outcome.done(device.get())
                : Outcome.refused("unknown_device", "Cannot find device");
    }

    // ---- operators

    /** The operator's name; refused with {@code unauthorized}. */
    public Outcome<String> authenticateOperator(Caller caller, String action, String authorization) {
        Optional<String> name = operators.authenticate(authorization);
        return name.isPresent()
                ? Outcome.done(name.get())
                : audited(
                        caller,
                        action,
                        Map.of(),
                        Outcome.refused("unauthorized", "the operator's token or password is needed"));
    }

    /** Makes a product. */
    public Outcome<NewProduct> createProduct(
            Caller caller, String name, Optional<String> account, Optional<String> cloud) {
        Instant now = clock.instant();
        String token = Tokens.newToken();
        Map<String, String> asked = Map.of("name", clip(name));
        if (name.isBlank() || name.length() > Product.MAX_NAME_LENGTH) {
            return audited(
                    caller,
                    "CreateProduct",
                    asked,
                    Outcome.refused(
                            "bad_name", "a product's name has 1 to " + Product.MAX_NAME_LENGTH + " characters"));
        }
        Outcome<NewProduct> outcome = owner(account, cloud, defaultOwner())
                .then(owner -> transactions.call(connection -> {
                    Product product = new Product(Tokens.newId(), name, owner, now);
                    products.addAccount(connection, owner, now);
                    products.add(connection, product, Tokens.hash(token));
                    journal.done(connection, caller, "CreateProduct", asked, Map.of("product", product.id()), now);
                    return Outcome.done(new NewProduct(product, token));
                }));
        return audited(caller, "CreateProduct", asked, outcome);
    }

    /** All products. */
    public List<Product> listProducts(Caller caller) {
        return transactions.call(connection -> {
            journal.done(connection, caller, "ListProducts", Map.of(), Map.of(), clock.instant());
            return products.list(connection);
        });
    }

    /** Devices by id, after one. */
    public List<Device> listDevices(Caller caller, String after, int limit) {
        return transactions.call(connection -> {
            journal.done(connection, caller, "ListDevices", Map.of(), Map.of(), clock.instant());
            return devices.list(connection, after, limit);
        });
    }

    /** One device; refused with {@code unknown_device}. */
    public Outcome<Device> getDevice(Caller caller, String id) {
        Outcome<Device> outcome = transactions.call(connection -> {
            Optional<Device> device = devices.find(connection, id);
            if (device.isPresent()) {
                journal.done(connection, caller, "GetDevice", Map.of("device", id), Map.of(), clock.instant());
            }
            return device.map(Outcome::done)
                    .orElseGet(() -> Outcome.refused("unknown_device", "no device with this id has registered"));
        });
        return audited(caller, "GetDevice", Map.of("device", clip(id)), outcome);
    }

    /** Gives a device to an owner: the one named, else its product's. */
    public Outcome<Device> claim(Caller caller, String id, Optional<String> account, Optional<String> cloud) {
        Instant now = clock.instant();
        Map<String, String> asked = Map.of("device", clip(id));
        Outcome<Device> outcome = transactions.call(connection -> {
            Optional<Device> device = devices.find(connection, id);
            Owner usual = device.isEmpty()
                    ? defaultOwner()
                    : products.find(connection, device.get().identity().product())
                            .map(Product::owner)
                            .orElseGet(this::defaultOwner);
            Outcome<Owner> owner = owner(account, cloud, usual);
            if (owner instanceof Outcome.Done<Owner>(Owner known) && device.isPresent()) {
                products.addAccount(connection, known, now);
            }
            return switch (owner) {
                case Outcome.Done<Owner>(Owner to) ->
                    operate(connection, caller, "ClaimDevice", id, asked, new DeviceCommand.Claim(to, now), now);
                case Outcome.Refused<Owner>(Refusal refusal) -> new Outcome.Refused<Device>(refusal);
            };
        });
        return audited(caller, "ClaimDevice", asked, outcome);
    }

    /** Takes a device from its owner. */
    public Outcome<Device> release(Caller caller, String id) {
        Instant now = clock.instant();
        return operate(caller, "ReleaseDevice", id, Map.of("device", clip(id)), new DeviceCommand.Release(now), now);
    }

    /** Keeps a device from connecting. */
    public Outcome<Device> block(Caller caller, String id, int delaySeconds) {
        Instant now = clock.instant();
        Map<String, String> asked = Map.of("device", clip(id), "delaySeconds", Integer.toString(delaySeconds));
        return operate(caller, "BlockDevice", id, asked, new DeviceCommand.Block(delaySeconds, now), now);
    }

    /** Lets a device connect again. */
    public Outcome<Device> unblock(Caller caller, String id) {
        Instant now = clock.instant();
        return operate(caller, "UnblockDevice", id, Map.of("device", clip(id)), new DeviceCommand.Unblock(now), now);
    }

    private Outcome<Device> operate(
            Caller caller, String action, String id, Map<String, String> asked, DeviceCommand command, Instant now) {
        Outcome<Device> outcome =
                transactions.call(connection -> operate(connection, caller, action, id, asked, command, now));
        timer.wake();
        return audited(caller, action, asked, outcome);
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
        Outcome<Change> changed = change(connection, id, command, now);
        if (changed instanceof Outcome.Done<Change>(Change change)) {
            Map<String, String> answered = Map.of("state", DeviceStore.state(change.device()));
            journal.done(connection, caller, action, asked, answered, now);
        }
        return changed.then(change -> Outcome.done(change.device()));
    }

    private Outcome<Owner> owner(Optional<String> account, Optional<String> cloud, Owner usual) {
        return Owner.of(cloud.orElse(usual.cloud()), account.orElse(usual.account()));
    }

    private Owner defaultOwner() {
        return new Owner(config.defaultCloud(), config.defaultAccount());
    }

    // ---- both

    private Outcome<Change> change(Connection connection, String id, DeviceCommand command, Instant now)
            throws SQLException {
        devices.lock(connection, id);
        Optional<Device> before = devices.find(connection, id);
        Outcome<Change> decided = DeviceDecider.decide(before, command);
        if (decided instanceof Outcome.Done<Change>(Change change) && !before.equals(Optional.of(change.device()))) {
            devices.save(connection, change.device());
            revocations.add(connection, change.revocations(), now);
            journal.write(connection, change, now);
        }
        return decided;
    }

    /** Tells the certificate authority of certificates that no longer count; what it was not told is kept. */
    void tellRevocations() {
        List<Revocation> waiting = transactions.call(connection -> revocations.oldest(connection, REVOCATIONS_AT_ONCE));
        for (Revocation revocation : waiting) {
            if (authority.revoke(revocation) instanceof Outcome.Refused<?>(Refusal refusal)) {
                LOG.errorf("the certificate authority does not revoke %s: %s", revocation.serial(), refusal.code());
            }
            transactions.call(connection -> {
                revocations.remove(connection, revocation.serial());
                return revocation;
            });
        }
    }

    private <T> Outcome<T> audited(Caller caller, String action, Map<String, String> asked, Outcome<T> outcome) {
        String code = "";
        if (outcome instanceof Outcome.Refused<T>(Refusal refusal)) {
            code = refusal.code();
            transactions.call(connection -> {
                journal.refused(connection, caller, action, asked, refusal, clock.instant());
                return refusal;
            });
        }
        metrics.counter("mooring.provisioning.calls", "action", action, "refusal", code)
                .increment();
        return outcome;
    }

    private static String clip(String text) {
        return text.length() <= 128 ? text : text.substring(0, 128) + "…";
    }
}
