package io.mooring.logs;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;

/** What is counted, under {@code mooring_logs_*}. */
@Singleton
public class LogMetrics {
    private final MeterRegistry registry;

    public LogMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Lines were taken. */
    public void taken(String by, int lines) {
        registry.counter("mooring.logs.lines", "by", by).increment(lines);
    }

    /** A batch came that had been taken before. */
    public void repeated() {
        registry.counter("mooring.logs.batches.repeated").increment();
    }

    /** Something was refused. */
    public void refused(String code) {
        registry.counter("mooring.logs.refused", "code", code).increment();
    }

    /** A record went to dead letters. */
    public void deadLetter() {
        registry.counter("mooring.logs.dead.letters").increment();
    }

    /** Lines were handed on. */
    public void exported(String to, int lines) {
        registry.counter("mooring.logs.exported", "to", to).increment(lines);
    }

    /** Lines were not taken by whoever they are handed on to, for good. */
    public void exportRefused(String to, int lines) {
        registry.counter("mooring.logs.export.refused", "to", to).increment(lines);
    }
}
