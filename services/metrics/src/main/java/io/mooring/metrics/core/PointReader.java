package io.mooring.metrics.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the points of one device, of the forms of the device protocol (section 2) and of a batch (docs/metrics.md).
 * Each point stands or falls alone.
 */
public final class PointReader {
    /** What stands for the device in its dimensions. */
    public static final String SELF = "${deviceId}";

    /** The dimension that names a device. */
    public static final String DEVICE = "Device";

    private final String device;
    private final long receivedMillis;
    private final PointLimits limits;

    /**
     * @param device whose points these are
     * @param receivedMillis when they came, in ms since 1970
     */
    public PointReader(String device, long receivedMillis, PointLimits limits) {
        this.device = device;
        this.receivedMillis = receivedMillis;
        this.limits = limits;
    }

    /** {@code {"metric", "value", "dimensions":[{…}], "buffer":{"elapsed"}}}: measured when it came. */
    public Outcome<Point> one(JsonNode json) {
        JsonNode time = json.path("time");
        return metric(json)
                .then(metric -> dimensions(json.path("dimensions"))
                        .then(dimensions -> value(json.path("value"))
                                .then(value -> time(time)
                                        .then(millis -> Outcome.done(new Point(metric, dimensions, value, millis))))));
    }

    /** An entry of a batch: one value, or {@code "points": [[time, value], …]}. */
    public List<Outcome<Point>> entry(JsonNode json) {
        JsonNode points = json.path("points");
        if (!points.isArray()) {
            return List.of(one(json));
        }
        List<Outcome<Point>> read = new ArrayList<>();
        Outcome<String> metric = metric(json);
        Outcome<List<Dimensions>> dimensions = dimensions(json.path("dimensions"));
        for (JsonNode pair : points) {
            read.add(metric.then(name -> dimensions.then(sets -> pair(name, sets, pair))));
        }
        return read;
    }

    private Outcome<Point> pair(String metric, List<Dimensions> dimensions, JsonNode pair) {
        if (!pair.isArray() || pair.size() != 2) {
            return Outcome.refused("bad-point", "each of \"points\" is [time, value]");
        }
        return time(pair.get(0))
                .then(millis ->
                        value(pair.get(1)).then(value -> Outcome.done(new Point(metric, dimensions, value, millis))));
    }

    private static Outcome<String> metric(JsonNode json) {
        String metric = json.path("metric").textValue();
        return isName(metric, PointLimits.NAME)
                ? Outcome.done(metric)
                : Outcome.refused("bad-metric", "\"metric\" is a name of 1 to 255 characters");
    }

    static Outcome<Double> value(JsonNode json) {
        if (!json.isNumber()) {
            return Outcome.refused("bad-value", "\"value\" is a number");
        }
        double value = json.doubleValue();
        return Math.abs(value) <= PointLimits.MAGNITUDE
                ? Outcome.done(value)
                : Outcome.refused("value-out-of-range", "\"value\" is finite and at most 2^360 in magnitude");
    }

    private Outcome<Long> time(JsonNode json) {
        if (json.isMissingNode() || json.isNull()) {
            return Outcome.done(receivedMillis);
        }
        Long millis = millis(json);
        if (millis == null) {
            return Outcome.refused("bad-time", "a time is RFC 3339, or a number of ms since 1970");
        }
        return inTime(millis);
    }

    /** Whether a point of that time, in ms since 1970, may come now. */
    Outcome<Long> inTime(long millis) {
        boolean near = millis >= receivedMillis - limits.past().toMillis()
                && millis <= receivedMillis + limits.future().toMillis();
        return near
                ? Outcome.done(millis)
                : Outcome.refused(
                        "time-out-of-range",
                        "a point is at most " + limits.past().toHours() + " h old when it comes, and at most "
                                + limits.future().toHours() + " h ahead");
    }

    private static @Nullable Long millis(JsonNode json) {
        if (json.isNumber()) {
            double millis = json.doubleValue();
            return Math.abs(millis) < Long.MAX_VALUE / 4.0 ? (Long) (long) millis : null;
        }
        try {
            return json.isTextual()
                    ? (Long) OffsetDateTime.parse(json.textValue()).toInstant().toEpochMilli()
                    : null;
        } catch (DateTimeException | ArithmeticException none) {
            return null;
        }
    }

    /**
     * Dimensions as series have them: a device's own name is not among them, since every point counts for its device anyhow. So
     * {@code {"Device":"${deviceId}"}} and {@code {}} are the same, and a point that lists both counts once.
     */
    private Outcome<List<Dimensions>> dimensions(JsonNode json) {
        if (json.isMissingNode() || json.isNull() || (json.isArray() && json.isEmpty())) {
            return Outcome.done(List.of(Dimensions.NONE));
        }
        if (json.isObject()) {
            return set(json).then(one -> Outcome.done(List.of(one)));
        }
        if (!json.isArray() || json.size() > limits.sets()) {
            return Outcome.refused("bad-dimensions", "\"dimensions\" is a list of at most " + limits.sets() + " sets");
        }
        Set<Dimensions> sets = new LinkedHashSet<>();
        for (JsonNode each : json) {
            switch (set(each)) {
                case Outcome.Done<Dimensions>(Dimensions set) -> sets.add(set);
                case Outcome.Refused<Dimensions>(Refusal refusal) -> {
                    return new Outcome.Refused<>(refusal);
                }
            }
        }
        return Outcome.done(List.copyOf(sets));
    }

    private Outcome<Dimensions> set(JsonNode json) {
        return read(json, device, limits.dimensions()).then(this::own);
    }

    /** A set of dimensions as a series of the device has it. */
    Outcome<Dimensions> own(Dimensions set) {
        String named = set.values().get(DEVICE);
        if (named != null && !named.equals(device)) {
            return Outcome.refused("another-device", "a device tells its own metrics and no other's");
        }
        return set.text().getBytes(StandardCharsets.UTF_8).length <= PointLimits.SET_BYTES
                ? Outcome.done(set.without(DEVICE))
                : Outcome.refused(
                        "bad-dimensions",
                        "a set of dimensions has at most " + PointLimits.SET_BYTES
                                + " bytes, names and values together");
    }

    /** When the points came, in ms since 1970. */
    long receivedMillis() {
        return receivedMillis;
    }

    /**
     * One set of dimensions as it stands.
     *
     * @param device what {@link #SELF} stands for
     */
    static Outcome<Dimensions> read(JsonNode json, String device, int most) {
        if (!json.isObject() || json.size() > most) {
            return Outcome.refused("bad-dimensions", "a set of dimensions is an object of at most " + most + " names");
        }
        SortedMap<String, String> values = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            JsonNode node = entry.getValue();
            String value = node.isTextual() ? node.textValue().replace(SELF, device) : scalar(node);
            if (!isName(entry.getKey(), PointLimits.NAME) || !isName(value, PointLimits.VALUE)) {
                return Outcome.refused(
                        "bad-dimensions",
                        "a dimension's name has 1 to 255 characters, its value 1 to 1,024, and none is a control character");
            }
            values.put(entry.getKey(), value);
        }
        return Outcome.done(Dimensions.of(values));
    }

    private static @Nullable String scalar(JsonNode node) {
        return node.isNumber() || node.isBoolean() ? node.asText() : null;
    }

    /** Whether a text can name something: within its length, with no control characters and no half characters. */
    static boolean isName(@Nullable String text, int longest) {
        if (text == null || text.isEmpty() || text.length() > longest) {
            return false;
        }
        return text.codePoints().noneMatch(c -> Character.isISOControl(c) || (c >= 0xD800 && c <= 0xDFFF));
    }
}
