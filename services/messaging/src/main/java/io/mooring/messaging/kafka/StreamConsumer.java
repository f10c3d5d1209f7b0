package io.mooring.messaging.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.messaging.EventStreams;
import io.mooring.messaging.EventStreams.Event;
import io.mooring.messaging.EventStreams.Kind;
import io.mooring.messaging.Json;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.DeviceStore;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Hears events as they happen, for whoever listens over HTTP. Every instance hears all of them, from when it started; what
 * cannot be read is for its own consumer to complain of.
 */
@ApplicationScoped
public class StreamConsumer {
    private static final Logger LOG = Logger.getLogger(StreamConsumer.class);

    private final EventStreams streams;
    private final Database database;

    public StreamConsumer(EventStreams streams, Database database) {
        this.streams = streams;
        this.database = database;
    }

    @Incoming("streams")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        if (!streams.isAnybodyThere()) {
            return;
        }
        Map<String, DeviceStore.Device> devices = streams.isProductNeeded() ? devices(records) : Map.of();
        for (ConsumerRecord<String, byte[]> record : records) {
            DeviceStore.Device device = record.key() == null ? null : devices.get(record.key());
            Event event = event(record, device == null ? null : device.product());
            if (event != null) {
                streams.tell(event);
            }
        }
    }

    private Map<String, DeviceStore.Device> devices(ConsumerRecords<String, byte[]> records) {
        Set<String> ids = new HashSet<>();
        records.forEach(record -> ids.add(String.valueOf(record.key())));
        try {
            return database.read(connection -> DeviceStore.find(connection, ids));
        } catch (SQLException away) {
            LOG.warnf("whose devices are is not known now, and who reaches products only hears nothing: %s", away);
            return Map.of();
        }
    }

    private static @Nullable Event event(ConsumerRecord<String, byte[]> record, @Nullable String product) {
        String type = Records.header(record, EventHeaders.TYPE);
        String cloud = Records.header(record, EventHeaders.CLOUD);
        if (type == null || cloud == null || record.key() == null || record.value() == null) {
            return null;
        }
        try {
            return switch (type) {
                case EventTypes.COMMAND_CHANGED -> {
                    JsonNode json = Json.read(record.value());
                    yield new Event(
                            Kind.COMMAND,
                            cloud,
                            record.key(),
                            product,
                            Json.text(json, "command"),
                            Json.text(json, "caller"),
                            Records.origin(record),
                            json.toString());
                }
                case EventTypes.PRESENCE_STATE ->
                    plain(
                            Kind.PRESENCE,
                            cloud,
                            record,
                            product,
                            Json.read(record.value()).toString());
                case EventTypes.APPLICATION_UPLINK -> plain(Kind.MESSAGE, cloud, record, product, message(record));
                default -> null;
            };
        } catch (IOException unreadable) {
            return null;
        }
    }

    private static Event plain(
            Kind kind, String cloud, ConsumerRecord<String, byte[]> record, @Nullable String product, String json) {
        return new Event(kind, cloud, record.key(), product, null, null, Records.origin(record), json);
    }

    private static String message(ConsumerRecord<String, byte[]> record) {
        ObjectNode json =
                Json.object().put("device", record.key()).put("topic", Records.header(record, EventHeaders.SUBJECT));
        String contentType = Records.header(record, EventHeaders.CONTENT_TYPE);
        if (contentType != null) {
            json.put("contentType", contentType);
        }
        try {
            json.put(
                    "payload",
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(record.value()))
                            .toString());
        } catch (CharacterCodingException binary) {
            json.put("payloadBase64", Base64.getEncoder().encodeToString(record.value()));
        }
        return json.put("at", Instant.ofEpochMilli(record.timestamp()).toString())
                .toString();
    }
}
