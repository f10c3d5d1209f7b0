package io.mooring.sync.kafka;

import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.trace.TraceContext;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A record of the uplink topic. Who sent it is what the bridge says, which saw the certificate.
 *
 * @param device the device
 * @param cloud its cloud
 * @param account its account, or null
 * @param receivedMillis when the bridge took it, ms since 1970
 * @param value what the device sent
 * @param origin {@code topic/partition/offset}
 * @param trace the step in which it is taken, if that is recorded
 */
public record UplinkRecord(
        String device,
        String cloud,
        @Nullable String account,
        long receivedMillis,
        byte @Nullable [] value,
        String origin,
        @Nullable TraceContext trace) {
    /** Reads a record; null if it does not say whose it is. */
    public static @Nullable UplinkRecord of(ConsumerRecord<String, byte[]> record) {
        String cloud = header(record, EventHeaders.CLOUD);
        if (record.key() == null || cloud == null) {
            return null;
        }
        return new UplinkRecord(
                record.key(),
                cloud,
                header(record, EventHeaders.ACCOUNT),
                record.timestamp(),
                record.value(),
                origin(record),
                null);
    }

    /** The same, taken in a recorded step. */
    UplinkRecord within(TraceContext step) {
        return new UplinkRecord(device, cloud, account, receivedMillis, value, origin, step);
    }

    static String origin(ConsumerRecord<?, ?> record) {
        return record.topic() + "/" + record.partition() + "/" + record.offset();
    }

    /** A header's text, or null if it is not there or empty. */
    static @Nullable String header(ConsumerRecord<?, ?> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null || header.value().length == 0
                ? null
                : new String(header.value(), StandardCharsets.UTF_8);
    }
}
