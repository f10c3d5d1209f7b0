package io.mooring.bridge.event;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.mooring.contracts.kafka.EventHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Writes events as CloudEvents with a JSON value. */
public final class EventCodec {
    private final JsonFactory json = new JsonFactory();
    private final String source;

    /** With whom the events' {@code ce_source} names. */
    public EventCodec(String source) {
        this.source = source;
    }

    /**
     * One event.
     *
     * @param fields the JSON value's, in their order; texts, numbers, booleans, null, and maps of such
     */
    public ProducerRecord<byte[], byte[]> record(
            String topic,
            String key,
            String type,
            String subject,
            @Nullable String cloud,
            @Nullable String account,
            Instant at,
            Map<String, ? extends @Nullable Object> fields) {
        return record(UUID.randomUUID(), topic, key, type, subject, cloud, account, at, fields);
    }

    /**
     * The same, of an event that names itself in its value, too.
     *
     * @param id unique among this source's
     */
    ProducerRecord<byte[], byte[]> record(
            UUID id,
            String topic,
            String key,
            String type,
            String subject,
            @Nullable String cloud,
            @Nullable String account,
            Instant at,
            Map<String, ? extends @Nullable Object> fields) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, utf8(key), value(fields));
        record.headers()
                .add(EventHeaders.SPEC_VERSION, utf8(EventHeaders.SPEC_VERSION_1_0))
                .add(EventHeaders.ID, utf8(id.toString()))
                .add(EventHeaders.SOURCE, utf8(source))
                .add(EventHeaders.TYPE, utf8(type))
                .add(EventHeaders.SUBJECT, utf8(subject))
                .add(EventHeaders.TIME, utf8(time(at)))
                .add(EventHeaders.CONTENT_TYPE, utf8("application/json"));
        if (cloud != null) {
            record.headers().add(EventHeaders.CLOUD, utf8(cloud));
        }
        if (account != null) {
            record.headers().add(EventHeaders.ACCOUNT, utf8(account));
        }
        return record;
    }

    /** RFC 3339, milliseconds, UTC. */
    public static String time(Instant at) {
        Instant millis = at.truncatedTo(ChronoUnit.MILLIS);
        String text = millis.toString();
        return millis.getNano() == 0 ? text.replace("Z", ".000Z") : text;
    }

    private byte[] value(Map<String, ? extends @Nullable Object> fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator generator = json.createGenerator(bytes)) {
            object(generator, fields);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static void object(JsonGenerator generator, Map<?, ?> fields) throws IOException {
        generator.writeStartObject();
        for (Map.Entry<?, ?> field : fields.entrySet()) {
            generator.writeFieldName(field.getKey().toString());
            Object value = field.getValue();
            if (value == null) {
                generator.writeNull();
            } else if (value instanceof Boolean flag) {
                generator.writeBoolean(flag);
            } else if (value instanceof Integer number) {
                generator.writeNumber(number);
            } else if (value instanceof Long number) {
                generator.writeNumber(number);
            } else if (value instanceof Map<?, ?> nested) {
                object(generator, nested);
            } else {
                generator.writeString(value.toString());
            }
        }
        generator.writeEndObject();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
