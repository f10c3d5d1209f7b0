package io.mooring.agent.log;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Optional;

/** One source on its way to the spool: rows are joined, lines read, their rate is limited. Used by one thread. */
final class LogSource {
    private static final double NANOS_PER_MILLI = 1e6;

    private final LogSettings.Source settings;
    private final LogSpool spool;
    private final LineJoiner joiner;
    private final LineRate rate;
    private final Clock clock;
    private final ZoneId zone = ZoneId.systemDefault();
    private Optional<JsonNode> place = Optional.empty();
    private long lastNanos = System.nanoTime();

    LogSource(LogSettings.Source settings, LogSpool spool, Clock clock) {
        this.settings = settings;
        this.spool = spool;
        this.joiner = new LineJoiner(settings.begins());
        this.rate = new LineRate(settings.linesPerSecond(), settings.burst(), System.nanoTime());
        this.clock = clock;
    }

    LogSettings.Source settings() {
        return settings;
    }

    /** Up to where it was read when the agent ended last. */
    Optional<JsonNode> lastPlace() {
        return spool.place(settings.name());
    }

    /**
     * A row was read.
     *
     * @param upto where reading goes on after it
     */
    void row(String row, Optional<JsonNode> upto) {
        Optional<String> whole = joiner.add(clean(row));
        // The line before it reaches up to where this row begins.
        whole.ifPresent(line -> line(LineStart.read(line, clock.instant(), zone), place));
        place = upto;
        lastNanos = System.nanoTime();
    }

    /** What there is up to a place is not captured. */
    void skipped(JsonNode upto) {
        place = Optional.of(upto);
        spool.at(settings.name(), upto);
    }

    /** Nothing came for a while: what is open is whole. */
    void quiet(long millis) {
        if (joiner.isOpen() && System.nanoTime() - lastNanos > millis * NANOS_PER_MILLI) {
            flush();
        }
        dropped();
    }

    /** No row will come that belongs to the line that is open. */
    void flush() {
        joiner.flush().ifPresent(line -> line(LineStart.read(line, clock.instant(), zone), place));
    }

    /** A line that needs no joining. */
    void line(LogLine line, Optional<JsonNode> upto) {
        dropped();
        if (rate.take(System.nanoTime())) {
            spool.add(settings.name(), line, upto);
        } else {
            upto.ifPresent(at -> spool.at(settings.name(), at));
        }
    }

    private void dropped() {
        long dropped = rate.dropped(System.nanoTime());
        if (dropped > 0) {
            spool.add(
                    settings.name(),
                    new LogLine(
                            clock.millis(),
                            "warn",
                            dropped + " lines dropped: they came faster than " + settings.linesPerSecond()
                                    + " a second"),
                    Optional.empty());
        }
    }

    /** Whatever is no text is marked: the cloud takes text only. */
    private static String clean(String row) {
        return row.indexOf(0) < 0 ? row : row.replace('\0', '\ufffd');
    }
}
