package io.mooring.provisioning;

import io.mooring.chassis.http.TokenBuckets;
import io.mooring.provisioning.core.Outcome;
import io.mooring.provisioning.core.Product;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * How often claim ids may be tried. An id has 51 bits, so who tries some thousands a second finds none; but who
 * holds a product's token could try for long, from many places, and each new id is a row. Therefore ids that are not
 * known yet, and ids shown wrongly, are counted for each source and each product.
 */
@ApplicationScoped
class ClaimAttempts {
    private final TokenBuckets sources;
    private final TokenBuckets products;

    ClaimAttempts(ProvisioningConfig config) {
        this.sources = new TokenBuckets(
                config.limits().newIdsPerSecond(), config.limits().newIdsBurst());
        this.products = new TokenBuckets(
                config.limits().productNewIdsPerSecond(), config.limits().productNewIdsBurst());
    }

    /** Whether an id that is not known may be tried; refused with {@code too_many_new_ids}. Counts as one. */
    Outcome<Product> admit(Product product, Caller caller) {
        long now = System.nanoTime();
        String source = TokenBuckets.source(caller.address());
        boolean left = sources.take(source, now) && products.take(product.id(), now);
        return left
                ? Outcome.done(product)
                : Outcome.refused("too_many_new_ids", "too many new device ids; try again later");
    }

    /** A known id was shown wrongly. */
    void missed(Product product, Caller caller) {
        long now = System.nanoTime();
        sources.take(TokenBuckets.source(caller.address()), now);
        products.take(product.id(), now);
    }
}
