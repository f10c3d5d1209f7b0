package io.mooring.sync;

import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.mqtt.Receiver;
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
    private final Map<Whom, RowPacking> packings = new LinkedHashMap<>();

    private record Whom(String cloud, String device) {}

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
     * @param receipt what is to be said when the device acknowledges it: such a row has a message to itself
     */
    void row(String cloud, Receiver.Device device, ChangedRow.Kind kind, byte[] json, @Nullable String receipt) {
        RowPacking packing = taking.contains(device.id())
                ? packings.computeIfAbsent(
                        new Whom(cloud, device.id()),
                        whom -> new RowPacking(
                                limits.maxRows(),
                                limits.maxBytes(),
                                message -> records.add(record(cloud, device, message.tail(), message.payload()))))
                : null;
        if (packing != null && receipt == null) {
            packing.add(kind, json);
            return;
        }
        if (packing != null) {
            packing.flush();
        }
        ProducerRecord<String, byte[]> record = record(cloud, device, kind.tail(), json);
        RecordProducer.put(record.headers(), EventHeaders.RECEIPT, receipt);
        records.add(record);
    }

    private ProducerRecord<String, byte[]> record(String cloud, Receiver.Device device, String tail, byte[] json) {
        return RecordProducer.downlink(topic, cloud, device.toString(), device.key(), tail, json);
    }

    /** Adds another record. */
    void add(ProducerRecord<String, byte[]> record) {
        records.add(record);
    }

    /** All of it, in the order in which it is to be sent. */
    List<ProducerRecord<String, byte[]>> finish() {
        packings.values().forEach(RowPacking::flush);
        return records;
    }
}
