package io.mooring.sync;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicLong;

/** What is counted, under {@code mooring_sync_*}. */
@Singleton
public class SyncMetrics {
    private final MeterRegistry registry;
    private final Counter merged;
    private final Counter indexed;
    private final Counter sent;
    private final Counter echoes;
    private final Counter deadLetters;
    private final Counter held;
    private final Counter caughtUp;
    private final Counter caughtUpRows;
    private final AtomicLong slotLag;
    private final AtomicLong connectorUp;
    private final AtomicLong epoch;

    public SyncMetrics(MeterRegistry registry) {
        this.registry = registry;
        merged = registry.counter("mooring.sync.up.changes");
        indexed = registry.counter("mooring.sync.down.changes");
        sent = registry.counter("mooring.sync.down.messages");
        echoes = registry.counter("mooring.sync.down.echoes");
        deadLetters = registry.counter("mooring.sync.dead.letters");
        held = registry.counter("mooring.sync.up.held");
        caughtUp = registry.counter("mooring.sync.catch.ups");
        caughtUpRows = registry.counter("mooring.sync.catch.up.rows");
        slotLag = registry.gauge("mooring.sync.slot.lag.bytes", new AtomicLong());
        connectorUp = registry.gauge("mooring.sync.connector.up", new AtomicLong());
        epoch = registry.gauge("mooring.sync.stream.epoch", new AtomicLong());
    }

    /** Changes of devices were merged. */
    void merged(int changes) {
        merged.increment(changes);
    }

    /** A change was not taken. */
    void refused(String code) {
        registry.counter("mooring.sync.up.refused", "code", code).increment();
    }

    /** A request over HTTP was not let in. */
    public void turnedAway(String code) {
        registry.counter("mooring.sync.refused", "code", code).increment();
    }

    /** Changes of the database were indexed and told. */
    void toldDown(int changes, int messages, int withheld) {
        indexed.increment(changes);
        sent.increment(messages);
        echoes.increment(withheld);
    }

    /** A record went to dead letters. */
    public void deadLetter() {
        deadLetters.increment();
    }

    /** Rows were sent to a device that catches up. */
    void catchUpSent(int rows) {
        caughtUpRows.increment(rows);
    }

    /** A device has all it missed. */
    void caughtUp() {
        caughtUp.increment();
    }

    /** A paused device's changes were left to it. */
    void held(int changes) {
        held.increment(changes);
    }

    /** Rows have expired. */
    void expired(int rows) {
        registry.counter("mooring.sync.expired.rows").increment(rows);
    }

    /** Graves and places in the index were given up. */
    void forgotten(long graves, long places) {
        registry.counter("mooring.sync.forgotten.graves").increment(graves);
        registry.counter("mooring.sync.forgotten.places").increment(places);
    }

    void slotLag(long bytes) {
        slotLag.set(bytes);
    }

    void connectorUp(boolean up) {
        connectorUp.set(up ? 1 : 0);
    }

    void epoch(int number) {
        epoch.set(number);
    }
}
