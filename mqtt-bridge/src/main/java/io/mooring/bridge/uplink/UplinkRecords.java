package io.mooring.bridge.uplink;

import io.mooring.bridge.session.DeviceSession;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/**
 * Makes the records of one device's connection. What is the same in each is encoded once: headers
 * are a good part of what a record costs.
 */
final class UplinkRecords {
    private static final byte[] SYNC_UP = utf8(DeviceTopics.SYNC_UP);
    private static final byte[] SYNC_DOWN = utf8(DeviceTopics.SYNC_DOWN);

    private final String syncTopic;
    private final String metricTopic;
    private final String logTopic;
    private final String otherTopic;
    private final byte[] key;
    private final Header[] same;
    private final String idPrefix;
    private long count;

    UplinkRecords(String topicsPrefix, DeviceSession session) {
        this.syncTopic = Topic.SYNC_UPLINK.name(topicsPrefix);
        this.metricTopic = Topic.METRIC_UPLINK.name(topicsPrefix);
        this.logTopic = Topic.LOG_UPLINK.name(topicsPrefix);
        this.otherTopic = Topic.DEVICE_UPLINK.name(topicsPrefix);
        this.key = utf8(session.device());
        this.idPrefix = session.id() + "-";
        String cloud = session.entry().cloud();
        this.same = new Header[] {
            header(EventHeaders.SPEC_VERSION, EventHeaders.SPEC_VERSION_1_0),
            header(EventHeaders.TYPE, EventTypes.DEVICE_UPLINK),
            header(EventHeaders.SOURCE, "/clouds/" + cloud + "/devices/" + session.device()),
            header(EventHeaders.CLOUD, cloud),
            header(EventHeaders.ACCOUNT, session.entry().account()),
        };
    }

    /**
     * One record. Called by one thread at a time, in the order the device spoke.
     *
     * @param tail the topic past the device's own part
     */
    ProducerRecord<byte[], byte[]> record(String tail, byte[] payload) {
        String topic = topic(tail);
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, null, null, key, payload);
        var headers = record.headers();
        for (Header header : same) {
            headers.add(header);
        }
        headers.add(EventHeaders.ID, (idPrefix + Long.toHexString(count++)).getBytes(StandardCharsets.ISO_8859_1));
        headers.add(EventHeaders.SUBJECT, subject(tail));
        return record;
    }

    private String topic(String tail) {
        if (DeviceTopics.isSync(tail)) {
            return syncTopic;
        }
        if (DeviceTopics.isLog(tail)) {
            return logTopic;
        }
        return DeviceTopics.isMetric(tail) ? metricTopic : otherTopic;
    }

    private static byte[] subject(String tail) {
        return switch (tail) {
            case DeviceTopics.SYNC_UP -> SYNC_UP;
            case DeviceTopics.SYNC_DOWN -> SYNC_DOWN;
            default -> utf8(tail);
        };
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, utf8(value));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
