package io.mooring.logs.core;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A part of the time that somebody asks about. There is a table for each day, and each that a question names costs
 * something, whether it has lines for it or not; but who asks wants a page, and that is mostly in the first of them.
 *
 * @param from the earliest time, in ms since 1970
 * @param to the time before which
 */
public record Span(long from, long to) {
    /** How long they are, in ms, one after the other; the next is all the rest. */
    private static final List<Long> LENGTHS = List.of(
            Duration.ofDays(1).toMillis(),
            Duration.ofDays(8).toMillis(),
            Duration.ofDays(64).toMillis());

    /**
     * The parts of the time of a question, in the order in which lines are wanted.
     *
     * @param after where the page before ended
     * @param now in ms since 1970: the newest lines are sought from here, and what lies in the future belongs to the first part
     */
    public static List<Span> of(Question question, boolean oldestFirst, Optional<Cursor> after, long now) {
        List<Span> spans = new ArrayList<>();
        long from = question.from();
        long to = question.to();
        if (oldestFirst) {
            from = Math.max(from, after.map(Cursor::millis).orElse(from));
            for (long length : LENGTHS) {
                long end = Math.min(from + length, to);
                if (from < end) {
                    spans.add(new Span(from, end));
                    from = end;
                }
            }
        } else {
            to = Math.min(to, after.map(cursor -> cursor.millis() + 1).orElse(to));
            for (long length : LENGTHS) {
                long start = Math.max(from, Math.min(to, now) - length);
                if (start < to) {
                    spans.add(new Span(start, to));
                    to = start;
                }
            }
        }
        if (from < to) {
            spans.add(new Span(from, to));
        }
        return spans;
    }
}
