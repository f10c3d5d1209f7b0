package io.mooring.bridge.message;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.packets.general.UserProperty;
import com.hivemq.extension.sdk.api.packets.publish.PayloadFormatIndicator;
import com.hivemq.extension.sdk.api.packets.publish.PublishPacket;
import io.mooring.contracts.kafka.EventHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * What MQTT says of a message beside its topic and payload (MQTT 5, section 3.3.2.3). Carried from end to end: between
 * brokers as headers of the record.
 *
 * @param qos 0 or 1; what was published with 2 goes on with 1
 * @param retain whether it is to be retained
 * @param expires when it is worth nothing any more
 * @param user in order
 */
public record MessageProperties(
        Qos qos,
        boolean retain,
        @Nullable Instant expires,
        @Nullable String responseTopic,
        byte @Nullable [] correlationData,
        @Nullable String contentType,
        boolean utf8,
        List<User> user) {
    /** One user property. */
    public record User(String name, String value) {}

    /** What the names of the bridge's own user properties begin with; nobody else's are let through. */
    public static final String OWN = "mooring-";

    /** Nothing but quality of service 1. */
    public static final MessageProperties NONE =
            new MessageProperties(Qos.AT_LEAST_ONCE, false, null, null, null, null, false, List.of());

    private static final JsonFactory JSON = new JsonFactory();
    private static final int MAX_USER = 100;
    private static final String UTF_8 = "utf-8";

    public MessageProperties {
        user = user.stream()
                .filter(property -> !property.name().startsWith(OWN))
                .toList();
    }

    /** Those of a publish or a will. */
    public static MessageProperties of(PublishPacket packet, Instant now) {
        List<User> user = new ArrayList<>();
        for (UserProperty property : packet.getUserProperties().asList()) {
            user.add(new User(property.getName(), property.getValue()));
        }
        return new MessageProperties(
                packet.getQos() == Qos.AT_MOST_ONCE ? Qos.AT_MOST_ONCE : Qos.AT_LEAST_ONCE,
                packet.getRetain(),
                packet.getMessageExpiryInterval().map(now::plusSeconds).orElse(null),
                packet.getResponseTopic().orElse(null),
                packet.getCorrelationData().map(MessageProperties::bytes).orElse(null),
                packet.getContentType().orElse(null),
                packet.getPayloadFormatIndicator()
                        .filter(PayloadFormatIndicator.UTF_8::equals)
                        .isPresent(),
                user);
    }

    /** How long they are, in bytes or so. */
    public int length() {
        int length = correlationData == null ? 0 : correlationData.length;
        length +=
                (responseTopic == null ? 0 : responseTopic.length()) + (contentType == null ? 0 : contentType.length());
        for (User property : user) {
            length += property.name().length() + property.value().length();
        }
        return length;
    }

    /** Adds what is not as usual to a record. */
    public void writeTo(Headers headers) {
        if (qos == Qos.AT_MOST_ONCE) {
            headers.add(EventHeaders.QOS, utf8("0"));
        }
        if (retain) {
            headers.add(EventHeaders.RETAIN, utf8("true"));
        }
        if (expires != null) {
            headers.add(EventHeaders.EXPIRES, utf8(expires.toString()));
        }
        if (responseTopic != null) {
            headers.add(EventHeaders.RESPONSE_TOPIC, utf8(responseTopic));
        }
        if (correlationData != null) {
            headers.add(EventHeaders.CORRELATION_DATA, Base64.getEncoder().encode(correlationData));
        }
        if (contentType != null) {
            headers.add(EventHeaders.CONTENT_TYPE, utf8(contentType));
        }
        if (utf8) {
            headers.add(EventHeaders.PAYLOAD_FORMAT, utf8(UTF_8));
        }
        if (!user.isEmpty()) {
            headers.add(EventHeaders.USER_PROPERTIES, userJson());
        }
    }

    /** Reads those of a record. */
    public static MessageProperties of(Headers headers) throws InvalidRecordException {
        String qos = HeaderReader.text(headers, EventHeaders.QOS);
        String correlation = HeaderReader.text(headers, EventHeaders.CORRELATION_DATA);
        String expires = HeaderReader.text(headers, EventHeaders.EXPIRES);
        String user = HeaderReader.text(headers, EventHeaders.USER_PROPERTIES);
        try {
            return new MessageProperties(
                    "0".equals(qos) ? Qos.AT_MOST_ONCE : Qos.AT_LEAST_ONCE,
                    "true".equals(HeaderReader.text(headers, EventHeaders.RETAIN)),
                    expires == null ? null : Instant.parse(expires),
                    HeaderReader.text(headers, EventHeaders.RESPONSE_TOPIC),
                    correlation == null ? null : Base64.getDecoder().decode(correlation),
                    HeaderReader.text(headers, EventHeaders.CONTENT_TYPE),
                    UTF_8.equals(HeaderReader.text(headers, EventHeaders.PAYLOAD_FORMAT)),
                    user == null ? List.of() : userOf(user));
        } catch (DateTimeParseException notATime) {
            throw new InvalidRecordException("header-invalid", EventHeaders.EXPIRES + " is not a time of RFC 3339");
        } catch (IllegalArgumentException notBase64) {
            throw new InvalidRecordException("header-invalid", EventHeaders.CORRELATION_DATA + " is not base64");
        } catch (IOException notJson) {
            throw new InvalidRecordException(
                    "header-invalid",
                    EventHeaders.USER_PROPERTIES + " is not [[\"name\",\"value\"],…] with at most " + MAX_USER);
        }
    }

    /** Whether it is worth nothing any more. */
    public boolean isExpired(Instant now) {
        return expires != null && !now.isBefore(expires);
    }

    /** The record's, with another quality of service. */
    public MessageProperties withQos(Qos other) {
        return new MessageProperties(other, retain, expires, responseTopic, correlationData, contentType, utf8, user);
    }

    /** The first user property of a name; null if there is none. */
    public @Nullable String user(String name) {
        for (User property : user) {
            if (property.name().equals(name)) {
                return property.value();
            }
        }
        return null;
    }

    /** The record's, with another value of a user property. */
    public MessageProperties with(String name, String value) {
        List<User> others = new ArrayList<>(user);
        others.removeIf(property -> property.name().equals(name));
        others.add(new User(name, value));
        return new MessageProperties(qos, retain, expires, responseTopic, correlationData, contentType, utf8, others);
    }

    private byte[] userJson() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartArray();
            for (User property : user) {
                json.writeStartArray();
                json.writeString(property.name());
                json.writeString(property.value());
                json.writeEndArray();
            }
            json.writeEndArray();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static List<User> userOf(String text) throws IOException {
        List<User> user = new ArrayList<>();
        try (JsonParser json = JSON.createParser(text)) {
            expect(json.nextToken() == JsonToken.START_ARRAY);
            while (json.nextToken() == JsonToken.START_ARRAY) {
                String name = json.nextTextValue();
                String value = json.nextTextValue();
                expect(name != null && value != null && json.nextToken() == JsonToken.END_ARRAY);
                expect(user.size() < MAX_USER);
                user.add(new User(name, value));
            }
            expect(json.currentToken() == JsonToken.END_ARRAY);
        }
        return user;
    }

    private static void expect(boolean so) throws IOException {
        if (!so) {
            throw new IOException("not as expected");
        }
    }

    /** The bytes of a buffer, which is left as it was. */
    public static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
