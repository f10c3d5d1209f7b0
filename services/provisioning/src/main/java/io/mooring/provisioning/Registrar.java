package io.mooring.provisioning;

import io.mooring.provisioning.ProvisioningHandler.Registered;
import io.mooring.provisioning.core.Description;
import io.mooring.provisioning.core.Device;
import io.mooring.provisioning.core.DeviceCommand;
import io.mooring.provisioning.core.ExpectedDevice;
import io.mooring.provisioning.core.Identity;
import io.mooring.provisioning.core.IssuedClaimId;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Owner;
import io.mooring.provisioning.core.Product;
import io.mooring.provisioning.core.Refusal;
import io.mooring.provisioning.core.Registration;
import io.mooring.provisioning.core.SecretProof;
import io.mooring.provisioning.db.ClaimStore;
import io.mooring.provisioning.db.ProductStore;
import io.mooring.provisioning.db.TenantStore;
import io.mooring.provisioning.db.Transactions;
import io.mooring.provisioning.secrets.SecretProofs;
import io.mooring.provisioning.secrets.Tokens;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;

/** Makes devices known: gathers what the product, the factory and operators said of a claim id, and has it decided. */
@ApplicationScoped
class Registrar {
    /** What somebody is refused with who shows an id that is not his. */
    private static final Set<String> MISSES =
            Set.of("other_product", "other_secret", "proof_needed", "wrong_proof", "stale_proof");

    private final Clock clock = Clock.tickMillis(ZoneOffset.UTC);
    private final Transactions transactions;
    private final ProductStore products;
    private final TenantStore tenants;
    private final ClaimStore claims;
    private final DeviceChanges changes;
    private final ClaimAttempts attempts;

    Registrar(
            Transactions transactions,
            ProductStore products,
            TenantStore tenants,
            ClaimStore claims,
            DeviceChanges changes,
            ClaimAttempts attempts) {
        this.transactions = transactions;
        this.products = products;
        this.tenants = tenants;
        this.claims = claims;
        this.changes = changes;
        this.attempts = attempts;
    }

    /** See {@link ProvisioningHandler#register}. */
    Outcome<Registered> register(Caller caller, String productToken, Outcome<Registration> sent) {
        Instant now = clock.instant();
        String tokenHash = Tokens.hash(productToken);
        return transactions.call(connection -> {
            Optional<Product.Token> token = products.findByToken(connection, tokenHash);
            if (token.isEmpty()) {
                return Outcome.refused("unknown_product", "the product token is not known");
            }
            return switch (sent) {
                case Outcome.Refused<Registration>(Refusal refusal) -> new Outcome.Refused<Registered>(refusal);
                case Outcome.Done<Registration>(Registration registration) ->
                    switch (token.get().admit(now)) {
                        case Outcome.Refused<Product>(Refusal refusal) -> new Outcome.Refused<Registered>(refusal);
                        case Outcome.Done<Product>(Product product) ->
                            register(connection, caller, product, registration, now);
                    };
            };
        });
    }

    /** What is known of a claim id besides the device itself. */
    private record Beforehand(Optional<IssuedClaimId> issued, Optional<ExpectedDevice> expected) {
        /** Refused with {@code other_product} or {@code claim_id_not_issued}. */
        Outcome<Beforehand> fits(Product product, boolean isKnown) {
            boolean other =
                    issued.filter(id -> !id.product().equals(product.id())).isPresent()
                            || expected.flatMap(ExpectedDevice::product)
                                    .filter(id -> !id.equals(product.id()))
                                    .isPresent();
            if (other) {
                return Outcome.refused("other_product", "this device id belongs to a device of another product");
            }
            return product.rules().issuedIdsOnly() && issued.isEmpty() && !isKnown
                    ? Outcome.refused(
                            "claim_id_not_issued", "this product takes only claim ids that were issued for it")
                    : Outcome.done(this);
        }
    }

    private Outcome<Registered> register(
            Connection connection, Caller caller, Product product, Registration registration, Instant now)
            throws SQLException {
        Optional<Device> device = changes.lock(connection, registration.id());
        Beforehand beforehand = new Beforehand(
                claims.find(connection, registration.id()), claims.findExpected(connection, registration.id()));
        Outcome<Product> admitted = device.isPresent() ? Outcome.done(product) : attempts.admit(product, caller);
        Outcome<Beforehand> fits = admitted.then(any -> beforehand.fits(product, device.isPresent()));
        if (fits instanceof Outcome.Refused<Beforehand>(Refusal refusal)) {
            return new Outcome.Refused<>(refusal);
        }
        String token = Tokens.newToken();
        DeviceCommand command = new DeviceCommand.Register(
                identity(registration, product, device, now),
                owner(connection, registration, product, beforehand),
                secrecy(registration, device, beforehand.issued()),
                Tokens.hash(token),
                now);
        Outcome<Registered> registered = changes.apply(connection, device, command, now)
                .then(change -> Outcome.done(new Registered(change.device().ownerIfAny(), token)));
        if (registered instanceof Outcome.Refused<Registered>(Refusal refusal)) {
            if (MISSES.contains(refusal.code())) {
                attempts.missed(product, caller);
            }
        } else if (beforehand.expected().isPresent()) {
            claims.forgetExpected(connection, registration.id());
        }
        return registered;
    }

    private static Identity identity(Registration registration, Product product, Optional<Device> device, Instant now) {
        Description description = registration
                .description()
                .or(() -> device.map(known -> known.identity().description()))
                .orElse(Description.NONE);
        return new Identity(registration.id(), product.id(), description, now, Optional.empty());
    }

    /** Whose an operator said it will be, else whose it says it is, if that owner is known in its product's cloud. */
    private Optional<Owner> owner(
            Connection connection, Registration registration, Product product, Beforehand beforehand)
            throws SQLException {
        if (beforehand.expected().isPresent()) {
            return beforehand.expected().map(ExpectedDevice::owner);
        }
        Optional<Owner> named = registration.owner();
        boolean known = named.isPresent()
                && named.get().cloud().equals(product.owner().cloud())
                && tenants.isAccount(connection, named.get());
        return known ? named : Optional.empty();
    }

    private static DeviceCommand.Secrecy secrecy(
            Registration registration, Optional<Device> device, Optional<IssuedClaimId> issued) {
        Optional<String> factory = issued.flatMap(IssuedClaimId::secretHash);
        Optional<String> key = factory.or(() -> device.filter(known -> !(known instanceof Device.Released))
                .flatMap(known -> known.identity().secret())
                .map(secret -> secret.hash()));
        SecretProof proof = key.isPresent() && registration.proof().isPresent()
                ? SecretProofs.check(
                        key.get(), registration.id(), registration.proof().get())
                : new SecretProof.Missing();
        return new DeviceCommand.Secrecy(registration.secretHash(), factory, proof);
    }
}
