package io.mooring.sync;

import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.mqtt.Receiver;
import io.mooring.contracts.trace.TraceContext;
import io.mooring.sync.core.ChangedRow;
import io.mooring.sync.core.RowPacking;
import io.mooring.sync.kafka.RecordProducer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * What is sent down at once: rows for devices, several in one message for those that take that, and other records. What
 * one device is told keeps its order; nothing waits for what comes later.
 */
final class DownlinkBatch {
    private final String topic;
    private final SyncConfig.RowBatches limits;
    private final Set<String> taking;
    private final List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
    private final Map<Whom, Packing> packings = new LinkedHashMap<>();

    private record Whom(String cloud, String device) {}

    /** What one device is told, and the trace of the message that is being packed, if a row of it belongs to one. */
    private final class Packing {
        private final RowPacking rows;
        private @Nullable TraceContext trace;

        Packing(String cloud, Receiver.Device device) {
            rows = new RowPacking(limits.maxRows(), limits.maxBytes(), message -> {
                records.add(record(cloud, device, message.tail(), message.payload(), trace));
                trace = null;
            });
        }

        /** A message has one trace at most. */
        void add(ChangedRow.Kind kind, byte[] json, @Nullable TraceContext of) {
            if (of != null && trace != null && !of.equals(trace)) {
                rows.flush();
            }
            rows.add(kind, json);
            if (of != null) {
                trace = of;
            }
        }
    }

    /**
     * @param topic on which devices are told
     * @param taking the devices that understand several rows in one message
     */
    DownlinkBatch(String topic, SyncConfig.RowBatches limits, Set<String> taking) {
        this.topic = topic;
        this.limits = limits;
        this.taking = taking;
    }

    /**
     * Adds a row for a device.
     *
     * @param json the row, perhaps encoded for others as well
     * @param trace the step it follows from, if that is recorded
     * @param receipt what is to be said when the device acknowledges it: such a row has a message to itself
     */
    void row(
            String cloud,
            Receiver.Device device,
            ChangedRow.Kind kind,
            byte[] json,
            @Nullable String receipt,
            @Nullable TraceContext trace) {
        Packing packing = taking.contains(device.id())
                ? packings.computeIfAbsent(new Whom(cloud, device.id()), whom -> new Packing(cloud, device))
                : null;
        if (packing != null && receipt == null) {
            packing.add(kind, json, trace);
            return;
        }
        if (packing != null) {
            packing.rows.flush();
        }
        ProducerRecord<String, byte[]> record = record(cloud, device, kind.tail(), json, trace);
        Records.put(record.headers(), EventHeaders.RECEIPT, receipt);
        records.add(record);
    }

    private ProducerRecord<String, byte[]> record(
            String cloud, Receiver.Device device, String tail, byte[] json, @Nullable TraceContext trace) {
        ProducerRecord<String, byte[]> record =
                RecordProducer.downlink(topic, cloud, device.toString(), device.key(), tail, json);
        RecordProducer.goOn(record, trace);
        return record;
    }

    /** Adds another record. */
    void add(ProducerRecord<String, byte[]> record) {
        records.add(record);
    }

    /** All of it, in the order in which it is to be sent. */
    List<ProducerRecord<String, byte[]>> finish() {
        packings.values().forEach(packing -> packing.rows.flush());
        return records;
    }
}
