package io.mooring.agent.log;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the beginning of a line says of itself: its time and its level, in the usual forms. */
final class LineStart {
    private static final int LOOKED_AT = 160;

    /** Such as {@code 2026-11-27T10:00:00.123Z} or {@code 2026-11-27 10:00:00,123 +0100} (ISO 8601 and what is near it). */
    private static final Pattern ISO = Pattern.compile(
            "^\\W{0,3}(\\d{4}-\\d\\d-\\d\\d)[T ](\\d\\d:\\d\\d:\\d\\d)(?:[.,](\\d{1,9}))?\\s?(Z|[+-]\\d\\d:?\\d\\d)?");

    /** Such as {@code Nov 27 10:00:00} (RFC 3164, section 4.1.2): no year, no zone. */
    private static final Pattern SYSLOG =
            Pattern.compile("^(?:<\\d{1,3}>)?([A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d) ");

    private static final Pattern LEVEL = Pattern.compile(
            "(?<![A-Za-z0-9_])(?:(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERR(?:OR)?|SEVERE|CRIT(?:ICAL)?|ALERT|EMERG|FATAL|PANIC)"
                    + "|(?<=[\\[<|\"=])(trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|alert|emerg|fatal|panic)"
                    + "(?=[\\]>|\"\\s]|$))(?![A-Za-z0-9_])");

    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("trace", "trace"),
            Map.entry("debug", "debug"),
            Map.entry("info", "info"),
            Map.entry("notice", "info"),
            Map.entry("warn", "warn"),
            Map.entry("warning", "warn"),
            Map.entry("err", "error"),
            Map.entry("error", "error"),
            Map.entry("severe", "error"),
            Map.entry("crit", "fatal"),
            Map.entry("critical", "fatal"),
            Map.entry("alert", "fatal"),
            Map.entry("emerg", "fatal"),
            Map.entry("fatal", "fatal"),
            Map.entry("panic", "fatal"));

    /** A time that is further from now than this was not meant as one, or the cloud would not take it. */
    private static final Duration PAST = Duration.ofDays(13);

    private static final Duration FUTURE = Duration.ofHours(1);

    private LineStart() {}

    /**
     * Reads a line.
     *
     * @param now when it was captured: its time, if it says none that can be
     * @param zone of times without one
     */
    static LogLine read(String text, Instant now, ZoneId zone) {
        Instant said = time(text, now, zone);
        boolean sane = said != null && said.isAfter(now.minus(PAST)) && said.isBefore(now.plus(FUTURE));
        return new LogLine((sane && said != null ? said : now).toEpochMilli(), level(text), text);
    }

    private static @Nullable Instant time(String text, Instant now, ZoneId zone) {
        Matcher iso = ISO.matcher(text);
        try {
            if (iso.find()) {
                String fraction = iso.group(3) == null ? "" : "." + iso.group(3);
                String local = iso.group(1) + "T" + iso.group(2) + fraction;
                String offset = iso.group(4);
                if (offset == null) {
                    return LocalDateTime.parse(local).atZone(zone).toInstant();
                }
                String colon = offset.length() == 5 ? offset.substring(0, 3) + ":" + offset.substring(3) : offset;
                return OffsetDateTime.parse(local + colon).toInstant();
            }
            Matcher syslog = SYSLOG.matcher(text);
            if (!syslog.find()) {
                return null;
            }
            int year = now.atZone(zone).getYear();
            Instant thisYear = syslog(syslog.group(1), year, zone);
            // In January lines of December still come.
            return thisYear.isAfter(now.plus(FUTURE)) ? syslog(syslog.group(1), year - 1, zone) : thisYear;
        } catch (DateTimeException none) {
            return null;
        }
    }

    private static Instant syslog(String text, int year, ZoneId zone) {
        DateTimeFormatter form = new DateTimeFormatterBuilder()
                .appendPattern("MMM ppd HH:mm:ss")
                .parseDefaulting(ChronoField.YEAR, year)
                .toFormatter(Locale.ROOT);
        return LocalDateTime.parse(text, form).atZone(zone).toInstant();
    }

    private static @Nullable String level(String text) {
        Matcher found = LEVEL.matcher(text.substring(0, Math.min(text.length(), LOOKED_AT)));
        if (!found.find()) {
            return null;
        }
        String name = found.group(1) != null ? found.group(1) : found.group(2);
        return NAMES.get(name.toLowerCase(Locale.ROOT));
    }
}
