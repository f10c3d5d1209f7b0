package io.mooring.bench.bridge;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A bare Kafka producer, set as the bridge's is: as fast as Kafka acknowledges, no headers. */
public final class KafkaLoad {
    /**
     * Counted and not timed: in half a minute it would write more than a machine's memory holds, and
     * show the disk instead of Kafka.
     */
    private static final int RECORDS_A_ROUND = 500_000;

    private static final int ROUNDS = 8;
    private static final Duration LONGEST = Duration.ofSeconds(20);

    private KafkaLoad() {}

    /** The settings of a bare producer that sends as the bridge does. */
    public static Map<String, Object> asTheBridge(String bootstrap) {
        return Map.of(
                "bootstrap.servers", bootstrap,
                "acks", "all",
                "enable.idempotence", "true",
                "linger.ms", "1",
                "batch.size", "131072");
    }

    /**
     * How many records a second Kafka acknowledges: the best of some rounds, since this is a limit
     * that others are held against, and some systems slow down a full connection now and then.
     */
    static double perSecond(String bootstrap, String topic, int devices, byte[] payload) {
        try (Producer<byte[], byte[]> producer =
                new KafkaProducer<>(asTheBridge(bootstrap), new ByteArraySerializer(), new ByteArraySerializer())) {
            double best = 0;
            long end = System.nanoTime() + LONGEST.toNanos();
            for (int round = 0; round < ROUNDS && System.nanoTime() < end; round++) {
                long from = System.nanoTime();
                send(producer, topic, devices, payload);
                best = Math.max(best, RECORDS_A_ROUND * 1e9 / (System.nanoTime() - from));
            }
            return best;
        }
    }

    /** Returns when Kafka has all of them. */
    private static void send(Producer<byte[], byte[]> producer, String topic, int devices, byte[] payload) {
        AtomicReference<Exception> failed = new AtomicReference<>();
        for (int i = 0; i < RECORDS_A_ROUND; i++) {
            byte[] key = ("D" + i % devices).getBytes(StandardCharsets.US_ASCII);
            producer.send(new ProducerRecord<>(topic, key, payload), (metadata, failure) -> {
                if (failure != null) {
                    failed.set(failure);
                }
            });
        }
        producer.flush();
        if (failed.get() != null) {
            throw new IllegalStateException("Kafka did not take a record: " + failed.get(), failed.get());
        }
    }
}
