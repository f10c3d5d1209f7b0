package io.mooring.bridge.downlink;

import io.mooring.bridge.message.HeaderReader;
import io.mooring.bridge.message.InvalidRecordException;
import io.mooring.bridge.message.Message;
import io.mooring.bridge.message.MessageProperties;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.mqtt.ApplicationTopics;
import io.mooring.contracts.mqtt.Receiver;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Reads the records of the downlink topics, see docs/asyncapi.yaml. */
final class DownlinkCodec {
    private static final int MAX_RECEIPT_LENGTH = 128;

    private DownlinkCodec() {}

    /** What the cloud tells. */
    static Downlink read(ConsumerRecord<byte[], byte[]> message) throws InvalidRecordException {
        String cloud = HeaderReader.required(message, EventHeaders.CLOUD);
        Receiver receiver = receiver(message);
        String topic = receiver.topic(HeaderReader.tail(message));
        return new Downlink(
                cloud,
                receiver,
                except(message),
                new Message(topic, payload(message), MessageProperties.NONE),
                receipt(message, receiver));
    }

    /** What an application tells a device. */
    static Downlink readData(ConsumerRecord<byte[], byte[]> message) throws InvalidRecordException {
        String cloud = HeaderReader.required(message, EventHeaders.CLOUD);
        if (!(receiver(message) instanceof Receiver.Device device)) {
            throw new InvalidRecordException("receiver-invalid", "ce_subject names no device");
        }
        String topic = ApplicationTopics.data(device.id(), HeaderReader.tail(message));
        MessageProperties properties = MessageProperties.of(message.headers());
        return new Downlink(
                cloud, device, Set.of(), new Message(topic, payload(message), properties), receipt(message, device));
    }

    private static Set<String> except(ConsumerRecord<byte[], byte[]> message) {
        String except = HeaderReader.text(message.headers(), EventHeaders.EXCEPT);
        return except == null ? Set.of() : new HashSet<>(List.of(except.split(",")));
    }

    private static Receiver receiver(ConsumerRecord<byte[], byte[]> message) throws InvalidRecordException {
        String subject = HeaderReader.required(message, EventHeaders.SUBJECT);
        return Receiver.parse(subject)
                .orElseThrow(() -> new InvalidRecordException("receiver-invalid", "ce_subject names no receiver"));
    }

    private static @Nullable String receipt(ConsumerRecord<byte[], byte[]> message, Receiver receiver)
            throws InvalidRecordException {
        String receipt = HeaderReader.text(message.headers(), EventHeaders.RECEIPT);
        if (receipt != null && (receipt.length() > MAX_RECEIPT_LENGTH || !(receiver instanceof Receiver.Device))) {
            throw new InvalidRecordException(
                    "receipt-invalid", "ce_receipt is for one device, and at most " + MAX_RECEIPT_LENGTH + " long");
        }
        return receipt;
    }

    private static byte[] payload(ConsumerRecord<byte[], byte[]> message) {
        return message.value() == null ? new byte[0] : message.value();
    }
}
