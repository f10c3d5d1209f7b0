package io.mooring.metrics.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the points of a request {@code PutMetricData}, within the bounds that CloudWatch documents (API reference, PutMetricData and
 * MetricDatum). All of it can be taken, or nothing. Numbers may be texts, as the query form has them.
 */
public final class PutMetricData {
    /** What is asked for in the wrong way. */
    public static final String INVALID = "InvalidParameterValue";

    /** What is not there. */
    public static final String MISSING = "MissingParameter";

    /** What is there and excludes each other. */
    public static final String COMBINATION = "InvalidParameterCombination";

    private static final int MOST_METRICS = 1_000;
    private static final int MOST_VALUES = 150;
    private static final int MOST_DIMENSIONS = 30;

    /** The largest count that is taken: sums of these do not overflow. */
    private static final double LARGEST_COUNT = 1e9;

    private static final double MILLIS = 1_000;
    private static final Set<String> UNITS = Set.of(
            ("Seconds Microseconds Milliseconds Bytes Kilobytes Megabytes Gigabytes Terabytes Bits Kilobits Megabits Gigabits"
                            + " Terabits Percent Count Bytes/Second Kilobytes/Second Megabytes/Second Gigabytes/Second"
                            + " Terabytes/Second Bits/Second Kilobits/Second Megabits/Second Gigabits/Second"
                            + " Terabits/Second Count/Second None")
                    .split(" ", -1));

    private final PointReader reader;

    private PutMetricData(PointReader reader) {
        this.reader = reader;
    }

    /** Reads them. Entities are passed over: what they say of the device is known of it. */
    public static Outcome<List<Point>> read(JsonNode json, PointReader reader) {
        List<JsonNode> data = new ArrayList<>();
        json.path("MetricData").forEach(data::add);
        json.path("EntityMetricData").forEach(each -> each.path("MetricData").forEach(data::add));
        if (data.isEmpty()) {
            return Outcome.refused(MISSING, "The parameter MetricData is required.");
        }
        if (data.size() > MOST_METRICS) {
            return Outcome.refused(INVALID, "MetricData has at most " + MOST_METRICS + " members");
        }
        PutMetricData request = new PutMetricData(reader);
        List<Point> points = new ArrayList<>(data.size());
        for (int i = 0; i < data.size(); i++) {
            switch (request.datum(data.get(i))) {
                case Outcome.Done<Point>(Point point) -> points.add(point);
                case Outcome.Refused<Point>(Refusal refusal) -> {
                    String code = Set.of(MISSING, COMBINATION).contains(refusal.code()) ? refusal.code() : INVALID;
                    return Outcome.refused(code, "MetricData.member." + (i + 1) + ": " + refusal.detail());
                }
            }
        }
        return Outcome.done(points);
    }

    private Outcome<Point> datum(JsonNode json) {
        String name = json.path("MetricName").textValue();
        if (name == null || name.isEmpty()) {
            return Outcome.refused(MISSING, "MetricName is required");
        }
        if (!PointReader.isName(name, PointLimits.NAME)) {
            return Outcome.refused(INVALID, "MetricName is a name of 1 to 255 characters");
        }
        String unit = json.path("Unit").asText("None");
        if (!UNITS.contains(unit)) {
            return Outcome.refused(INVALID, "Unit is none of those there are");
        }
        int resolution = json.path("StorageResolution").asInt(1);
        if (resolution != 1 && resolution != 60) {
            return Outcome.refused(INVALID, "StorageResolution is 1 or 60");
        }
        return dimensions(json.path("Dimensions"))
                .then(set -> time(json.path("Timestamp"))
                        .then(millis -> measured(json)
                                .then(measured -> Outcome.done(new Point(name, List.of(set), measured, millis)))));
    }

    private Outcome<Dimensions> dimensions(JsonNode json) {
        if (json.size() > MOST_DIMENSIONS) {
            return Outcome.refused(INVALID, "a metric has at most " + MOST_DIMENSIONS + " dimensions");
        }
        SortedMap<String, String> values = new TreeMap<>();
        for (JsonNode each : json) {
            String name = each.path("Name").textValue();
            String value = each.path("Value").textValue();
            if (name == null
                    || value == null
                    || !PointReader.isName(name, PointLimits.NAME)
                    || !PointReader.isName(value, PointLimits.VALUE)) {
                return Outcome.refused(
                        INVALID, "a dimension has a Name of 1 to 255 and a Value of 1 to 1,024 characters");
            }
            if (values.put(name, value) != null) {
                return Outcome.refused(INVALID, "a dimension is there twice");
            }
        }
        return reader.own(Dimensions.of(values));
    }

    /** Seconds since 1970, or ISO 8601; without it, now. */
    private Outcome<Long> time(JsonNode json) {
        if (json.isMissingNode() || json.isNull()) {
            return Outcome.done(reader.receivedMillis());
        }
        Long millis = null;
        Double seconds = number(json);
        if (seconds != null && Math.abs(seconds) < Instant.MAX.getEpochSecond()) {
            millis = Math.round(seconds * MILLIS);
        } else if (json.isTextual()) {
            try {
                millis = OffsetDateTime.parse(json.textValue()).toInstant().toEpochMilli();
            } catch (DateTimeException | ArithmeticException none) {
                millis = null;
            }
        }
        return millis == null ? Outcome.refused(INVALID, "Timestamp is no time") : reader.inTime(millis);
    }

    private static Outcome<Measured> measured(JsonNode json) {
        boolean one = json.hasNonNull("Value");
        boolean many = json.hasNonNull("Values");
        boolean summed = json.hasNonNull("StatisticValues");
        if (!one && !many && !summed) {
            return Outcome.refused(MISSING, "one of Value, Values and StatisticValues is required");
        }
        if (one && (many || summed)) {
            return Outcome.refused(COMBINATION, "Value excludes Values and StatisticValues");
        }
        if (one) {
            return value(json.path("Value")).then(value -> Outcome.done(new Measured.Value(value)));
        }
        if (!many) {
            return summary(json.path("StatisticValues")).then(Outcome::done);
        }
        JsonNode values = json.path("Values");
        JsonNode counts = json.path("Counts");
        // AWS' own agent sends both: what values came to, and what they were, rounded.
        return summed
                ? summary(json.path("StatisticValues")).then(summary -> values(values, counts, summary))
                : values(values, counts, null);
    }

    private static Outcome<Measured> values(JsonNode values, JsonNode counts, Measured.@Nullable Summary summary) {
        if (values.isEmpty() || values.size() > MOST_VALUES) {
            return Outcome.refused(INVALID, "Values are 1 to " + MOST_VALUES);
        }
        if (!counts.isEmpty() && counts.size() != values.size()) {
            return Outcome.refused(COMBINATION, "there are as many Counts as Values");
        }
        List<Measured.Counted> read = new ArrayList<>(values.size());
        for (int i = 0; i < values.size(); i++) {
            Outcome<Long> count = counts.isEmpty() ? Outcome.done(1L) : count(counts.get(i));
            Outcome<Measured.Counted> each = value(values.get(i))
                    .then(value -> count.then(often -> Outcome.done(new Measured.Counted(value, often))));
            switch (each) {
                case Outcome.Done<Measured.Counted>(Measured.Counted counted) -> read.add(counted);
                case Outcome.Refused<Measured.Counted>(Refusal refusal) -> {
                    return new Outcome.Refused<>(refusal);
                }
            }
        }
        return Outcome.done(new Measured.Values(read, summary));
    }

    private static Outcome<Measured.Summary> summary(JsonNode set) {
        return count(set.path("SampleCount"))
                .then(count -> value(set.path("Sum"))
                        .then(sum -> value(set.path("Minimum"))
                                .then(min -> value(set.path("Maximum"))
                                        .then(max -> min <= max
                                                ? Outcome.done(new Measured.Summary(count, sum, min, max))
                                                : Outcome.refused(INVALID, "Minimum is greater than Maximum")))));
    }

    private static Outcome<Double> value(JsonNode json) {
        Double value = number(json);
        return value != null && Math.abs(value) <= PointLimits.MAGNITUDE
                // Of the two zeros the usual one.
                ? Outcome.done(value + 0.0)
                : Outcome.refused(INVALID, "a value is a finite number of at most 2^360 in magnitude");
    }

    /** Counts may be weights of samples, and then are rounded: here they are whole. */
    private static Outcome<Long> count(JsonNode json) {
        Double count = number(json);
        return count != null && count > 0 && count <= LARGEST_COUNT
                ? Outcome.done(Math.max(1, Math.round(count)))
                : Outcome.refused(INVALID, "a count is more than 0 and at most 10^9");
    }

    private static @Nullable Double number(JsonNode json) {
        if (json.isNumber()) {
            return json.doubleValue();
        }
        try {
            return json.isTextual() ? (Double) Double.parseDouble(json.textValue()) : null;
        } catch (NumberFormatException none) {
            return null;
        }
    }
}
