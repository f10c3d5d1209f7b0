package io.mooring.logs.http;

import io.mooring.logs.core.Cursor;
import io.mooring.logs.core.Level;
import io.mooring.logs.core.Outcome;
import io.mooring.logs.core.Question;
import io.mooring.logs.core.Reach;
import io.mooring.logs.core.Texts;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the parameters of a search. */
final class QueryReader {
    private static final int LONGEST = 256;

    /** Parameters as they came. */
    record Words(
            String cloud,
            @Nullable String device,
            @Nullable String product,
            @Nullable String source,
            @Nullable String from,
            @Nullable String to,
            @Nullable String level,
            List<String> texts) {}

    private QueryReader() {}

    /** What is asked for. */
    static Outcome<Question> question(Words words, Reach reach) {
        for (String text : words.texts()) {
            if (text.length() > LONGEST || !Texts.isText(text)) {
                return Outcome.refused("bad-request", "\"text\" has at most " + LONGEST + " characters.");
            }
            if (text.length() < Question.SHORTEST) {
                return Outcome.refused("bad-request", "\"text\" has at least " + Question.SHORTEST + " characters.");
            }
        }
        if (words.texts().size() > Question.MOST_TEXTS) {
            return Outcome.refused("bad-request", "At most " + Question.MOST_TEXTS + " times \"text\".");
        }
        for (String name : new @Nullable String[] {words.cloud(), words.device(), words.product(), words.source()}) {
            if (name != null && !Texts.isText(name)) {
                return Outcome.refused("bad-request", "A name is no text.");
            }
        }
        Optional<Level> least = words.level() == null ? Optional.of(Level.TRACE) : Level.of(words.level());
        if (least.isEmpty()) {
            return Outcome.refused("bad-request", "\"level\" is trace, debug, info, warn, error or fatal.");
        }
        return time("from", words.from(), 0)
                .then(from -> time("to", words.to(), Long.MAX_VALUE)
                        .then(to -> Outcome.done(new Question(
                                words.cloud(),
                                words.device(),
                                words.product(),
                                reach,
                                from,
                                to,
                                least.get(),
                                words.source(),
                                words.texts()))));
    }

    private static Outcome<Long> time(String name, @Nullable String text, long absent) {
        try {
            return Outcome.done(
                    text == null
                            ? absent
                            : OffsetDateTime.parse(text).toInstant().toEpochMilli());
        } catch (DateTimeException | ArithmeticException none) {
            return Outcome.refused("bad-request", "\"" + name + "\" is a time (RFC 3339).");
        }
    }

    static Outcome<Boolean> oldestFirst(@Nullable String order) {
        if (order == null || order.equals("newest")) {
            return Outcome.done(false);
        }
        return order.equals("oldest")
                ? Outcome.done(true)
                : Outcome.refused("bad-request", "\"order\" is newest or oldest.");
    }

    /** Where the page before ended. */
    static Outcome<Optional<Cursor>> cursor(@Nullable String after) {
        if (after == null || after.isEmpty()) {
            return Outcome.done(Optional.empty());
        }
        Optional<Cursor> cursor = Cursor.of(after);
        return cursor.isPresent()
                ? Outcome.done(cursor)
                : Outcome.refused("bad-request", "\"after\" is \"next\" of the page before.");
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
}
