package io.mooring.metrics.kafka;

import io.mooring.chassis.kafka.KafkaSettings;
import io.mooring.chassis.kafka.RecordWriter;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.metrics.IngestMetrics;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Writes to Kafka what follows from what was read from Kafka: answers to devices, and dead letters. */
@Singleton
public class RecordProducer {
    /** Whose records these are. */
    public static final String SOURCE = "/services/metrics";

    private final RecordWriter writer;
    private final IngestMetrics metrics;

    public RecordProducer(KafkaSettings kafka, IngestMetrics metrics) {
        this.metrics = metrics;
        this.writer = RecordWriter.ofBatches(kafka, "mooring-metrics");
    }

    @PreDestroy
    void close() {
        writer.close();
    }

    /** Sends records in order; when it returns, Kafka has all of them. */
    public void send(List<ProducerRecord<String, byte[]>> records) throws ExecutionException, InterruptedException {
        writer.send(records);
    }

    /**
     * Something for devices.
     *
     * @param receiver as in {@code ce_subject}
     * @param key as {@link io.mooring.contracts.mqtt.Receiver#key} says
     */
    public static ProducerRecord<String, byte[]> downlink(
            String topic, String cloud, String receiver, String key, String tail, String json) {
        return Records.downlink(
                topic,
                key,
                json.getBytes(StandardCharsets.UTF_8),
                SOURCE,
                EventTypes.DEVICE_DOWNLINK,
                receiver,
                cloud,
                tail);
    }

    /** A record that could not be used, or the part of it that could not: its value may be another's. */
    public ProducerRecord<String, byte[]> deadLetter(
            ConsumerRecord<String, byte[]> cause, String topic, byte @Nullable [] value, String code, String detail) {
        metrics.deadLetter();
        return Records.deadLetter(cause, topic, value, code, detail);
    }
}
