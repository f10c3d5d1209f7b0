package io.mooring.bridge.kafka;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one producer. What it is given is either stored, or refused: never lost in silence, and never
 * held beyond a bound. Sending does not wait for Kafka.
 */
public final class RecordSender implements AutoCloseable {
    /** Told once for each record. */
    @FunctionalInterface
    public interface Outcome {
        /** Kafka has the record if the failure is null; else it is not known to have it. */
        void done(@Nullable Exception failure);
    }

    /** A record was not sent because too much waits for Kafka already. */
    public static final class BufferFullException extends ApiException {
        BufferFullException() {
            super("too much waits for Kafka already");
        }
    }

    /**
     * How long a send may wait in the calling thread. Only a topic whose partitions are unknown
     * makes it wait: memory is accounted for here, before Kafka's own buffer can be full.
     */
    static final int MAX_BLOCK_MILLIS = 50;

    private static final Logger LOG = LoggerFactory.getLogger(RecordSender.class);
    private static final int RECORD_OVERHEAD_BYTES = 300;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final Supplier<Producer<byte[], byte[]>> producers;
    private final long bufferBytes;
    private final KafkaHealth health = new KafkaHealth();
    private final AtomicLong waitingBytes = new AtomicLong();
    private volatile Producer<byte[], byte[]> producer;

    public RecordSender(KafkaClients clients, long bufferBytes) {
        this(clients::producer, bufferBytes);
    }

    RecordSender(Supplier<Producer<byte[], byte[]>> producers, long bufferBytes) {
        this.producers = producers;
        this.bufferBytes = bufferBytes;
        this.producer = producers.get();
    }

    /** Sends a record. The outcome is told by another thread, or by this one before it returns. */
    public void send(ProducerRecord<byte[], byte[]> record, Outcome outcome) {
        int size = RECORD_OVERHEAD_BYTES + (record.value() == null ? 0 : record.value().length);
        if (waitingBytes.addAndGet(size) > bufferBytes) {
            waitingBytes.addAndGet(-size);
            health.failed("the buffer is full");
            outcome.done(new BufferFullException());
            return;
        }
        Producer<byte[], byte[]> used = producer;
        try {
            used.send(record, (RecordMetadata stored, Exception failure) -> finish(size, failure, outcome));
        } catch (KafkaException | IllegalStateException broken) {
            finish(size, broken, outcome);
            replace(used, broken);
        }
    }

    private void finish(int size, @Nullable Exception failure, Outcome outcome) {
        waitingBytes.addAndGet(-size);
        if (failure == null) {
            health.succeeded();
        } else {
            health.failed(failure.toString());
        }
        outcome.done(failure);
    }

    /** A producer that throws has failed for good, such as one whose identity Kafka has forgotten. */
    private synchronized void replace(Producer<byte[], byte[]> broken, RuntimeException reason) {
        if (producer == broken) {
            LOG.warn("the Kafka producer failed for good and is replaced: {}", reason.toString());
            producer = producers.get();
            broken.close(Duration.ZERO);
        }
    }

    /**
     * Looks up topics, so that no device's thread has to.
     *
     * @return whether all of them are known
     */
    public boolean warm(List<String> topics) {
        boolean all = true;
        for (String topic : topics) {
            try {
                all &= !producer.partitionsFor(topic).isEmpty();
            } catch (KafkaException unknown) {
                all = false;
            }
        }
        return all;
    }

    /** Whether Kafka refused the last record. */
    public boolean isKafkaAway() {
        return health.isAway();
    }

    /** How much waits for Kafka, in bytes. */
    public long waitingBytes() {
        return waitingBytes.get();
    }

    @Override
    public synchronized void close() {
        producer.close(CLOSE_TIMEOUT);
    }
}
