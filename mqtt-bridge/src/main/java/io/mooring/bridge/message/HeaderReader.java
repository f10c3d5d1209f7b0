package io.mooring.bridge.message;

import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Reads the headers of records. A header without a value counts as absent. */
public final class HeaderReader {
    private HeaderReader() {}

    /** What a header says; null if it is not there. */
    public static @Nullable String text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null || header.value() == null || header.value().length == 0
                ? null
                : new String(header.value(), StandardCharsets.UTF_8);
    }

    /** What a header says that must be there. */
    public static String required(ConsumerRecord<byte[], byte[]> message, String name) throws InvalidRecordException {
        String text = text(message.headers(), name);
        if (text == null) {
            throw new InvalidRecordException("header-missing", name + " is missing");
        }
        return text;
    }

    /** The device of a record, which is its key. */
    public static String key(ConsumerRecord<byte[], byte[]> message) throws InvalidRecordException {
        if (message.key() == null) {
            throw new InvalidRecordException("no-key", "a record of " + message.topic() + " needs a key");
        }
        return new String(message.key(), StandardCharsets.UTF_8);
    }

    /** The end of an MQTT topic that a record is for. */
    public static String tail(ConsumerRecord<byte[], byte[]> message) throws InvalidRecordException {
        return tail(message, EventHeaders.TOPIC);
    }

    /** The end of an MQTT topic that one header of a record says. */
    public static String tail(ConsumerRecord<byte[], byte[]> message, String name) throws InvalidRecordException {
        String tail = required(message, name);
        boolean plain = !tail.startsWith("/")
                && tail.length() <= DeviceTopics.MAX_TOPIC_LENGTH
                && tail.chars().noneMatch(c -> c == '#' || c == '+' || c < ' ');
        if (!plain) {
            throw new InvalidRecordException("topic-invalid", name + " is not the end of a topic");
        }
        return tail;
    }
}
