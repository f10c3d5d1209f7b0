package io.mooring.contracts.clock;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One instant of a hybrid logical clock: wall time, a counter for what happens within one
 * millisecond, and who wrote. Timestamps are totally ordered, and their text form sorts as they do.
 *
 * <p>Text form (device protocol, section 3): {@code 2026-11-23T01:42:37.297Z-0000-ABCDEF1234}, that
 * is ISO 8601 UTC with milliseconds, the counter as four lower-case hex digits, the writer's id.
 *
 * @param millis wall time, ms since 1970, within years 0000 to 9999
 * @param counter 0 to 65,535
 * @param writer the writer's id: a device id, or {@link #CLOUD}
 */
public record HybridTimestamp(long millis, int counter, String writer) implements Comparable<HybridTimestamp> {
    /** The writer's id of everybody who writes in the cloud database by SQL. */
    public static final String CLOUD = "cloud";

    public static final int MAX_COUNTER = 0xffff;

    /** How far ahead of its arrival in the cloud a device's clock is believed, ms (docs/sync.md, "The rule"). */
    public static final long BELIEVED_AHEAD_MILLIS = 5 * 60 * 1000L;

    private static final long MIN_MILLIS = Instant.parse("0000-01-01T00:00:00Z").toEpochMilli();
    private static final long MAX_MILLIS =
            Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();
    private static final DateTimeFormatter OTHER_YEARS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final String ISO_FORM = "dddd-dd-ddTdd:dd:dd.dddZ";
    private static final String TIME_WANTED = "a clock starts with a time like 2026-11-23T01:42:37.297Z";
    private static final int ISO_LENGTH = ISO_FORM.length();
    private static final int WRITER_AT = ISO_LENGTH + 6;
    private static final int MAX_WRITER = 64;
    private static final long MILLIS_PER_DAY = 86_400_000L;
    private static final int MILLIS_PER_HOUR = 3_600_000;
    private static final int MILLIS_PER_MINUTE = 60_000;
    private static final int MILLIS_PER_SECOND = 1000;

    public HybridTimestamp {
        Objects.requireNonNull(writer, "writer");
        if (millis < MIN_MILLIS || millis > MAX_MILLIS) {
            throw new IllegalArgumentException("time outside years 0000 to 9999: " + millis + " ms");
        }
        if (counter < 0 || counter > MAX_COUNTER) {
            throw new IllegalArgumentException("counter outside 0 to 65535: " + counter);
        }
        if (!isWriter(writer)) {
            throw new IllegalArgumentException("writer must be 1 to 64 of A-Z a-z 0-9 _ . -");
        }
    }

    /**
     * Reads the text form.
     *
     * @throws IllegalArgumentException if the text is not of that form
     */
    public static HybridTimestamp parse(String text) {
        if (text.length() <= WRITER_AT || text.charAt(ISO_LENGTH) != '-' || text.charAt(WRITER_AT - 1) != '-') {
            throw new IllegalArgumentException("not a clock of the form 2026-11-23T01:42:37.297Z-0000-WRITER");
        }
        int counter = 0;
        for (int i = ISO_LENGTH + 1; i < WRITER_AT - 1; i++) {
            char c = text.charAt(i);
            int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
            if (digit < 0) {
                throw new IllegalArgumentException("a clock's counter is four lower-case hex digits");
            }
            counter = counter << 4 | digit;
        }
        return new HybridTimestamp(parseMillis(text), counter, text.substring(WRITER_AT));
    }

    // By hand, both ways, since every field of every row passes here: a formatter takes ten times as long.
    private static long parseMillis(String text) {
        for (int i = 0; i < ISO_LENGTH; i++) {
            char form = ISO_FORM.charAt(i);
            char c = text.charAt(i);
            if (form == 'd' ? c < '0' || c > '9' : c != form) {
                throw new IllegalArgumentException(TIME_WANTED);
            }
        }
        int hour = number(text, 11, 13);
        int minute = number(text, 14, 16);
        int second = number(text, 17, 19);
        if (hour > 23 || minute > 59 || second > 59) {
            throw new IllegalArgumentException(TIME_WANTED);
        }
        try {
            long day = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10))
                    .toEpochDay();
            return day * MILLIS_PER_DAY
                    + hour * MILLIS_PER_HOUR
                    + minute * MILLIS_PER_MINUTE
                    + second * MILLIS_PER_SECOND
                    + number(text, 20, 23);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(TIME_WANTED, e);
        }
    }

    private static int number(String text, int from, int to) {
        int number = 0;
        for (int i = from; i < to; i++) {
            number = number * 10 + text.charAt(i) - '0';
        }
        return number;
    }

    private static boolean isWriter(String writer) {
        for (int i = 0; i < writer.length(); i++) {
            char c = writer.charAt(i);
            boolean letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
            if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '.' && c != '-') {
                return false;
            }
        }
        return !writer.isEmpty() && writer.length() <= MAX_WRITER;
    }

    /** The wall time alone, as the protocol writes it: {@code 2026-11-23T01:42:37.297Z}. */
    public String isoMillis() {
        return formatMillis(millis);
    }

    /** Milliseconds since 1970 as the protocol writes a time: {@code 2026-11-23T01:42:37.297Z}. */
    public static String formatMillis(long epochMillis) {
        if (epochMillis < MIN_MILLIS || epochMillis > MAX_MILLIS) {
            return OTHER_YEARS.format(Instant.ofEpochMilli(epochMillis));
        }
        StringBuilder text = new StringBuilder(ISO_LENGTH);
        appendMillis(text, epochMillis);
        return text.toString();
    }

    private static void appendMillis(StringBuilder text, long epochMillis) {
        LocalDate day = LocalDate.ofEpochDay(Math.floorDiv(epochMillis, MILLIS_PER_DAY));
        int rest = (int) Math.floorMod(epochMillis, MILLIS_PER_DAY);
        digits(text, day.getYear(), 4).append('-');
        digits(text, day.getMonthValue(), 2).append('-');
        digits(text, day.getDayOfMonth(), 2).append('T');
        digits(text, rest / MILLIS_PER_HOUR, 2).append(':');
        digits(text, rest / MILLIS_PER_MINUTE % 60, 2).append(':');
        digits(text, rest / MILLIS_PER_SECOND % 60, 2).append('.');
        digits(text, rest % MILLIS_PER_SECOND, 3).append('Z');
    }

    private static StringBuilder digits(StringBuilder text, int number, int width) {
        for (int unit = width == 4 ? 1000 : width == 3 ? 100 : 10; unit > 0; unit /= 10) {
            text.append((char) ('0' + number / unit % 10));
        }
        return text;
    }

    /** The later of two; either may be null, meaning never. */
    public static @Nullable HybridTimestamp max(@Nullable HybridTimestamp a, @Nullable HybridTimestamp b) {
        if (a == null) {
            return b;
        }
        return b == null || a.compareTo(b) >= 0 ? a : b;
    }

    /** Whether it does not lie too far ahead of when it arrived in the cloud, ms since 1970. */
    public boolean isBelieved(long receivedMillis) {
        return millis <= receivedMillis + BELIEVED_AHEAD_MILLIS;
    }

    /** The first moment after this one, as a writer's own. */
    public HybridTimestamp next(String by) {
        return counter < MAX_COUNTER
                ? new HybridTimestamp(millis, counter + 1, by)
                : new HybridTimestamp(millis + 1, 0, by);
    }

    @Override
    public int compareTo(HybridTimestamp other) {
        int byMillis = Long.compare(millis, other.millis);
        if (byMillis != 0) {
            return byMillis;
        }
        int byCounter = Integer.compare(counter, other.counter);
        return byCounter != 0 ? byCounter : writer.compareTo(other.writer);
    }

    /** The text form, see the class. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(WRITER_AT + writer.length());
        appendMillis(text, millis);
        text.append('-');
        for (int shift = 12; shift >= 0; shift -= 4) {
            text.append(Character.forDigit(counter >> shift & 0xf, 16));
        }
        return text.append('-').append(writer).toString();
    }
}
