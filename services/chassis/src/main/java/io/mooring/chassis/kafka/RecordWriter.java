package io.mooring.chassis.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes records to Kafka and says when every replica in sync has them: each once, in the order in which they were given. */
public final class RecordWriter implements AutoCloseable {
    private static final Duration CLOSES_WITHIN = Duration.ofSeconds(5);
    private static final int LARGEST_REQUEST = 4 * 1024 * 1024;

    private final KafkaProducer<String, byte[]> producer;

    private RecordWriter(KafkaSettings kafka, String clientId, Map<String, Object> more) {
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, LARGEST_REQUEST);
        config.putAll(more);
        config.put(ProducerConfig.CLIENT_ID_CONFIG, clientId);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        this.producer = new KafkaProducer<>(kafka.with(config), new StringSerializer(), new ByteArraySerializer());
    }

    /** One of a service that reads batches and answers them. */
    public static RecordWriter ofBatches(KafkaSettings kafka, String clientId) {
        return new RecordWriter(
                kafka,
                clientId,
                Map.of(
                        ProducerConfig.LINGER_MS_CONFIG, 1,
                        ProducerConfig.BATCH_SIZE_CONFIG, 64 * 1024,
                        ProducerConfig.BUFFER_MEMORY_CONFIG, 16 * 1024 * 1024,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG, 20_000,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 30_000));
    }

    /**
     * One of a service that must have written before it answers somebody who waits: it is less patient.
     *
     * @param bufferBytes what may wait for Kafka
     */
    public static RecordWriter beforeAnswers(KafkaSettings kafka, String clientId, int bufferBytes) {
        return new RecordWriter(
                kafka,
                clientId,
                Map.of(
                        ProducerConfig.BUFFER_MEMORY_CONFIG, bufferBytes,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 4_000,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 8_000));
    }

    /** Sends records; when it returns, Kafka has all of them. */
    public void send(List<ProducerRecord<String, byte[]>> records) throws ExecutionException, InterruptedException {
        List<Future<RecordMetadata>> pending = new ArrayList<>(records.size());
        for (ProducerRecord<String, byte[]> record : records) {
            pending.add(producer.send(record));
        }
        for (Future<RecordMetadata> future : pending) {
            future.get();
        }
    }

    @Override
    public void close() {
        producer.close(CLOSES_WITHIN);
    }
}
