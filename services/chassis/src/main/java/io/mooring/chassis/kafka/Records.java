package io.mooring.chassis.kafka;

import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Records of Kafka: their headers, and what becomes of those that cannot be used. */
public final class Records {
    private Records() {}

    /** A header's text, or null if it is not there or empty. */
    public static @Nullable String header(ConsumerRecord<?, ?> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null || header.value().length == 0
                ? null
                : new String(header.value(), StandardCharsets.UTF_8);
    }

    /** Sets a header; leaves it alone if there is no value. */
    public static void put(Headers headers, String name, @Nullable String value) {
        if (value == null) {
            return;
        }
        headers.remove(name);
        headers.add(name, value.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Says what every event of ours says of itself (CloudEvents 1.0, section 3.1).
     *
     * @param type one of {@link EventTypes}
     */
    public static void event(Headers headers, UUID id, String source, String type, String subject) {
        put(headers, EventHeaders.SPEC_VERSION, EventHeaders.SPEC_VERSION_1_0);
        put(headers, EventHeaders.ID, id.toString());
        put(headers, EventHeaders.SOURCE, source);
        put(headers, EventHeaders.TYPE, type);
        put(headers, EventHeaders.SUBJECT, subject);
    }

    /**
     * An event that the bridge hands on as a message.
     *
     * @param key what orders it
     * @param type of whom it is for
     * @param receiver as in {@code ce_subject}
     * @param tail of the topic of MQTT
     */
    public static ProducerRecord<String, byte[]> downlink(
            String topic,
            String key,
            byte[] payload,
            String source,
            String type,
            String receiver,
            String cloud,
            String tail) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, key, payload);
        event(record.headers(), UUID.randomUUID(), source, type, receiver);
        put(record.headers(), EventHeaders.CLOUD, cloud);
        put(record.headers(), EventHeaders.TOPIC, tail);
        return record;
    }

    /** Where a record stands: {@code topic/partition/offset}. */
    public static String origin(ConsumerRecord<?, ?> record) {
        return record.topic() + "/" + record.partition() + "/" + record.offset();
    }

    /**
     * A record that could not be used, with what it said of itself and why it is here.
     *
     * @param value its own, or the part of it that could not be used: the rest may be another's
     * @param code for programs
     */
    public static ProducerRecord<String, byte[]> deadLetter(
            ConsumerRecord<String, byte[]> cause, String topic, byte @Nullable [] value, String code, String detail) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, cause.key(), value);
        cause.headers().forEach(record.headers()::add);
        put(record.headers(), EventHeaders.ERROR_CODE, code);
        put(record.headers(), EventHeaders.ERROR_DETAIL, detail);
        put(record.headers(), EventHeaders.ERROR_ORIGIN, origin(cause));
        return record;
    }
}
