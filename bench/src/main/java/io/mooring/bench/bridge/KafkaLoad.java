package io.mooring.bench.bridge;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A bare Kafka producer, set as the bridge's is: as fast as Kafka acknowledges, no headers. */
final class KafkaLoad {
    private KafkaLoad() {}

    static double perSecond(String bootstrap, String topic, int devices, byte[] payload, int warm, int measure)
            throws InterruptedException {
        LongAdder stored = new LongAdder();
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers", bootstrap,
                        "acks", "all",
                        "enable.idempotence", "true",
                        "linger.ms", "1",
                        "batch.size", "131072"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            Thread sending = new Thread(
                    () -> {
                        for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
                            byte[] key = ("D" + i % devices).getBytes(StandardCharsets.US_ASCII);
                            producer.send(new ProducerRecord<>(topic, key, payload), (metadata, failure) -> {
                                if (failure == null) {
                                    stored.increment();
                                }
                            });
                        }
                    },
                    "kafka-load");
            sending.setUncaughtExceptionHandler((thread, interrupted) -> {});
            sending.start();
            TimeUnit.SECONDS.sleep(warm);
            long before = stored.sum();
            long from = System.nanoTime();
            TimeUnit.SECONDS.sleep(measure);
            double perSecond = (stored.sum() - before) * 1e9 / (System.nanoTime() - from);
            sending.interrupt();
            sending.join();
            return perSecond;
        }
    }
}
