package io.mooring.bridge.application;

import io.mooring.bridge.message.HeaderReader;
import io.mooring.bridge.message.InvalidRecordException;
import io.mooring.bridge.message.Message;
import io.mooring.bridge.message.MessageProperties;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.mqtt.ApplicationTopics;
import io.mooring.contracts.mqtt.DeviceTopics;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads what is told to applications, see docs/asyncapi.yaml. */
final class DataCodec {
    private DataCodec() {}

    /**
     * What a device told applications.
     *
     * @param cloud the device's
     */
    record FromDevice(String cloud, String device, Message message) {}

    /**
     * What the cloud tells an application.
     *
     * @param cloud the application's
     */
    record FromCloud(String cloud, String application, Message message) {}

    static FromDevice fromDevice(ConsumerRecord<byte[], byte[]> record) throws InvalidRecordException {
        String device = HeaderReader.key(record);
        if (!DeviceTopics.isLevel(device)) {
            throw new InvalidRecordException("key-invalid", "the key is no device's id");
        }
        String topic = ApplicationTopics.data(device, HeaderReader.tail(record, EventHeaders.SUBJECT));
        return new FromDevice(HeaderReader.required(record, EventHeaders.CLOUD), device, message(record, topic));
    }

    static FromCloud fromCloud(ConsumerRecord<byte[], byte[]> record) throws InvalidRecordException {
        String application = HeaderReader.key(record);
        if (!DeviceTopics.isLevel(application)) {
            throw new InvalidRecordException("key-invalid", "the key is no application's id");
        }
        String topic = ApplicationTopics.own(application, HeaderReader.tail(record));
        return new FromCloud(HeaderReader.required(record, EventHeaders.CLOUD), application, message(record, topic));
    }

    private static Message message(ConsumerRecord<byte[], byte[]> record, String topic) throws InvalidRecordException {
        byte[] payload = record.value() == null ? new byte[0] : record.value();
        return new Message(topic, payload, MessageProperties.of(record.headers()));
    }
}
