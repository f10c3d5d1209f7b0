package io.mooring.sync.core;

/**
 * A place in a {@link CatchUpPlan}: all before it was sent.
 *
 * @param stage which of its stages, from 0
 * @param owner of the last row, where rows of several owners are read; else empty
 * @param after its sort key, or the number of the next change
 */
public record CatchUpCursor(int stage, String owner, String after) {
    /** The beginning of a plan. */
    public static final CatchUpCursor START = stage(0);

    private static final char SEPARATOR = '|';

    /** The beginning of a stage. */
    public static CatchUpCursor stage(int stage) {
        return new CatchUpCursor(stage, "", "");
    }

    /** Further on in the same stage. */
    public CatchUpCursor at(String lastOwner, String last) {
        return new CatchUpCursor(stage, lastOwner, last);
    }

    /** Reads the text form; the owner's id cannot hold what parts it from the rest. */
    public static CatchUpCursor parse(String text) {
        int first = text.indexOf(SEPARATOR);
        int second = text.indexOf(SEPARATOR, first + 1);
        if (first < 0 || second < 0) {
            throw new IllegalArgumentException("no cursor: " + text);
        }
        return new CatchUpCursor(
                Integer.parseInt(text.substring(0, first)),
                text.substring(first + 1, second),
                text.substring(second + 1));
    }

    @Override
    public String toString() {
        return "" + stage + SEPARATOR + owner + SEPARATOR + after;
    }
}
