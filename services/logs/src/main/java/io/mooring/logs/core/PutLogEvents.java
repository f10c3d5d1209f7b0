package io.mooring.logs.core;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The lines of a request {@code PutLogEvents}, within the bounds that CloudWatch Logs documents (API reference, PutLogEvents).
 *
 * @param tooOldEnd how many of the first are too old; null if none is
 * @param tooNewStart from which on they are too far ahead; null if none is
 */
public record PutLogEvents(
        List<Line> lines,
        @Nullable Integer tooOldEnd,
        @Nullable Integer tooNewStart) {
    private static final int MOST_EVENTS = 10_000;
    private static final int MOST_BYTES = 1_048_576;
    private static final int BYTES_OF_EVENT = 26;
    private static final long LONGEST_SPAN = Duration.ofHours(24).toMillis();

    /** Reads them. */
    public static Outcome<PutLogEvents> read(JsonNode events, String source, LineReader reader) {
        if (!events.isArray() || events.isEmpty() || events.size() > MOST_EVENTS) {
            return invalid("logEvents are a list of 1 to " + MOST_EVENTS);
        }
        List<Line> lines = new ArrayList<>(events.size());
        Integer tooOldEnd = null;
        Integer tooNewStart = null;
        long bytes = 0;
        long last = Long.MIN_VALUE;
        for (int i = 0; i < events.size(); i++) {
            JsonNode message = events.get(i).path("message");
            JsonNode timestamp = events.get(i).path("timestamp");
            if (!message.isTextual() || message.textValue().isEmpty() || !timestamp.isIntegralNumber()) {
                return invalid("each of logEvents has a message and a timestamp in milliseconds");
            }
            if (!Texts.isText(message.textValue())) {
                return invalid("a message is text in UTF-8, without NUL");
            }
            long millis = timestamp.longValue();
            if (millis < last) {
                return invalid("Log events in a single PutLogEvents request must be in chronological order.");
            }
            last = millis;
            bytes += Texts.bytes(message.textValue()) + (long) BYTES_OF_EVENT;
            if (!reader.isInTime(millis)) {
                if (millis > reader.nowMillis()) {
                    tooNewStart = tooNewStart == null ? Integer.valueOf(i) : tooNewStart;
                } else {
                    tooOldEnd = i + 1;
                }
                continue;
            }
            String text = Texts.cut(message.textValue(), reader.limits().textBytes());
            lines.add(new Line(millis, Level.in(text), source, text, null));
        }
        if (bytes > MOST_BYTES) {
            return invalid("Upload too large: " + bytes + " bytes exceeds limit of " + MOST_BYTES);
        }
        // Those that are refused for their time count no more.
        if (!lines.isEmpty() && lines.getLast().millis() - lines.getFirst().millis() > LONGEST_SPAN) {
            return invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
        }
        return Outcome.done(new PutLogEvents(lines, tooOldEnd, tooNewStart));
    }

    private static Outcome<PutLogEvents> invalid(String detail) {
        return Outcome.refused("InvalidParameterException", detail);
    }
}
