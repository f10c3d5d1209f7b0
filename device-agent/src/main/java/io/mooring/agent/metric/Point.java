package io.mooring.agent.metric;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A value that was measured, within the limits of the cloud (docs/metrics.md, "What is refused"), which are those of CloudWatch.
 *
 * @param series which metric, and in which series of it the point counts
 * @param millis when it was measured, since 1970
 */
public record Point(Series series, double value, long millis) {
    /** The longest name of a metric or a dimension, in characters. */
    static final int LONGEST_NAME = 255;

    /** The longest value of a dimension, in characters. */
    static final int LONGEST_VALUE = 1_024;

    /** Names in one set of dimensions. */
    static final int MOST_NAMES = 10;

    /** Sets of dimensions of one point. */
    static final int MOST_SETS = 10;

    /** How long a set may be, names and values in UTF-8 with a byte between each two. */
    static final int MOST_SET_BYTES = 1_500;

    /** The largest magnitude of a value. */
    static final double MAGNITUDE = 0x1p360;

    /** What stands for the device itself in its dimensions (device protocol, section 2). */
    public static final String SELF = "${deviceId}";

    private static final String DEVICE = "Device";

    /**
     * A metric, and in which of its series a point counts: that of each set of dimensions.
     *
     * @param dimensions without any: that of the metric as a whole
     */
    public record Series(String metric, List<SortedMap<String, String>> dimensions) {
        /**
         * Checks it.
         *
         * @param device the id of the device that measures; a device tells nothing in the name of another
         * @throws IllegalArgumentException if the cloud would refuse it; the message says what is wrong
         */
        public static Series of(String metric, List<? extends Map<String, String>> dimensions, String device) {
            if (!isName(metric, LONGEST_NAME)) {
                throw new IllegalArgumentException(
                        "a metric's name has 1 to " + LONGEST_NAME + " characters, none a control character");
            }
            if (dimensions.size() > MOST_SETS) {
                throw new IllegalArgumentException(
                        metric + ": a point has at most " + MOST_SETS + " sets of dimensions");
            }
            return new Series(
                    metric,
                    dimensions.stream().map(set -> checked(metric, set, device)).toList());
        }

        private static SortedMap<String, String> checked(String metric, Map<String, String> set, String device) {
            if (set.size() > MOST_NAMES) {
                throw new IllegalArgumentException(
                        metric + ": at most " + MOST_NAMES + " dimensions tell series apart");
            }
            int bytes = Math.max(0, set.size() - 1);
            for (Map.Entry<String, String> entry : set.entrySet()) {
                String value = entry.getValue();
                if (!isName(entry.getKey(), LONGEST_NAME) || !isName(value, LONGEST_VALUE)) {
                    throw new IllegalArgumentException(metric + ": a dimension's name has 1 to " + LONGEST_NAME
                            + " characters, its value 1 to " + LONGEST_VALUE + ", and none is a control character: "
                            + entry.getKey());
                }
                String meant = value.replace(SELF, device);
                if (entry.getKey().equals(DEVICE) && !meant.equals(device)) {
                    throw new IllegalArgumentException(metric + ": the dimension Device is the device itself, " + SELF);
                }
                bytes += utf8(entry.getKey()) + 1 + utf8(meant);
            }
            if (bytes > MOST_SET_BYTES) {
                throw new IllegalArgumentException(metric + ": a set of dimensions has at most " + MOST_SET_BYTES
                        + " bytes, names and values together, not " + bytes);
            }
            return Collections.unmodifiableSortedMap(new TreeMap<>(set));
        }

        /** A point of this series. */
        public Point at(double value, Instant time) {
            if (!(Math.abs(value) <= MAGNITUDE)) {
                throw new IllegalArgumentException(
                        metric + ": a value is finite and at most 2^360 in magnitude, not " + value);
            }
            try {
                return new Point(this, value, time.toEpochMilli());
            } catch (ArithmeticException far) {
                throw new IllegalArgumentException(metric + ": no clock shows " + time, far);
            }
        }

        /** About how many bytes it takes where it is sent. */
        int size() {
            int size = utf8(metric);
            for (SortedMap<String, String> set : dimensions) {
                for (Map.Entry<String, String> entry : set.entrySet()) {
                    size += utf8(entry.getKey()) + utf8(entry.getValue());
                }
            }
            return size;
        }
    }

    private static int utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** Whether a text can name something: within its length, with no control characters and no half characters. */
    private static boolean isName(@Nullable String text, int longest) {
        return text != null
                && !text.isEmpty()
                && text.length() <= longest
                && text.codePoints().noneMatch(c -> Character.isISOControl(c) || (c >= 0xD800 && c <= 0xDFFF));
    }
}
