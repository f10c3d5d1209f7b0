package io.mooring.messaging.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.messaging.EventStreams.Batch;
import io.mooring.messaging.EventStreams.Event;
import io.mooring.messaging.core.EventKind;
import io.mooring.messaging.core.StreamPosition;
import io.mooring.messaging.db.Database;
import io.mooring.messaging.db.DeviceStore;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The events that applications hear over HTTP, as they stand in Kafka; each kind has a topic of its own. */
@Singleton
public class StreamRecords {
    private static final Logger LOG = Logger.getLogger(StreamRecords.class);

    private final Map<EventKind, String> topics = new EnumMap<>(EventKind.class);
    private final Database database;

    public StreamRecords(TopicNames names, Database database) {
        topics.put(EventKind.COMMAND, names.of(Topic.COMMAND_EVENT));
        topics.put(EventKind.PRESENCE, names.of(Topic.PRESENCE_STATE));
        topics.put(EventKind.MESSAGE, names.of(Topic.APPLICATION_UPLINK));
        this.database = database;
    }

    /** The topic of a kind. */
    public String topic(EventKind kind) {
        return Objects.requireNonNull(topics.get(kind));
    }

    /** The kind of a topic. */
    public EventKind kind(String topic) {
        return topics.entrySet().stream()
                .filter(entry -> entry.getValue().equals(topic))
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    /** The end of records, of the partitions that they came from. */
    public StreamPosition end(ConsumerRecords<String, byte[]> records) {
        StreamPosition end = StreamPosition.NONE;
        for (TopicPartition partition : records.partitions()) {
            List<ConsumerRecord<String, byte[]>> some = records.records(partition);
            end = end.at(
                    kind(partition.topic()),
                    partition.partition(),
                    some.getLast().offset() + 1);
        }
        return end;
    }

    /** Reads events; what cannot be read is for its own consumer to complain of. */
    public Batch read(ConsumerRecords<String, byte[]> records, boolean productNeeded) {
        Optional<Map<String, DeviceStore.Device>> devices = productNeeded ? devices(records) : Optional.empty();
        List<Event> events = new ArrayList<>(records.count());
        for (ConsumerRecord<String, byte[]> record : records) {
            DeviceStore.Device device = devices.isEmpty() || record.key() == null
                    ? null
                    : devices.get().get(record.key());
            Event event = event(record, device == null ? null : device.product());
            if (event != null) {
                events.add(event);
            }
        }
        return new Batch(events, end(records), devices.isPresent());
    }

    private Optional<Map<String, DeviceStore.Device>> devices(ConsumerRecords<String, byte[]> records) {
        Set<String> ids = new HashSet<>();
        records.forEach(record -> ids.add(String.valueOf(record.key())));
        try {
            return Optional.of(database.read(connection -> DeviceStore.find(connection, ids)));
        } catch (SQLException away) {
            LOG.warnf("whose devices are is not known now, and the streams of who reaches products end: %s", away);
            return Optional.empty();
        }
    }

    private @Nullable Event event(ConsumerRecord<String, byte[]> record, @Nullable String product) {
        String type = Records.header(record, EventHeaders.TYPE);
        String cloud = Records.header(record, EventHeaders.CLOUD);
        if (type == null || cloud == null || record.key() == null || record.value() == null) {
            return null;
        }
        EventKind kind = kind(record.topic());
        try {
            return switch (kind) {
                case COMMAND -> {
                    JsonNode json = type.equals(EventTypes.COMMAND_CHANGED) ? Json.read(record.value()) : null;
                    yield json == null
                            ? null
                            : event(
                                    record,
                                    cloud,
                                    product,
                                    Json.text(json, "command"),
                                    Json.text(json, "caller"),
                                    json.toString());
                }
                case PRESENCE ->
                    type.equals(EventTypes.PRESENCE_STATE)
                            ? event(
                                    record,
                                    cloud,
                                    product,
                                    null,
                                    null,
                                    Json.read(record.value()).toString())
                            : null;
                case MESSAGE ->
                    type.equals(EventTypes.APPLICATION_UPLINK)
                            ? event(record, cloud, product, null, null, message(record))
                            : null;
            };
        } catch (IOException unreadable) {
            return null;
        }
    }

    private Event event(
            ConsumerRecord<String, byte[]> record,
            String cloud,
            @Nullable String product,
            @Nullable String command,
            @Nullable String caller,
            String json) {
        return new Event(
                kind(record.topic()),
                cloud,
                record.key(),
                product,
                command,
                caller,
                record.partition(),
                record.offset(),
                json);
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
