package io.mooring.sync.kafka;

import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.trace.TraceContext;
import org.apache.kafka.clients.consumer.ConsumerRecord;
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
        String cloud = Records.header(record, EventHeaders.CLOUD);
        if (record.key() == null || cloud == null) {
            return null;
        }
        return new UplinkRecord(
                record.key(),
                cloud,
                Records.header(record, EventHeaders.ACCOUNT),
                record.timestamp(),
                record.value(),
                Records.origin(record),
                null);
    }

    /** The same, taken in a recorded step. */
    UplinkRecord within(TraceContext step) {
        return new UplinkRecord(device, cloud, account, receivedMillis, value, origin, step);
    }

    /** A header's text, or null if it is not there or empty. */
}
