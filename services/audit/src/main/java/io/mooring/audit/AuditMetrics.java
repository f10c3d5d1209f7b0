package io.mooring.audit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** What this service counts. */
@Singleton
public class AuditMetrics {
    private final MeterRegistry registry;
    private final Counter taken;
    private final Counter archived;
    private final Counter digests;
    private final AtomicLong missing = new AtomicLong();
    private final AtomicLong repeated = new AtomicLong();
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicLong lastDigest = new AtomicLong();

    public AuditMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.taken = registry.counter("mooring.audit.records.taken");
        this.archived = registry.counter("mooring.audit.records.archived");
        this.digests = registry.counter("mooring.audit.digests");
        registry.gauge("mooring.audit.numbers.missing", missing);
        registry.gauge("mooring.audit.numbers.repeated", repeated);
        registry.gauge("mooring.audit.records.waiting", waiting);
        registry.gauge("mooring.audit.digest.end.seconds", lastDigest);
    }

    public void taken(int records) {
        taken.increment(records);
    }

    public void deadLetter(String code) {
        registry.counter("mooring.audit.dead.letters", "code", code).increment();
    }

    public void refused(String code) {
        registry.counter("mooring.audit.refused", "code", code).increment();
    }

    void archived(int records) {
        archived.increment(records);
    }

    void digest(Instant end) {
        digests.increment();
        lastDigest.set(end.getEpochSecond());
    }

    void incident(String code) {
        registry.counter("mooring.audit.incidents", "code", code).increment();
    }

    void standing(long numbersMissing, long sourcesWithRepeats, long recordsWaiting) {
        missing.set(numbersMissing);
        repeated.set(sourcesWithRepeats);
        waiting.set(recordsWaiting);
    }
}
