package io.mooring.provisioning;

import io.mooring.provisioning.core.IssuedClaimId;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Owner;
import io.mooring.provisioning.core.Product;
import io.mooring.provisioning.db.ClaimStore;
import io.mooring.provisioning.db.ProductStore;
import io.mooring.provisioning.db.Transactions;
import io.mooring.provisioning.secrets.Tokens;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What operators do with products, their tokens and their claim ids. */
@ApplicationScoped
public class ProductHandler {
    /** The longest that a token may be good after it was replaced. */
    private static final Duration MAX_OVERLAP = Duration.ofDays(366);

    private static final Duration KEEP_EXPIRED = Duration.ofDays(30);

    private final Clock clock = Clock.tickMillis(ZoneOffset.UTC);
    private final Transactions transactions;
    private final ProductStore products;
    private final ClaimStore claims;
    private final Tenants tenants;
    private final Journal journal;
    private final Trail trail;

    ProductHandler(
            Transactions transactions,
            ProductStore products,
            ClaimStore claims,
            Tenants tenants,
            Journal journal,
            Trail trail) {
        this.transactions = transactions;
        this.products = products;
        this.claims = claims;
        this.tenants = tenants;
        this.journal = journal;
        this.trail = trail;
    }

    /** What a product is to be; its owner and the end of its token are the usual ones unless named. */
    public record Wish(
            String name,
            Optional<String> account,
            Optional<String> cloud,
            Product.Rules rules,
            Optional<Instant> tokenExpires) {}

    /** A product with the only sight of its new token. */
    public record WithToken(Product product, String token, Optional<Instant> expires) {
        /** Says which product it is and nothing of the token. */
        @Override
        public String toString() {
            return "WithToken[" + product + "]";
        }
    }

    /** A claim id that was issued, with the only sight of its secret. */
    public record FactoryDevice(String id, Optional<String> secret) {
        /** Says which id it is and nothing of the secret. */
        @Override
        public String toString() {
            return "FactoryDevice[" + id + "]";
        }
    }

    /** Claim ids that were issued together. */
    public record Batch(String batch, List<FactoryDevice> devices) {}

    /** Makes a product. Refused with {@code bad_name}, {@code bad_expiry} or what is wrong with its owner. */
    public Outcome<WithToken> create(Caller caller, Wish wish) {
        Instant now = clock.instant();
        Map<String, String> asked = Map.of("name", Trail.clip(wish.name()));
        Outcome<WithToken> outcome = checked(wish, now)
                .then(good -> transactions.call(
                        connection -> tenants.named(connection, wish.account(), wish.cloud(), tenants.usual(), now)
                                .then(owner -> add(connection, caller, wish, owner, now))));
        return trail.audited(caller, "CreateProduct", asked, outcome);
    }

    private static Outcome<Wish> checked(Wish wish, Instant now) {
        return wish.name().isBlank() || wish.name().length() > Product.MAX_NAME_LENGTH
                ? Outcome.refused("bad_name", "a product's name has 1 to " + Product.MAX_NAME_LENGTH + " characters")
                : future(wish.tokenExpires(), now).then(any -> Outcome.done(wish));
    }

    private static Outcome<Optional<Instant>> future(Optional<Instant> expires, Instant now) {
        return expires.filter(end -> !end.isAfter(now)).isPresent()
                ? Outcome.refused("bad_expiry", "tokenExpires must lie in the future")
                : Outcome.done(expires);
    }

    private Outcome<WithToken> add(Connection connection, Caller caller, Wish wish, Owner owner, Instant now)
            throws SQLException {
        Product product = new Product(Tokens.newId(), wish.name(), owner, now, wish.rules(), Optional.empty());
        String token = Tokens.newToken();
        products.save(connection, product);
        products.addToken(connection, product.id(), Tokens.hash(token), now, wish.tokenExpires());
        journal.done(
                connection,
                caller,
                "CreateProduct",
                Map.of("name", wish.name(), "cloudMadeKeys", "" + wish.rules().cloudMadeKeys()),
                Map.of("product", product.id()),
                now);
        return Outcome.done(new WithToken(product, token, wish.tokenExpires()));
    }

    /** All products, by age. */
    public List<Product> list(Caller caller) {
        return transactions.call(connection -> {
            journal.done(connection, caller, "ListProducts", Map.of(), Map.of(), clock.instant());
            return products.list(connection);
        });
    }

    /** Stops registrations of a product's devices; those that have joined go on. */
    public Outcome<Product> suspend(Caller caller, String id) {
        return change(caller, "SuspendProduct", id, product -> product.suspend(clock.instant()));
    }

    /** Lets a product's devices register again. */
    public Outcome<Product> resume(Caller caller, String id) {
        return change(caller, "ResumeProduct", id, Product::resume);
    }

    /** Changes what a product's devices may do; what is empty stays. */
    public Outcome<Product> changeRules(
            Caller caller, String id, Optional<Boolean> cloudMadeKeys, Optional<Boolean> issuedIdsOnly) {
        return change(
                caller,
                "ChangeProduct",
                id,
                product -> product.under(new Product.Rules(
                        cloudMadeKeys.orElse(product.rules().cloudMadeKeys()),
                        issuedIdsOnly.orElse(product.rules().issuedIdsOnly()))));
    }

    private Outcome<Product> change(Caller caller, String action, String id, UnaryOperator<Product> change) {
        Instant now = clock.instant();
        Map<String, String> asked = Map.of("product", Trail.clip(id));
        Outcome<Product> outcome =
                transactions.call(connection -> locked(connection, id).then(before -> {
                    Product after = change.apply(before);
                    products.save(connection, after);
                    Map<String, String> answered = Map.of(
                            "suspended", "" + after.suspended().isPresent(),
                            "cloudMadeKeys", "" + after.rules().cloudMadeKeys(),
                            "issuedIdsOnly", "" + after.rules().issuedIdsOnly());
                    journal.done(connection, caller, action, asked, answered, now);
                    return Outcome.done(after);
                }));
        return trail.audited(caller, action, asked, outcome);
    }

    /**
     * Gives a product a new token. Those before are good for the overlap, or for as long as they would have been.
     *
     * @param overlap none or some; refused with {@code bad_overlap} if it is negative or longer than a year
     */
    public Outcome<WithToken> rotate(Caller caller, String id, Duration overlap, Optional<Instant> expires) {
        Instant now = clock.instant();
        Map<String, String> asked = Map.of("product", Trail.clip(id), "overlapSeconds", "" + overlap.toSeconds());
        boolean outOfRange = overlap.isNegative() || overlap.compareTo(MAX_OVERLAP) > 0;
        Outcome<Optional<Instant>> good = outOfRange
                ? Outcome.refused("bad_overlap", "overlapSeconds must be 0 to " + MAX_OVERLAP.toSeconds())
                : future(expires, now);
        Outcome<WithToken> outcome = good.then(end ->
                transactions.call(connection -> locked(connection, id).then(product -> {
                    String token = Tokens.newToken();
                    products.expireTokens(connection, id, now.plus(overlap), now.minus(KEEP_EXPIRED));
                    products.addToken(connection, id, Tokens.hash(token), now, end);
                    journal.done(connection, caller, "RotateProductToken", asked, Map.of(), now);
                    return Outcome.done(new WithToken(product, token, end));
                })));
        return trail.audited(caller, "RotateProductToken", asked, outcome);
    }

    private Outcome<Product> locked(Connection connection, String id) throws SQLException {
        return products.lock(connection, id)
                .map(Outcome::done)
                .orElseGet(() -> Outcome.refused("no_such_product", "there is no product with this id"));
    }

    /**
     * Makes claim ids for the factory, none of which was ever used.
     *
     * @param withSecrets whether each comes with a secret, which is shown this once
     */
    public Outcome<Batch> issueClaimIds(Caller caller, String product, int count, boolean withSecrets) {
        Instant now = clock.instant();
        Map<String, String> asked = Map.of("product", Trail.clip(product), "count", "" + count);
        boolean outOfRange = count < 1 || count > IssuedClaimId.MAX_AT_ONCE;
        Outcome<Batch> outcome = outOfRange
                ? Outcome.refused("bad_count", "count must be 1 to " + IssuedClaimId.MAX_AT_ONCE)
                : transactions.call(connection -> locked(connection, product).then(found -> {
                    Batch batch = issue(connection, found.id(), count, withSecrets, now);
                    journal.done(connection, caller, "IssueClaimIds", asked, Map.of("batch", batch.batch()), now);
                    return Outcome.done(batch);
                }));
        return trail.audited(caller, "IssueClaimIds", asked, outcome);
    }

    private Batch issue(Connection connection, String product, int count, boolean withSecrets, Instant now)
            throws SQLException {
        String batch = Tokens.newId();
        List<FactoryDevice> made = new ArrayList<>(count);
        while (made.size() < count) {
            String id = Tokens.newClaimId();
            Optional<String> secret = withSecrets ? Optional.of(Tokens.newToken()) : Optional.empty();
            made.add(new FactoryDevice(id, secret));
        }
        List<IssuedClaimId> issued = made.stream()
                .map(device -> new IssuedClaimId(
                        device.id(), product, batch, device.secret().map(Tokens::hash), now))
                .toList();
        if (claims.add(connection, issued) != count) {
            // Of 36^10 ids, chance repeats one once in a thousand years of factories; nobody minds asking again then.
            throw new IllegalStateException("chance made a claim id that there was already");
        }
        return new Batch(batch, made);
    }

    /** Issued claim ids of a product, after one. */
    public Outcome<List<IssuedClaimId>> listClaimIds(Caller caller, String product, String after, int limit) {
        Map<String, String> asked = Map.of("product", Trail.clip(product));
        Outcome<List<IssuedClaimId>> outcome =
                transactions.call(connection -> locked(connection, product).then(found -> {
                    journal.done(connection, caller, "ListClaimIds", asked, Map.of(), clock.instant());
                    return Outcome.done(claims.list(connection, product, after, limit));
                }));
        return trail.audited(caller, "ListClaimIds", asked, outcome);
    }
}
