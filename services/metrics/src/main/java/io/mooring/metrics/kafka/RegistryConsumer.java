package io.mooring.metrics.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.Persistence;
import io.mooring.chassis.TopicNames;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.metrics.RegistryHandler;
import io.mooring.metrics.db.DeviceStore.Device;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jspecify.annotations.Nullable;

/** Follows provisioning's registry: which devices there are, and whose. */
@ApplicationScoped
public class RegistryConsumer {
    private final RegistryHandler handler;
    private final RecordProducer producer;
    private final Persistence persistence;
    private final String deadLetters;

    public RegistryConsumer(
            RegistryHandler handler, RecordProducer producer, Persistence persistence, TopicNames topics) {
        this.handler = handler;
        this.producer = producer;
        this.persistence = persistence;
        this.deadLetters = topics.deadLetters(Topic.DEVICE_REGISTRY);
    }

    @Incoming("registry")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        Map<String, Optional<Device>> last = new LinkedHashMap<>();
        List<ProducerRecord<String, byte[]>> dead = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            if (record.key() != null && record.value() == null) {
                last.put(record.key(), Optional.empty());
                continue;
            }
            Device device = read(record.value());
            if (device != null) {
                last.put(device.id(), Optional.of(device));
            } else {
                dead.add(producer.deadLetter(
                        record, deadLetters, record.value(), "bad-device", "is no entry of the registry"));
            }
        }
        persistence.until("note devices", () -> {
            handler.devices(last);
            producer.send(dead);
            return true;
        });
    }

    private static @Nullable Device read(byte[] value) {
        try {
            JsonNode json = Json.read(value);
            String id = json.path("device").asText("");
            String cloud = json.path("cloud").asText("");
            if (!DeviceTopics.isLevel(id) || !DeviceTopics.isLevel(cloud)) {
                return null;
            }
            return new Device(
                    id,
                    cloud,
                    Json.text(json, "account"),
                    Json.text(json, "product"),
                    json.path("state").asText(""),
                    Json.time(json, "since"),
                    0);
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }
}
