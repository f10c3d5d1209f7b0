package io.mooring.bridge.downlink;

import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.contracts.mqtt.Receiver;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Reads the records of the downlink topic, see docs/asyncapi.yaml. */
final class DownlinkCodec {
    /** A record is not what a downlink record is. */
    static final class InvalidDownlinkException extends Exception {
        private final String code;

        InvalidDownlinkException(String code, String detail) {
            super(detail);
            this.code = code;
        }

        String code() {
            return code;
        }
    }

    private DownlinkCodec() {}

    static Downlink read(ConsumerRecord<byte[], byte[]> message) throws InvalidDownlinkException {
        String cloud = header(message, EventHeaders.CLOUD);
        String subject = header(message, EventHeaders.SUBJECT);
        String tail = header(message, EventHeaders.TOPIC);
        Optional<Receiver> receiver = Receiver.parse(subject);
        if (receiver.isEmpty()) {
            throw new InvalidDownlinkException("receiver-invalid", "ce_subject names no receiver");
        }
        boolean plain = !tail.startsWith("/")
                && tail.length() <= DeviceTopics.MAX_TOPIC_LENGTH
                && tail.chars().noneMatch(c -> c == '#' || c == '+' || c < ' ');
        if (!plain) {
            throw new InvalidDownlinkException("topic-invalid", "ce_topic is not the end of a topic");
        }
        byte[] payload = message.value() == null ? new byte[0] : message.value();
        return new Downlink(cloud, receiver.get(), except(message), tail, payload);
    }

    private static Set<String> except(ConsumerRecord<byte[], byte[]> message) {
        Header header = message.headers().lastHeader(EventHeaders.EXCEPT);
        return header == null || header.value() == null
                ? Set.of()
                : new HashSet<>(List.of(new String(header.value(), StandardCharsets.UTF_8).split(",")));
    }

    private static String header(ConsumerRecord<byte[], byte[]> message, String name) throws InvalidDownlinkException {
        Header header = message.headers().lastHeader(name);
        if (header == null || header.value() == null || header.value().length == 0) {
            throw new InvalidDownlinkException("header-missing", name + " is missing");
        }
        return new String(header.value(), StandardCharsets.UTF_8);
    }
}
