package io.mooring.metrics.core;

import java.util.Locale;

/**
 * Whose series it is: every point counts for its device, its product and its cloud.
 *
 * @param kind which of these
 * @param id the device's or product's id; empty for the cloud itself
 */
public record Owner(Kind kind, String id) {
    /** The cloud as a whole. */
    public static final Owner CLOUD = new Owner(Kind.CLOUD, "");

    /** Which kinds there are. */
    public enum Kind {
        DEVICE,
        PRODUCT,
        CLOUD;

        /** As APIs and the database say it. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The kind of this label. */
        public static Kind of(String label) {
            return valueOf(label.toUpperCase(Locale.ROOT));
        }
    }

    public static Owner device(String id) {
        return new Owner(Kind.DEVICE, id);
    }

    public static Owner product(String id) {
        return new Owner(Kind.PRODUCT, id);
    }
}
