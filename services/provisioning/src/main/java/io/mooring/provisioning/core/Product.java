package io.mooring.provisioning.core;

import java.time.Instant;
import java.util.Optional;

/**
 * A kind of device. Its tokens, known here only by their hashes, let devices register.
 *
 * @param owner whose its devices become unless a claim says otherwise
 * @param rules what its devices may do
 * @param suspended since when no device of it may register
 */
public record Product(String id, String name, Owner owner, Instant created, Rules rules, Optional<Instant> suspended) {
    /** The longest name of a product, in characters. */
    public static final int MAX_NAME_LENGTH = 128;

    /**
     * What the devices of a product may do.
     *
     * @param cloudMadeKeys whether they may have their private keys made in the cloud: for compatibility only
     * @param issuedIdsOnly whether only claim ids that were issued for the product are taken
     */
    public record Rules(boolean cloudMadeKeys, boolean issuedIdsOnly) {}

    /**
     * One of the tokens of a product.
     *
     * @param expires when it stops being good, if ever
     */
    public record Token(Product product, Optional<Instant> expires) {
        /**
         * Whether a device that shows it may register. Refused with {@code product_token_expired} or
         * {@code product_suspended}.
         */
        public Outcome<Product> admit(Instant now) {
            if (expires.filter(end -> !now.isBefore(end)).isPresent()) {
                return Outcome.refused("product_token_expired", "the product token has expired");
            }
            return product.suspended().isPresent()
                    ? Outcome.refused("product_suspended", "this product is suspended: its devices cannot register now")
                    : Outcome.done(product);
        }
    }

    /** The same, with registrations stopped; how long they have been is kept. */
    public Product suspend(Instant now) {
        return new Product(id, name, owner, created, rules, Optional.of(suspended.orElse(now)));
    }

    /** The same, with registrations going on. */
    public Product resume() {
        return new Product(id, name, owner, created, rules, Optional.empty());
    }

    /** The same under other rules. */
    public Product under(Rules changed) {
        return new Product(id, name, owner, created, changed, suspended);
    }
}
