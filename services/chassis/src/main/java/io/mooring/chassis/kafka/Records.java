package io.mooring.chassis.kafka;

import io.mooring.contracts.kafka.EventHeaders;
import java.nio.charset.StandardCharsets;
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
