package io.mooring.provisioning;

import io.mooring.provisioning.authority.CertificateAuthorityClient;
import io.mooring.provisioning.authority.CertificateAuthorityClient.Issued;
import io.mooring.provisioning.core.Change;
import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.DeviceCommand;
import io.mooring.provisioning.core.EnrolmentDecider;
import io.mooring.provisioning.core.EnrolmentDecider.Credential;
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
import io.mooring.provisioning.db.TenantStore;
import io.mooring.provisioning.db.Transactions;
import io.mooring.provisioning.secrets.Tokens;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What devices ask for: to be known, to be let in, to get a certificate and the next one. */
@ApplicationScoped
public class ProvisioningHandler {
    private static final Refusal WRONG_TOKEN = new Refusal("unauthorized", "Authentication failed");
    private static final Refusal WRONG_CERTIFICATE =
            new Refusal("unknown_certificate", "no device may use this certificate");

    private final Clock clock = Clock.tickMillis(ZoneOffset.UTC);
    private final ProvisioningConfig config;
    private final Transactions transactions;
    private final ProductStore products;
    private final TenantStore tenants;
    private final DeviceStore devices;
    private final RevocationStore revocations;
    private final CertificateAuthorityClient authority;
    private final Registrar registrar;
    private final DeviceChanges changes;
    private final OperatorKeeper operators;
    private final RevocationRelay relay;
    private final Trail trail;

    ProvisioningHandler(
            ProvisioningConfig config,
            Transactions transactions,
            ProductStore products,
            TenantStore tenants,
            DeviceStore devices,
            RevocationStore revocations,
            CertificateAuthorityClient authority,
            Registrar registrar,
            DeviceChanges changes,
            OperatorKeeper operators,
            RevocationRelay relay,
            Trail trail) {
        this.config = config;
        this.transactions = transactions;
        this.products = products;
        this.tenants = tenants;
        this.devices = devices;
        this.revocations = revocations;
        this.authority = authority;
        this.registrar = registrar;
        this.changes = changes;
        this.operators = operators;
        this.relay = relay;
        this.trail = trail;
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
        record Ready(String device, Owner owner, Issued issued) implements Provisioning {}

        /** It must wait, for it is blocked. */
        record Wait(int delaySeconds) implements Provisioning {}

        /** It must wait until somebody claims it. */
        record Unclaimed() implements Provisioning {}
    }

    /** A device and its product. */
    private record Known(Device device, Product product) {}

    void start(@Observes StartupEvent event) {
        Owner owner = switch (Owner.of(config.defaultCloud(), config.defaultAccount())) {
            case Outcome.Done<Owner>(Owner valid) -> valid;
            case Outcome.Refused<Owner>(Refusal refusal) ->
                throw new IllegalStateException("default cloud and account: " + refusal.detail());
        };
        Instant now = clock.instant();
        transactions.call(connection -> {
            tenants.addCloud(connection, owner.cloud(), now);
            tenants.addAccount(connection, owner, now);
            return owner;
        });
        operators.start(now);
        relay.start();
        trail.start();
    }

    /** The operator's name; refused with {@code unauthorized}. */
    public Outcome<String> authenticateOperator(Caller caller, String action, String authorization) {
        Optional<String> name = operators.authenticate(authorization);
        return name.isPresent()
                ? Outcome.done(name.get())
                : trail.audited(
                        caller,
                        action,
                        Map.of(),
                        Outcome.refused("unauthorized", "the operator's token or password is needed"));
    }

    /**
     * A device makes itself known. Refused with {@code unknown_product}, whatever it sent, or with what
     * was wrong in what it sent, or with what the decision says.
     */
    public Outcome<Registered> register(Caller caller, String productToken, Outcome<Registration> sent) {
        String id = sent instanceof Outcome.Done<Registration>(Registration registration) ? registration.id() : "";
        return trail.audited(
                caller, "RegisterDevice", Map.of("device", id), registrar.register(caller, productToken, sent));
    }

    /**
     * A device asks for its certificate, first or next. Refused with {@code unauthorized} or
     * {@code unknown_device}, with what {@link EnrolmentDecider} says, or with the authority's own codes.
     */
    public Outcome<Provisioning> provision(Caller caller, String id, EnrolmentDecider.Request request) {
        Outcome<Provisioning> outcome = known(request.shown(), id)
                .then(known -> known.device() instanceof Device.Blocked blocked
                        ? Outcome.done(new Provisioning.Wait(blocked.delaySeconds()))
                        : issue(known, request));
        Map<String, String> asked =
                Map.of("device", Trail.clip(id), "csr", "" + request.csr().isPresent());
        return trail.audited(caller, "ProvisionDevice", asked, outcome);
    }

    /**
     * A device asks for its first certificate over EST: by its token, or by its product's, which registers it.
     *
     * @param label the cloud it names, if it names one; refused with {@code other_cloud} if it is not its own
     */
    public Outcome<Provisioning> enrol(Caller caller, Optional<String> label, String id, String password, String csr) {
        Credential byToken = new Credential.Token(Tokens.hash(password));
        EnrolmentDecider.Request request = request(byToken, csr);
        Outcome<Provisioning> outcome = switch (known(byToken, id)) {
            case Outcome.Refused<Known>(Refusal refusal)
            when refusal.equals(WRONG_TOKEN) -> enrolByProduct(caller, label, id, password, csr);
            case Outcome.Refused<Known> othersToken -> new Outcome.Refused<>(WRONG_TOKEN);
            case Outcome.Done<Known>(Known known) ->
                inCloud(label, known)
                        .then(device -> device.device() instanceof Device.Blocked blocked
                                ? Outcome.done(new Provisioning.Wait(blocked.delaySeconds()))
                                : issue(device, request));
        };
        return trail.audited(caller, "EnrolDevice", Map.of("device", Trail.clip(id)), outcome);
    }

    private Outcome<Provisioning> enrolByProduct(
            Caller caller, Optional<String> label, String id, String productToken, String csr) {
        Outcome<Registration> sent = Identity.isClaimId(id)
                ? Outcome.done(Registration.of(id))
                : Outcome.refused("bad_id", "the user must be a claim id, 10 upper-case letters and digits");
        Outcome<Registered> registering = registrar.register(caller, productToken, sent);
        boolean stranger = registering instanceof Outcome.Refused<Registered>(Refusal refusal)
                && refusal.code().equals("unknown_product");
        if (stranger) {
            return new Outcome.Refused<>(WRONG_TOKEN);
        }
        return registering.then(registered -> {
            if (registered.owner().isEmpty()) {
                return Outcome.done(new Provisioning.Unclaimed());
            }
            Credential token = new Credential.Token(Tokens.hash(registered.token()));
            return known(token, id)
                    .then(device -> inCloud(label, device))
                    .then(device -> issue(device, request(token, csr)));
        });
    }

    /** A device asks for its next certificate over EST, by one it has. */
    public Outcome<Provisioning> reenrol(Caller caller, Optional<String> label, String fingerprint, String csr) {
        Credential byCertificate = new Credential.Certificate(fingerprint);
        Outcome<Provisioning> outcome = known(byCertificate, "")
                .then(device -> inCloud(label, device))
                .then(device -> issue(device, request(byCertificate, csr)));
        return trail.audited(caller, "ReenrolDevice", Map.of("fingerprint", fingerprint), outcome);
    }

    private static EnrolmentDecider.Request request(Credential shown, String csr) {
        return new EnrolmentDecider.Request(shown, Optional.of(csr), Optional.empty());
    }

    private static Outcome<Known> inCloud(Optional<String> label, Known known) {
        boolean other = label.isPresent()
                && known.device() instanceof Device.Owned owned
                && !owned.owner().cloud().equals(label.get());
        return other ? Outcome.refused("other_cloud", "this device belongs to another cloud") : Outcome.done(known);
    }

    private Outcome<Provisioning> issue(Known known, EnrolmentDecider.Request request) {
        return EnrolmentDecider.decide(
                        known.device(),
                        known.product().rules(),
                        request,
                        config.renewal().grace(),
                        clock.instant())
                .then(permit -> authority
                        .issue(
                                permit.device().owner(),
                                permit.device().identity().id(),
                                request.csr())
                        .then(issued -> record(permit, request.shown(), issued)));
    }

    /** The certificate exists; whether the device gets it is decided again, since much may have happened. */
    private Outcome<Provisioning> record(EnrolmentDecider.Permit permit, Credential shown, Issued issued) {
        Instant now = clock.instant();
        String id = permit.device().identity().id();
        Owner owner = permit.device().owner();
        Optional<String> token = shown instanceof Credential.Token(String hash) ? Optional.of(hash) : Optional.empty();
        DeviceCommand command = new DeviceCommand.Provision(issued.reference(), token, permit.provenWith(), now);
        return transactions.call(connection -> {
            Outcome<Change> changed = changes.apply(connection, id, command, now);
            boolean sameOwner = changed instanceof Outcome.Done<Change>(Change change)
                    && change.device().ownerIfAny().equals(Optional.of(owner));
            if (changed instanceof Outcome.Refused<Change>) {
                Revocation unused = new Revocation(issued.reference().serial(), "cessationOfOperation");
                revocations.add(connection, List.of(unused), now);
            } else if (!sameOwner) {
                throw new IllegalStateException("what a device showed outlived its owner");
            }
            return changed.then(change -> Outcome.done(new Provisioning.Ready(id, owner, issued)));
        });
    }

    /** A device shows its token; refused with {@code unauthorized} or {@code unknown_device}. */
    public Outcome<Device> authenticateDevice(Caller caller, String action, String token, Optional<String> id) {
        Outcome<Device> outcome = known(new Credential.Token(Tokens.hash(token)), id.orElse(""))
                .then(known -> Outcome.done(known.device()));
        return trail.audited(caller, action, Map.of("device", Trail.clip(id.orElse(""))), outcome);
    }

    private Outcome<Known> known(Credential shown, String id) {
        Optional<Known> known = transactions.call(connection -> {
            Optional<Device> device = switch (shown) {
                case Credential.Token(String hash) -> devices.findByToken(connection, hash);
                case Credential.Certificate(String fingerprint) -> devices.findByFingerprint(connection, fingerprint);
            };
            if (device.isEmpty()) {
                return Optional.empty();
            }
            return products.find(connection, device.get().identity().product())
                    .map(product -> new Known(device.get(), product));
        });
        if (known.isEmpty()) {
            return new Outcome.Refused<>(shown instanceof Credential.Token ? WRONG_TOKEN : WRONG_CERTIFICATE);
        }
        return id.isEmpty() || id.equals(known.get().device().identity().id())
                ? Outcome.done(known.get())
                : Outcome.refused("unknown_device", "Cannot find device");
    }
}
