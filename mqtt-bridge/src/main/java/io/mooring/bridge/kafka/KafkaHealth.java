package io.mooring.bridge.kafka;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether Kafka takes records. Says so when that changes, never for each record. */
final class KafkaHealth {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaHealth.class);

    private final AtomicBoolean away = new AtomicBoolean();
    private final AtomicLong refused = new AtomicLong();
    private volatile long awaySinceMillis;

    void failed(String reason) {
        refused.incrementAndGet();
        if (away.compareAndSet(false, true)) {
            awaySinceMillis = System.currentTimeMillis();
            LOG.warn("Kafka takes no records: {}. Devices are not acknowledged until it does", reason);
        }
    }

    void succeeded() {
        if (away.get() && away.compareAndSet(true, false)) {
            LOG.info(
                    "Kafka takes records again, after {} ms; {} were refused meanwhile",
                    System.currentTimeMillis() - awaySinceMillis,
                    refused.getAndSet(0));
        }
    }

    boolean isAway() {
        return away.get();
    }
}
