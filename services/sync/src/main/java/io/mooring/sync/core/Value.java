package io.mooring.sync.core;

import java.util.Comparator;

/**
 * A field's value in one canonical form: equal values are {@code equals}, whichever way they came.
 *
 * @param kind what JSON calls it
 * @param text a text's characters; for all others canonical JSON: keys of objects sorted, numbers
 *     without superfluous digits
 */
public record Value(Kind kind, String text) implements Comparable<Value> {
    /** What JSON calls a value. Null is the absence of one. */
    public enum Kind {
        BOOLEAN,
        NUMBER,
        TEXT,
        ARRAY,
        OBJECT
    }

    /** Settles equal clocks, the same everywhere; it means nothing else. */
    public static final Comparator<Value> ORDER = Comparator.naturalOrder();

    private static final Comparator<Value> BY_KIND_AND_TEXT =
            Comparator.comparing(Value::kind).thenComparing(Value::text);

    public static Value text(String text) {
        return new Value(Kind.TEXT, text);
    }

    /** As JSON. */
    public String json() {
        if (kind != Kind.TEXT) {
            return text;
        }
        StringBuilder json = new StringBuilder(text.length() + 2);
        JsonText.quote(json, text);
        return json.toString();
    }

    /** How much it holds, in characters. */
    public int size() {
        return text.length();
    }

    @Override
    public int compareTo(Value other) {
        return BY_KIND_AND_TEXT.compare(this, other);
    }
}
