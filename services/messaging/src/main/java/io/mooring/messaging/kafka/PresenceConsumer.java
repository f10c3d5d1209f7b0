package io.mooring.messaging.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.Persistence;
import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.messaging.PresenceHandler;
import io.mooring.messaging.PresenceHandler.Word;
import io.mooring.messaging.core.Names;
import io.mooring.messaging.core.Presence;
import io.mooring.messaging.db.PresenceStore.Node;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Follows broker nodes: which devices connect and leave, and whether the nodes themselves are there. */
@ApplicationScoped
public class PresenceConsumer {
    private final PresenceHandler handler;
    private final RecordProducer producer;
    private final Persistence persistence;
    private final TopicNames topics;

    public PresenceConsumer(
            PresenceHandler handler, RecordProducer producer, Persistence persistence, TopicNames topics) {
        this.handler = handler;
        this.producer = producer;
        this.persistence = persistence;
        this.topics = topics;
    }

    @Incoming("presence")
    @Blocking
    void consumePresence(ConsumerRecords<String, byte[]> records) {
        List<Word> words = new ArrayList<>();
        List<ProducerRecord<String, byte[]>> dead = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            try {
                words.add(word(record));
            } catch (IOException | RuntimeException bad) {
                dead.add(dead(record, Topic.DEVICE_PRESENCE, bad));
            }
        }
        persistence.until("note which devices are connected", () -> {
            handler.heard(words);
            producer.send(dead);
            return true;
        });
    }

    @Incoming("nodes")
    @Blocking
    void consumeNodes(ConsumerRecords<String, byte[]> records) {
        List<Node> nodes = new ArrayList<>();
        List<ProducerRecord<String, byte[]>> dead = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            try {
                if (record.value() != null) {
                    nodes.add(node(Json.read(record.value())));
                }
            } catch (IOException | RuntimeException bad) {
                dead.add(dead(record, Topic.BROKER_NODE, bad));
            }
        }
        persistence.until("note which broker nodes there are", () -> {
            handler.nodes(nodes);
            producer.send(dead);
            return true;
        });
    }

    private ProducerRecord<String, byte[]> dead(ConsumerRecord<String, byte[]> record, Topic topic, Exception bad) {
        return producer.deadLetter(
                record, topics.deadLetters(topic), record.value(), "bad-presence", String.valueOf(bad.getMessage()));
    }

    private static Word word(ConsumerRecord<String, byte[]> record) throws IOException {
        JsonNode json = Json.read(record.value());
        String device = json.path("device").asText("");
        String cloud = json.path("cloud").asText("");
        Instant at = time(json, "at");
        String node = json.path("node").asText("");
        String session = json.path("session").asText("");
        if (device.isEmpty() || node.isEmpty() || !Names.isCloud(cloud)) {
            throw new IOException("names no device, node or cloud");
        }
        String type = String.valueOf(Records.header(record, EventHeaders.TYPE));
        Presence.Heard heard = switch (type) {
            case EventTypes.DEVICE_CONNECTED -> {
                Instant since = Json.time(json, "since");
                yield new Presence.Connected(
                        since == null ? at : since,
                        node,
                        session,
                        Json.text(json, "address"),
                        Json.text(json, "protocol"));
            }
            case EventTypes.DEVICE_DISCONNECTED -> new Presence.Left(at, node, session);
            default -> throw new IOException("is of the unknown type " + type);
        };
        return new Word(device, cloud, Json.text(json, "account"), heard);
    }

    private static Node node(JsonNode json) throws IOException {
        String name = json.path("node").asText("");
        if (name.isEmpty()) {
            throw new IOException("names no node");
        }
        return new Node(
                name,
                time(json, "started"),
                time(json, "time"),
                Instant.now(),
                json.path("stopped").asBoolean(false));
    }

    private static Instant time(JsonNode json, String member) throws IOException {
        Instant time = Json.time(json, member);
        if (time == null) {
            throw new IOException("has no time " + member);
        }
        return time;
    }
}
