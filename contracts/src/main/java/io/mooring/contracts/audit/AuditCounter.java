package io.mooring.contracts.audit;

import java.util.concurrent.atomic.AtomicLong;

/** Numbers the records of a source that has no database: an epoch is a life of the process. */
public final class AuditCounter {
    private final String source;
    private final String epoch;
    private final AtomicLong last = new AtomicLong();

    /**
     * A new count.
     *
     * @param epoch something this source never was given before, such as a random UUID
     */
    public AuditCounter(String source, String epoch) {
        this.source = source;
        this.epoch = epoch;
    }

    /** The next position; to be taken for a record that will be sent, for a number not used is a gap. */
    public AuditPosition next() {
        return new AuditPosition(source, epoch, last.incrementAndGet());
    }
}
