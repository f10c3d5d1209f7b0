package io.mooring.logs.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.Persistence;
import io.mooring.chassis.TopicNames;
import io.mooring.contracts.kafka.Topic;
import io.mooring.logs.RegistryHandler;
import io.mooring.logs.core.Reach;
import io.mooring.logs.db.ApplicationStore.Application;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Follows messaging's registry: which applications there are, and what each may. */
@ApplicationScoped
public class ApplicationConsumer {
    private final RegistryHandler handler;
    private final RecordProducer producer;
    private final Persistence persistence;
    private final String deadLetters;

    public ApplicationConsumer(
            RegistryHandler handler, RecordProducer producer, Persistence persistence, TopicNames topics) {
        this.handler = handler;
        this.producer = producer;
        this.persistence = persistence;
        this.deadLetters = topics.deadLetters(Topic.APPLICATION_REGISTRY);
    }

    @Incoming("applications")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        Map<String, Optional<Application>> last = new LinkedHashMap<>();
        List<ProducerRecord<String, byte[]>> dead = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            try {
                last.put(record.key(), record.value() == null ? Optional.empty() : read(record.value()));
            } catch (IOException | RuntimeException unreadable) {
                dead.add(producer.deadLetter(
                        record, deadLetters, record.value(), "bad-application", "is no entry of the registry"));
            }
        }
        persistence.until("note applications", () -> {
            handler.applications(last);
            producer.send(dead);
            return true;
        });
    }

    /** The application; empty if it may do nothing any more. */
    private static Optional<Application> read(byte[] value) throws IOException {
        JsonNode json = Json.read(value);
        if (!json.path("state").asText("").equals("active")) {
            return Optional.empty();
        }
        Map<String, Optional<Instant>> tokens = new HashMap<>();
        json.path("tokens")
                .forEach(token ->
                        tokens.put(token.path("sha256").asText(), Optional.ofNullable(Json.time(token, "expires"))));
        return Optional.of(new Application(
                json.required("application").asText(),
                json.required("cloud").asText(),
                texts(json.path("rights")),
                new Reach(texts(json.path("products")), texts(json.path("devices"))),
                tokens));
    }

    private static Set<String> texts(JsonNode list) {
        Set<String> texts = new HashSet<>();
        list.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
