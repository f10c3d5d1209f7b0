package io.mooring.messaging;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Singleton;

/** What is counted, under {@code mooring_messaging_*}. */
@Singleton
public class MessagingMetrics {
    private final MeterRegistry registry;

    public MessagingMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** A record went to dead letters. */
    public void deadLetter() {
        registry.counter("mooring.messaging.dead.letters").increment();
    }

    /** A request was refused. */
    public void refused(String code) {
        registry.counter("mooring.messaging.refused", "code", code).increment();
    }

    /** Commands came into a state, for so many devices. */
    public void changed(String state, int devices) {
        registry.counter("mooring.messaging.commands", "state", state).increment(devices);
    }
}
