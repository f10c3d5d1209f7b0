package io.mooring.logs.core;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which devices of a cloud somebody reaches: all of them, or those named and those of the products named.
 *
 * @param products product ids
 * @param devices device ids
 */
public record Reach(Set<String> products, Set<String> devices) {
    /** The whole cloud. */
    public static final Reach EVERYTHING = new Reach(Set.of(), Set.of());

    public Reach {
        products = Set.copyOf(products);
        devices = Set.copyOf(devices);
    }

    /** Whether nothing is left out. */
    public boolean isEverything() {
        return products.isEmpty() && devices.isEmpty();
    }

    /** Whether a device is among them. */
    public boolean includes(String device, @Nullable String product) {
        return isEverything() || devices.contains(device) || (product != null && products.contains(product));
    }
}
