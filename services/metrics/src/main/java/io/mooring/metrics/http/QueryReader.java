package io.mooring.metrics.http;

import io.mooring.metrics.core.Dimensions;
import io.mooring.metrics.core.Outcome;
import io.mooring.metrics.core.Owner;
import io.mooring.metrics.core.Statistic;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the parameters of a query. */
final class QueryReader {
    private static final long DEFAULT_PERIOD = 3_600;

    private QueryReader() {}

    /** Whose series: a device's, a product's, or with neither the cloud's. */
    static Outcome<Owner> owner(@Nullable String device, @Nullable String product) {
        if (device != null && product != null) {
            return Outcome.refused("bad-request", "Give \"device\" or \"product\", not both.");
        }
        if (device != null) {
            return Outcome.done(Owner.device(device));
        }
        return Outcome.done(product == null ? Owner.CLOUD : Owner.product(product));
    }

    /** {@code name=value} of each. */
    static Outcome<Dimensions> dimensions(List<String> pairs) {
        Map<String, String> values = new TreeMap<>();
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                return Outcome.refused("bad-request", "Each \"dimension\" is name=value.");
            }
            values.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return Outcome.done(Dimensions.of(values));
    }

    /** Statistics with commas between them; without any, those that cost nothing. */
    static Outcome<List<Statistic>> statistics(@Nullable String text) {
        if (text == null) {
            return Outcome.done(List.of(Statistic.AVG, Statistic.MIN, Statistic.MAX, Statistic.COUNT));
        }
        List<Statistic> statistics = new ArrayList<>();
        for (String label : text.split(",", -1)) {
            Statistic statistic = Statistic.of(label.strip()).orElse(null);
            if (statistic == null) {
                return Outcome.refused(
                        "bad-request", "\"statistics\" are of avg, sum, min, max, count, last, p50, p90, p99.");
            }
            statistics.add(statistic);
        }
        return Outcome.done(statistics);
    }

    /** How far back, in seconds. */
    static Outcome<Long> period(@Nullable String text) {
        if (text == null) {
            return Outcome.done(DEFAULT_PERIOD);
        }
        return text.matches("[1-9][0-9]{0,9}")
                ? Outcome.done(Long.parseLong(text))
                : Outcome.refused("bad-request", "\"period\" is a number of seconds.");
    }

    /** From when, in seconds since 1970. */
    static Outcome<Long> end(@Nullable String text, long now) {
        try {
            return Outcome.done(text == null ? now : OffsetDateTime.parse(text).toEpochSecond());
        } catch (DateTimeException none) {
            return Outcome.refused("bad-request", "\"end\" is a time (RFC 3339).");
        }
    }

    /** A number of a list's entries. */
    static Outcome<Integer> limit(@Nullable String text, int absent, int most) {
        if (text == null) {
            return Outcome.done(absent);
        }
        boolean good = text.matches("[1-9][0-9]{0,6}") && Integer.parseInt(text) <= most;
        return good
                ? Outcome.done(Integer.parseInt(text))
                : Outcome.refused("bad-request", "\"limit\" is a number from 1 to " + most + ".");
    }

    /** After which entry a page begins. */
    static Outcome<Long> after(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return Outcome.done(0L);
        }
        return text.matches("[0-9]{1,18}")
                ? Outcome.done(Long.parseLong(text))
                : Outcome.refused("bad-request", "\"after\" is \"next\" of the page before.");
    }
}
