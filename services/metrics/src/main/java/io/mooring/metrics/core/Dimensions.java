package io.mooring.metrics.core;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What tells one series of a metric from another: names and values, in the order of the names. Two are the same if all
 * of it is the same.
 */
public record Dimensions(SortedMap<String, String> values) {
    /** No dimensions: the metric as a whole. */
    public static final Dimensions NONE = new Dimensions(new TreeMap<>());

    private static final char PAIR = '\u001f';
    private static final char BETWEEN = '\u001e';

    public Dimensions {
        values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
    }

    public static Dimensions of(Map<String, String> values) {
        return values.isEmpty() ? NONE : new Dimensions(new TreeMap<>(values));
    }

    /** These without one. */
    public Dimensions without(String name) {
        if (!values.containsKey(name)) {
            return this;
        }
        SortedMap<String, String> rest = new TreeMap<>(values);
        rest.remove(name);
        return of(rest);
    }

    /**
     * One text for it, equal if and only if the dimensions are: names and values hold no control characters, so these
     * can part them.
     */
    public String text() {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + PAIR + entry.getValue())
                .collect(Collectors.joining(String.valueOf(BETWEEN)));
    }

    /** What {@link #text} gave, read back. */
    public static Dimensions parse(String text) {
        if (text.isEmpty()) {
            return NONE;
        }
        SortedMap<String, String> values = new TreeMap<>();
        int at = 0;
        while (at <= text.length()) {
            int end = text.indexOf(BETWEEN, at);
            int stop = end < 0 ? text.length() : end;
            int middle = text.indexOf(PAIR, at);
            values.put(text.substring(at, middle), text.substring(middle + 1, stop));
            at = stop + 1;
        }
        return new Dimensions(values);
    }
}
