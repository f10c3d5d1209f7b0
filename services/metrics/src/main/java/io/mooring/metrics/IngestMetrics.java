package io.mooring.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;

/** What is counted, under {@code mooring_metrics_*}. */
@Singleton
public class IngestMetrics {
    private final MeterRegistry registry;

    public IngestMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Points were taken. */
    public void taken(int points) {
        registry.counter("mooring.metrics.points").increment(points);
    }

    /** A batch came that had been taken before. */
    public void repeated() {
        registry.counter("mooring.metrics.batches.repeated").increment();
    }

    /** Something was refused. */
    public void refused(String code) {
        registry.counter("mooring.metrics.refused", "code", code).increment();
    }

    /** A record went to dead letters. */
    public void deadLetter() {
        registry.counter("mooring.metrics.dead.letters").increment();
    }

    /** Windows were merged into longer ones. */
    public void folded(int span, int windows) {
        registry.counter("mooring.metrics.windows.folded", "span", Integer.toString(span))
                .increment(windows);
    }

    /** Something was handed on. */
    public void exported(String to, int samples) {
        registry.counter("mooring.metrics.exported", "to", to).increment(samples);
    }
}
