package io.mooring.metrics.core;

/**
 * How many series there may be.
 *
 * @param device of one device
 * @param product of one product
 * @param cloud of a cloud as a whole
 * @param total in a cloud, with those of all its devices and products
 */
public record SeriesLimits(int device, int product, int cloud, int total) {
    /** How many this owner may have. */
    public int of(Owner.Kind kind) {
        return switch (kind) {
            case DEVICE -> device;
            case PRODUCT -> product;
            case CLOUD -> cloud;
        };
    }
}
