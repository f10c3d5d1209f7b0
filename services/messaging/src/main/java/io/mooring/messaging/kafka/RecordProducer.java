package io.mooring.messaging.kafka;

import io.mooring.chassis.kafka.KafkaSettings;
import io.mooring.chassis.kafka.RecordWriter;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.messaging.MessagingMetrics;
import io.mooring.messaging.db.Outbox;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Writes to Kafka what follows from what was read from Kafka: answers to devices, and dead letters. What
 * follows from a transaction goes by the outbox instead.
 */
@Singleton
public class RecordProducer {
    private final RecordWriter writer;
    private final MessagingMetrics metrics;

    public RecordProducer(KafkaSettings kafka, MessagingMetrics metrics) {
        this.metrics = metrics;
        this.writer = RecordWriter.ofBatches(kafka, "mooring-messaging");
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
                Outbox.SOURCE,
                EventTypes.DEVICE_DOWNLINK,
                receiver,
                cloud,
                tail);
    }

    /** An application's message to a device. */
    public static ProducerRecord<String, byte[]> applicationDownlink(
            String topic,
            String cloud,
            String device,
            String tail,
            String application,
            byte[] payload,
            @Nullable String contentType,
            @Nullable Instant expires) {
        ProducerRecord<String, byte[]> record = Records.downlink(
                topic,
                device,
                payload,
                Outbox.SOURCE,
                EventTypes.APPLICATION_DOWNLINK,
                "device/" + device,
                cloud,
                tail);
        Records.put(record.headers(), EventHeaders.APPLICATION, application);
        Records.put(record.headers(), EventHeaders.CONTENT_TYPE, contentType);
        Records.put(record.headers(), EventHeaders.EXPIRES, expires == null ? null : expires.toString());
        return record;
    }

    /** What the cloud tells an application over MQTT, in answer to what it asked there. */
    public static ProducerRecord<String, byte[]> applicationMessage(
            String topic, String cloud, String application, String tail, String json, @Nullable String correlation) {
        ProducerRecord<String, byte[]> record = Records.downlink(
                topic,
                application,
                json.getBytes(StandardCharsets.UTF_8),
                Outbox.SOURCE,
                EventTypes.APPLICATION_MESSAGE,
                "application/" + application,
                cloud,
                tail);
        Records.put(record.headers(), EventHeaders.CONTENT_TYPE, "application/json");
        Records.put(record.headers(), EventHeaders.CORRELATION_DATA, correlation);
        return record;
    }

    /** A record that could not be used, or the part of it that could not: its value may be another's. */
    public ProducerRecord<String, byte[]> deadLetter(
            ConsumerRecord<String, byte[]> cause, String topic, byte @Nullable [] value, String code, String detail) {
        metrics.deadLetter();
        return Records.deadLetter(cause, topic, value, code, detail);
    }
}
