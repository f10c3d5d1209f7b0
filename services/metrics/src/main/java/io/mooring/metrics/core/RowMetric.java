package io.mooring.metrics.core;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.clock.HybridTimestamp;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which numbers of a model's rows are metrics of the devices they belong to. Each writing of a field is a point, at the time of its
 * clock: the clock also tells it from all others, so that a row that is told again counts once.
 *
 * @param model its name
 * @param fields the name of each metric by the field it is
 * @param dimensions fields whose values tell series apart, besides the metric as a whole
 * @param sinceMillis what was written before then does not count, in ms since 1970
 */
public record RowMetric(String model, SortedMap<String, String> fields, List<String> dimensions, long sinceMillis) {
    private static final int MOST_FIELDS = 50;
    private static final int MOST_DIMENSIONS = 10;
    private static final Pattern MODEL = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,62}");
    private static final Pattern FIELD = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,62}");

    /** All of a row that has no clock of its own, in its clocks (docs/asyncapi.yaml, "row"). */
    private static final String WHOLE = "*";

    public RowMetric {
        fields = new TreeMap<>(fields);
        dimensions = List.copyOf(dimensions);
    }

    /** A point of a row, and what tells it from all other points of that row. */
    public record Found(Point point, String mark) {}

    /** What a row is worth: points, and why others cannot be taken. */
    public record Reading(List<Found> found, List<Refusal> refused) {}

    /** {@code {"fields": ["celsius"] or {"celsius": "temperature"}, "dimensions": ["room"]}}. */
    public static Outcome<RowMetric> read(String model, JsonNode json, long nowMillis) {
        SortedMap<String, String> fields = new TreeMap<>();
        JsonNode named = json.path("fields");
        if (named.isArray()) {
            named.forEach(field -> fields.put(field.asText(), field.asText()));
        } else {
            named.properties()
                    .forEach(
                            field -> fields.put(field.getKey(), field.getValue().asText()));
        }
        List<String> dimensions = new ArrayList<>();
        json.path("dimensions").forEach(field -> dimensions.add(field.asText()));
        boolean right = MODEL.matcher(model).matches()
                && !fields.isEmpty()
                && fields.size() <= MOST_FIELDS
                && fields.keySet().stream()
                        .allMatch(field -> FIELD.matcher(field).matches())
                && fields.values().stream().allMatch(metric -> PointReader.isName(metric, PointLimits.NAME))
                && dimensions.size() <= MOST_DIMENSIONS
                && dimensions.stream().allMatch(field -> FIELD.matcher(field).matches());
        return right
                ? Outcome.done(new RowMetric(model, fields, dimensions, nowMillis))
                : Outcome.refused(
                        "bad-row-metric",
                        "it is {\"fields\": [\"celsius\"] or {\"celsius\": \"temperature\"}, \"dimensions\": [\"room\"]}, 1 to "
                                + MOST_FIELDS + " fields and at most " + MOST_DIMENSIONS + " dimensions");
    }

    /** The points of a row as sync tells it. */
    public Reading points(JsonNode row, PointReader reader) {
        List<Found> found = new ArrayList<>();
        List<Refusal> refused = new ArrayList<>();
        Outcome<List<Dimensions>> sets = sets(row, reader);
        for (Map.Entry<String, String> field : fields.entrySet()) {
            JsonNode value = row.path(field.getKey());
            HybridTimestamp clock = clock(row.path("fields"), field.getKey());
            if (!value.isNumber() || clock == null || clock.millis() < sinceMillis) {
                continue;
            }
            Outcome<Point> read = sets.then(dimensions -> PointReader.value(value)
                    .then(number -> reader.inTime(clock.millis())
                            .then(millis -> Outcome.done(new Point(field.getValue(), dimensions, number, millis)))));
            switch (read) {
                case Outcome.Done<Point>(Point point) -> found.add(new Found(point, field.getKey() + " " + clock));
                case Outcome.Refused<Point>(Refusal refusal) -> refused.add(refusal);
            }
        }
        return new Reading(found, refused);
    }

    private Outcome<List<Dimensions>> sets(JsonNode row, PointReader reader) {
        SortedMap<String, String> values = new TreeMap<>();
        for (String field : dimensions) {
            JsonNode value = row.path(field);
            if (value.isValueNode() && !value.isNull() && PointReader.isName(value.asText(), PointLimits.VALUE)) {
                values.put(field, value.asText());
            }
        }
        return reader.own(Dimensions.of(values))
                .then(set -> Outcome.done(List.copyOf(new LinkedHashSet<>(List.of(Dimensions.NONE, set)))));
    }

    private static @Nullable HybridTimestamp clock(JsonNode clocks, String field) {
        String text = clocks.path(field).asText(clocks.path(WHOLE).asText(""));
        try {
            return HybridTimestamp.parse(text);
        } catch (IllegalArgumentException none) {
            return null;
        }
    }
}
