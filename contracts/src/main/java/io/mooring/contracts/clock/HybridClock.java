package io.mooring.contracts.clock;

import java.util.function.LongSupplier;

/**
 * The clock of one writer: hands out timestamps that always rise, even when the wall clock is set
 * back, and that exceed every timestamp the writer has seen (Kulkarni et al., "Logical Physical
 * Clocks", 2014). Safe for use by several threads.
 */
public final class HybridClock {
    private final String writer;
    private final LongSupplier wallMillis;
    private long millis;
    private int counter;

    /**
     * @param writer the id that goes into every timestamp
     * @param wallMillis the wall clock, ms since 1970
     */
    public HybridClock(String writer, LongSupplier wallMillis) {
        this.writer = writer;
        this.wallMillis = wallMillis;
    }

    /** A timestamp above every one handed out or observed before. */
    public synchronized HybridTimestamp next() {
        return at(wallMillis.getAsLong());
    }

    /**
     * A timestamp for something that happened at a known time, as near to it as the order of what was
     * handed out before allows.
     */
    public synchronized HybridTimestamp at(long eventMillis) {
        if (eventMillis > millis) {
            millis = eventMillis;
            counter = 0;
        } else if (counter < HybridTimestamp.MAX_COUNTER) {
            counter++;
        } else {
            millis++;
            counter = 0;
        }
        return new HybridTimestamp(millis, counter, writer);
    }

    /** Takes note of a timestamp from elsewhere: everything handed out later is above it. */
    public synchronized void observe(HybridTimestamp seen) {
        if (seen.millis() > millis || (seen.millis() == millis && seen.counter() > counter)) {
            millis = seen.millis();
            counter = seen.counter();
        }
    }
}
