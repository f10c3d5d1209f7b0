package io.mooring.metrics.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A window of a series as CloudWatch takes it (API reference, MetricDatum).
 *
 * @param seconds when the window begins, since 1970
 * @param measured what the values come to, and for percentiles the values themselves within {@link Sketch#ACCURACY}
 */
public record Datum(String metric, SortedMap<String, String> dimensions, long seconds, Measured.Values measured) {
    /** How many values CloudWatch takes of one. */
    static final int MOST_VALUES = 150;

    private static final int MOST_DIMENSIONS = 30;

    /** What a value and its count take, and all that does not grow, with room to spare in any of the wire's forms. */
    private static final int BYTES_OF_VALUE = 64;

    private static final int BYTES_OF_DATUM = 512;

    public Datum {
        dimensions = new TreeMap<>(dimensions);
    }

    /** A window as a datum; nothing if CloudWatch would refuse it, and all that is sent along. */
    public static Optional<Datum> of(SeriesKey key, long seconds, Window window) {
        SortedMap<String, String> dimensions = new TreeMap<>(key.dimensions().values());
        String owner = label(key.owner().kind());
        if (!owner.isEmpty() && dimensions.put(owner, key.owner().id()) != null) {
            // It would be taken for another's.
            return Optional.empty();
        }
        boolean fits = window.count() > 0
                && Math.abs(window.sum()) <= PointLimits.MAGNITUDE
                && dimensions.size() <= MOST_DIMENSIONS
                && isName(key.metric())
                && dimensions.entrySet().stream().allMatch(pair -> isName(pair.getKey()) && isName(pair.getValue()));
        return fits ? Optional.of(new Datum(key.metric(), dimensions, seconds, measured(window))) : Optional.empty();
    }

    private static String label(Owner.Kind kind) {
        return switch (kind) {
            case DEVICE -> PointReader.DEVICE;
            case PRODUCT -> "Product";
            case CLOUD -> "";
        };
    }

    private static boolean isName(String text) {
        return !text.isBlank() && !text.startsWith(":") && text.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    private static Measured.Values measured(Window window) {
        List<Sketch.Weighted> all = Sketch.of(window.sketch()).values();
        // Of more than can be told neighbours become one.
        int together = Math.max(1, Math.ceilDiv(all.size(), MOST_VALUES));
        List<Measured.Counted> values = new ArrayList<>();
        for (int at = 0; at < all.size(); at += together) {
            double sum = 0;
            double count = 0;
            for (Sketch.Weighted each : all.subList(at, Math.min(all.size(), at + together))) {
                sum += each.value() * each.count();
                count += each.count();
            }
            double value = Math.clamp(sum / count, window.min(), window.max());
            values.add(new Measured.Counted(value, Math.max(1, Math.round(count))));
        }
        return new Measured.Values(
                values, new Measured.Summary(window.count(), window.sum(), window.min(), window.max()));
    }

    /** How many bytes of a request it may take. */
    int bytes() {
        int bytes = BYTES_OF_DATUM + metric.length() + measured.values().size() * BYTES_OF_VALUE;
        for (Map.Entry<String, String> pair : dimensions.entrySet()) {
            bytes += BYTES_OF_VALUE
                    + pair.getKey().getBytes(StandardCharsets.UTF_8).length
                    + pair.getValue().getBytes(StandardCharsets.UTF_8).length;
        }
        return bytes;
    }
}
