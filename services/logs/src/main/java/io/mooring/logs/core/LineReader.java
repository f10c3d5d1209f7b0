package io.mooring.logs.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads lines that came at some time.
 *
 * @param nowMillis when they came
 */
public record LineReader(long nowMillis, LineLimits limits) {
    /** Before this no device logged anything: its clock was not set (2001-09-09). */
    private static final long CLOCK_UNSET = 1_000_000_000_000L;

    /**
     * An entry of a batch: {@code {"time", "level", "text", "source", "fields"}}, or {@code [time, level, text]}.
     *
     * @param source of lines that name none
     */
    public Outcome<Line> entry(JsonNode entry, String source) {
        boolean list = entry.isArray();
        JsonNode time = list ? entry.path(0) : entry.path("time");
        JsonNode level = list ? entry.path(1) : entry.path("level");
        JsonNode text = list ? entry.path(2) : entry.path("text");
        String from = list ? source : entry.path("source").asText(source);
        if (!list && !entry.isObject() || !text.isTextual()) {
            return Outcome.refused("bad-line", "a line is {\"time\", \"level\", \"text\"} or [time, level, text]");
        }
        if (from.length() > LineLimits.SOURCE || !Texts.isText(from)) {
            return Outcome.refused("bad-source", "\"source\" has at most " + LineLimits.SOURCE + " characters");
        }
        Optional<Level> graveness = level.isMissingNode() || level.isNull()
                ? Optional.of(Level.in(text.textValue()))
                : Level.of(level.asText());
        if (graveness.isEmpty()) {
            return Outcome.refused("bad-level", "\"level\" is trace, debug, info, warn, error or fatal");
        }
        return millis(time)
                .then(millis -> text(text.textValue())
                        .then(words -> fields(entry.path("fields"))
                                .then(fields -> Outcome.done(
                                        new Line(millis, graveness.get(), from, words, fields.orElse(null))))));
    }

    /** A text that a line may have. */
    public Outcome<String> text(String text) {
        if (!Texts.isText(text)) {
            return Outcome.refused("not-text", "a line is text in UTF-8, without NUL");
        }
        return Texts.bytes(text) <= limits.textBytes()
                ? Outcome.done(text)
                : Outcome.refused("line-too-long", "a line has at most " + limits.textBytes() + " bytes");
    }

    /** A time that a line may have. */
    public Outcome<Long> millis(JsonNode time) {
        if (time.isMissingNode() || time.isNull()) {
            return Outcome.done(nowMillis);
        }
        Long millis = parsed(time);
        if (millis == null) {
            return Outcome.refused("bad-time", "\"time\" is RFC 3339 or milliseconds since 1970");
        }
        return isInTime(millis)
                ? Outcome.done(millis)
                : Outcome.refused(
                        "time-out-of-range",
                        "a line is at most " + limits.past().toDays() + " days old and "
                                + limits.future().toMinutes() + " minutes ahead");
    }

    /** Whether a line of that time is taken now. */
    public boolean isInTime(long millis) {
        return millis >= nowMillis - limits.past().toMillis()
                && millis <= nowMillis + limits.future().toMillis();
    }

    private static @Nullable Long parsed(JsonNode time) {
        if (time.isIntegralNumber() && time.canConvertToLong()) {
            return time.longValue();
        }
        try {
            return time.isTextual()
                    ? OffsetDateTime.parse(time.textValue()).toInstant().toEpochMilli()
                    : null;
        } catch (DateTimeException | ArithmeticException none) {
            return null;
        }
    }

    private Outcome<Optional<String>> fields(JsonNode fields) {
        if (fields.isMissingNode() || fields.isNull()) {
            return Outcome.done(Optional.empty());
        }
        String json = fields.toString();
        if (!fields.isObject() || Texts.bytes(json) > limits.fieldsBytes() || json.contains("\\u0000")) {
            return Outcome.refused(
                    "bad-fields", "\"fields\" is an object of at most " + limits.fieldsBytes() + " bytes");
        }
        return Outcome.done(Optional.of(json));
    }

    /**
     * A row of the model {@code Log} (device protocol, section 3.1). Nobody waits to hear what is wrong with it, so it is kept as
     * well as it can be: cut where it is too long, and with the time at which it came if the device's clock was not set.
     */
    public Outcome<Line> row(JsonNode row) {
        JsonNode message = row.path("message");
        if (message.isMissingNode() || message.isNull()) {
            return Outcome.refused("bad-line", "the row has no message");
        }
        String text = Texts.cut(
                Texts.cleaned(message.isTextual() ? message.textValue() : message.toString()), limits.textBytes());
        JsonNode context = row.path("context");
        long millis = time(row, "created").or(() -> time(row, "updated")).orElse(nowMillis);
        if (millis < nowMillis - limits.past().toMillis()) {
            return Outcome.refused("time-out-of-range", "the row is older than what is taken");
        }
        String source = context.path("source").isTextual()
                ? context.path("source").textValue()
                : context.isTextual() ? context.textValue() : "";
        return Outcome.done(new Line(
                millis,
                Level.of(context.path("level").asText("")).orElseGet(() -> Level.in(text)),
                Texts.cleaned(source.substring(0, Math.min(source.length(), LineLimits.SOURCE))),
                text,
                fields(context) instanceof Outcome.Done<Optional<String>>(Optional<String> json)
                        ? json.orElse(null)
                        : null));
    }

    /** A time that a clock that was set can have said, not far ahead. */
    private Optional<Long> time(JsonNode row, String field) {
        Long millis = parsed(row.path(field));
        boolean sane = millis != null
                && millis > CLOCK_UNSET
                && millis
                        <= Instant.ofEpochMilli(nowMillis).plus(limits.future()).toEpochMilli();
        return Optional.ofNullable(sane ? millis : null);
    }
}
