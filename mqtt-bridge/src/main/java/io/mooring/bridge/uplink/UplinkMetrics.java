package io.mooring.bridge.uplink;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import org.jspecify.annotations.Nullable;

/** What is counted of the uplink, among the broker's own metrics. */
final class UplinkMetrics {
    private final Counter messages;
    private final Counter bytes;
    private final Counter stored;
    private final Counter failed;
    private final Counter refused;

    UplinkMetrics(MetricRegistry registry) {
        messages = registry.counter("io.mooring.bridge.uplink.messages");
        bytes = registry.counter("io.mooring.bridge.uplink.bytes");
        stored = registry.counter("io.mooring.bridge.uplink.stored");
        failed = registry.counter("io.mooring.bridge.uplink.failed");
        refused = registry.counter("io.mooring.bridge.uplink.refused");
    }

    void received(int length) {
        messages.inc();
        bytes.inc(length);
    }

    void answered(@Nullable Exception failure) {
        if (failure == null) {
            stored.inc();
        } else {
            failed.inc();
        }
    }

    void refused() {
        refused.inc();
    }
}
