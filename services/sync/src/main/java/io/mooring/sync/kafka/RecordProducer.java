package io.mooring.sync.kafka;

import io.mooring.chassis.kafka.KafkaSettings;
import io.mooring.chassis.kafka.RecordWriter;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.trace.TraceContext;
import io.mooring.sync.SyncMetrics;
import io.mooring.sync.db.OutboxStore;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes to Kafka what follows from what was read from Kafka: rows on their way down, and dead letters. What
 * follows from a transaction goes by the outbox instead.
 */
@Singleton
public class RecordProducer {
    private final RecordWriter writer;
    private final SyncMetrics metrics;

    public RecordProducer(KafkaSettings kafka, SyncMetrics metrics) {
        this.metrics = metrics;
        this.writer = RecordWriter.ofBatches(kafka, "mooring-sync");
    }

    @PreDestroy
    void close() {
        writer.close();
    }

    /** Sends records in order; when it returns, Kafka has all of them. */
    public void send(List<ProducerRecord<String, byte[]>> records) throws ExecutionException, InterruptedException {
        writer.send(records);
    }

    /** Something for devices. */
    public static ProducerRecord<String, byte[]> downlink(OutboxStore.Message message) {
        return downlink(
                message.topic(),
                message.cloud(),
                message.subject(),
                message.key(),
                Objects.requireNonNull(message.tail(), "not for devices"),
                message.payload());
    }

    /**
     * Something for devices.
     *
     * @param receiver as in {@code ce_subject}
     * @param key as {@link io.mooring.contracts.mqtt.Receiver#key} says
     */
    public static ProducerRecord<String, byte[]> downlink(
            String topic, String cloud, String receiver, String key, String tail, String json) {
        return downlink(topic, cloud, receiver, key, tail, json.getBytes(StandardCharsets.UTF_8));
    }

    /** The same of what was encoded already, perhaps for several. */
    public static ProducerRecord<String, byte[]> downlink(
            String topic, String cloud, String receiver, String key, String tail, byte[] json) {
        return Records.downlink(
                topic, key, json, OutboxStore.SOURCE, EventTypes.DEVICE_DOWNLINK, receiver, cloud, tail);
    }

    /** A record that could not be used, or the part of it that could not: its value may be another's. */
    public ProducerRecord<String, byte[]> deadLetter(
            ConsumerRecord<String, byte[]> cause, String topic, byte @Nullable [] value, String code, String detail) {
        metrics.deadLetter();
        return Records.deadLetter(cause, topic, value, code, detail);
    }

    /** Says in a record where its trace goes on, if that is recorded. */
    public static void goOn(ProducerRecord<String, byte[]> record, @Nullable TraceContext trace) {
        Records.put(
                record.headers(),
                EventHeaders.TRACE_PARENT,
                trace == null || !trace.sampled() ? null : trace.toString());
    }
}
