package io.mooring.metrics.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What points come from: one metric of one device, with one set of dimensions.
 *
 * @param generation how often the device changed hands
 * @param product the device's, or null if it is not known
 */
public record Source(
        String cloud,
        String device,
        int generation,
        @Nullable String product,
        String metric,
        Dimensions dimensions) {
    /** The series its points count for: the device's, the product's and the cloud's. */
    public List<SeriesKey> series() {
        List<SeriesKey> series = new ArrayList<>(3);
        series.add(new SeriesKey(cloud, Owner.device(device), generation, metric, dimensions));
        if (product != null) {
            series.add(new SeriesKey(cloud, Owner.product(product), 0, metric, dimensions));
        }
        series.add(new SeriesKey(cloud, Owner.CLOUD, 0, metric, dimensions));
        return series;
    }
}
