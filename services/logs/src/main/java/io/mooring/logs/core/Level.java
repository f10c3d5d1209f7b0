package io.mooring.logs.core;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How grave a line is. */
public enum Level {
    TRACE(0),
    DEBUG(1),
    /** Also of lines that say nothing of it. */
    INFO(2),
    WARN(3),
    ERROR(4),
    FATAL(5);

    private final int number;

    Level(int number) {
        this.number = number;
    }

    /** What it is kept by; the graver, the greater. */
    public int number() {
        return number;
    }

    /** The level of a number that was kept. */
    public static Level of(int number) {
        return values()[number];
    }

    /** Where a line says its level, if it says it, is its beginning. */
    private static final int LOOKED_AT = 120;

    private static final Pattern IN_TEXT = Pattern.compile(
            "(?<![A-Za-z0-9_])(?:(TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERR(?:OR)?|SEVERE|CRIT(?:ICAL)?|ALERT|EMERG|FATAL|PANIC)"
                    + "|(?<=[\\[<|\"=])(trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|alert|emerg|fatal|panic)"
                    + "(?=[\\]>|\"\\s]|$))(?![A-Za-z0-9_])");

    /** As people write it, in whichever of the usual ways. */
    public static Optional<Level> of(String name) {
        return Optional.ofNullable(
                switch (name.strip().toLowerCase(Locale.ROOT)) {
                    case "trace", "finest", "finer", "verbose" -> TRACE;
                    case "debug", "fine" -> DEBUG;
                    case "info", "information", "notice", "config" -> INFO;
                    case "warn", "warning" -> WARN;
                    case "error", "err", "severe" -> ERROR;
                    case "fatal", "critical", "crit", "alert", "emerg", "emergency", "panic" -> FATAL;
                    default -> null;
                });
    }

    /** What a line says of itself near its beginning; {@link #INFO} if nothing. */
    public static Level in(String text) {
        Matcher found = IN_TEXT.matcher(text.substring(0, Math.min(text.length(), LOOKED_AT)));
        if (!found.find()) {
            return INFO;
        }
        return of(found.group(1) != null ? found.group(1) : found.group(2)).orElse(INFO);
    }

    /** The name that answers and questions use. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
