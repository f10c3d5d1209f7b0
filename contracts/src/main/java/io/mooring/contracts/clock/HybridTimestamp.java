package io.mooring.contracts.clock;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
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

    private static final long MIN_MILLIS = Instant.parse("0000-01-01T00:00:00Z").toEpochMilli();
    private static final long MAX_MILLIS =
            Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();
    private static final DateTimeFormatter ISO_MILLIS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final Pattern WRITER = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
    private static final int ISO_LENGTH = 24;
    private static final int WRITER_AT = ISO_LENGTH + 6;

    public HybridTimestamp {
        Objects.requireNonNull(writer, "writer");
        if (millis < MIN_MILLIS || millis > MAX_MILLIS) {
            throw new IllegalArgumentException("time outside years 0000 to 9999: " + millis + " ms");
        }
        if (counter < 0 || counter > MAX_COUNTER) {
            throw new IllegalArgumentException("counter outside 0 to 65535: " + counter);
        }
        if (!WRITER.matcher(writer).matches()) {
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
        try {
            long millis = ISO_MILLIS
                    .parse(text.substring(0, ISO_LENGTH), Instant::from)
                    .toEpochMilli();
            String counter = text.substring(ISO_LENGTH + 1, WRITER_AT - 1);
            if (!counter.matches("[0-9a-f]{4}")) {
                throw new IllegalArgumentException("a clock's counter is four lower-case hex digits");
            }
            return new HybridTimestamp(millis, Integer.parseInt(counter, 16), text.substring(WRITER_AT));
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("a clock starts with a time like 2026-11-23T01:42:37.297Z", e);
        }
    }

    /** The wall time alone, as the protocol writes it: {@code 2026-11-23T01:42:37.297Z}. */
    public String isoMillis() {
        return formatMillis(millis);
    }

    /** Milliseconds since 1970 as the protocol writes a time: {@code 2026-11-23T01:42:37.297Z}. */
    public static String formatMillis(long epochMillis) {
        return ISO_MILLIS.format(Instant.ofEpochMilli(epochMillis));
    }

    /** The later of two; either may be null, meaning never. */
    public static @Nullable HybridTimestamp max(@Nullable HybridTimestamp a, @Nullable HybridTimestamp b) {
        if (a == null) {
            return b;
        }
        return b == null || a.compareTo(b) >= 0 ? a : b;
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
        String hex = Integer.toHexString(counter);
        return isoMillis() + "-" + "0".repeat(4 - hex.length()) + hex + "-" + writer;
    }
}
