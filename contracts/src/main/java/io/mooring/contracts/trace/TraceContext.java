package io.mooring.contracts.trace;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A place in a trace, as {@code traceparent} says it (W3C Trace Context, section 3.2): in MQTT 5 a user property of that
 * name, in Kafka the header {@link io.mooring.contracts.kafka.EventHeaders#TRACE_PARENT}, in PostgreSQL a transactional
 * logical message with that prefix.
 *
 * @param traceId 32 lower-case hex digits, not all zero (section 3.2.2.3)
 * @param parentId 16 lower-case hex digits, not all zero: the step that said so (section 3.2.2.4)
 * @param sampled whether that step was recorded, so that those that follow are to be, too (section 3.2.2.5.1)
 */
public record TraceContext(String traceId, String parentId, boolean sampled) {
    /** The name of the user property and of the logical message. */
    public static final String TRACE_PARENT = "traceparent";

    private static final int VERSION_END = 2;
    private static final int TRACE_ID_END = 35;
    private static final int PARENT_ID_END = 52;
    private static final int LENGTH = 55;
    private static final int SAMPLED = 1;

    public TraceContext {
        if (!isId(traceId, 0, traceId.length(), 32) || !isId(parentId, 0, parentId.length(), 16)) {
            throw new IllegalArgumentException("not of a trace: " + traceId + ", " + parentId);
        }
    }

    /**
     * Reads one. Of a version that is not known yet, what version 00 knows is read (section 4.3).
     *
     * @return empty if it is none: whoever gets it goes on as if there were none
     */
    public static Optional<TraceContext> parse(@Nullable String text) {
        if (text == null || text.length() < LENGTH || !isHex(text, 0, VERSION_END) || text.startsWith("ff")) {
            return Optional.empty();
        }
        boolean ends = text.length() == LENGTH || !text.startsWith("00") && text.charAt(LENGTH) == '-';
        boolean whole = ends
                && text.charAt(VERSION_END) == '-'
                && isId(text, VERSION_END + 1, TRACE_ID_END, 32)
                && text.charAt(TRACE_ID_END) == '-'
                && isId(text, TRACE_ID_END + 1, PARENT_ID_END, 16)
                && text.charAt(PARENT_ID_END) == '-'
                && isHex(text, PARENT_ID_END + 1, LENGTH);
        if (!whole) {
            return Optional.empty();
        }
        int flags = Integer.parseInt(text, PARENT_ID_END + 1, LENGTH, 16);
        return Optional.of(new TraceContext(
                text.substring(VERSION_END + 1, TRACE_ID_END),
                text.substring(TRACE_ID_END + 1, PARENT_ID_END),
                (flags & SAMPLED) != 0));
    }

    /** As version 00 says it; flags of other meanings are left out, as whoever does not know them must (section 3.2.2.5). */
    @Override
    public String toString() {
        return "00-" + traceId + "-" + parentId + (sampled ? "-01" : "-00");
    }

    private static boolean isId(String text, int from, int to, int length) {
        if (to - from != length || !isHex(text, from, to)) {
            return false;
        }
        for (int i = from; i < to; i++) {
            if (text.charAt(i) != '0') {
                return true;
            }
        }
        return false;
    }

    private static boolean isHex(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char digit = text.charAt(i);
            if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) {
                return false;
            }
        }
        return true;
    }
}
