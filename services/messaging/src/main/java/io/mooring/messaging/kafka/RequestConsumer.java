package io.mooring.messaging.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.Persistence;
import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import io.mooring.messaging.RequestHandler;
import io.mooring.messaging.core.Outcome;
import io.mooring.messaging.core.Refusal;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jspecify.annotations.Nullable;

/**
 * Answers what applications ask over MQTT about commands. The answer goes to the response topic that was named, if it is
 * one of the application's own, else to {@code response/} and what was asked.
 */
@ApplicationScoped
public class RequestConsumer {
    private final RequestHandler handler;
    private final RecordProducer producer;
    private final Persistence persistence;
    private final String messages;

    public RequestConsumer(
            RequestHandler handler, RecordProducer producer, Persistence persistence, TopicNames topics) {
        this.handler = handler;
        this.producer = producer;
        this.persistence = persistence;
        this.messages = topics.of(Topic.APPLICATION_MESSAGE);
    }

    @Incoming("requests")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        for (ConsumerRecord<String, byte[]> record : records) {
            persistence.until("answer an application", () -> {
                List<ProducerRecord<String, byte[]>> answers = new ArrayList<>();
                answer(record).ifPresent(answers::add);
                producer.send(answers);
                return true;
            });
        }
    }

    private Optional<ProducerRecord<String, byte[]>> answer(ConsumerRecord<String, byte[]> record) throws SQLException {
        String subject = Records.header(record, EventHeaders.SUBJECT);
        String cloud = Records.header(record, EventHeaders.CLOUD);
        String application = record.key();
        if (subject == null || cloud == null || application == null || !RequestHandler.isMine(subject)) {
            return Optional.empty();
        }
        Outcome<ObjectNode> outcome = handler.ask(application, subject, json(record.value()), Records.origin(record));
        ObjectNode json = switch (outcome) {
            case Outcome.Done<ObjectNode>(ObjectNode done) -> done;
            case Outcome.Refused<ObjectNode>(Refusal refusal) ->
                Json.object().put("code", refusal.code()).put("detail", refusal.detail());
        };
        return Optional.of(RecordProducer.applicationMessage(
                messages,
                cloud,
                application,
                tail(application, subject, Records.header(record, EventHeaders.RESPONSE_TOPIC)),
                json.toString(),
                Records.header(record, EventHeaders.CORRELATION_DATA)));
    }

    private static Outcome<JsonNode> json(byte @Nullable [] value) {
        if (value == null || value.length == 0) {
            return Outcome.done(Json.object());
        }
        try {
            return Outcome.done(Json.read(value));
        } catch (IOException malformed) {
            return Outcome.refused("malformed-json", "The payload is no JSON.");
        }
    }

    private static String tail(String application, String subject, @Nullable String responseTopic) {
        String own = "application/" + application + "/";
        return responseTopic != null
                        && responseTopic.startsWith(own)
                        && responseTopic.length() > own.length()
                        && responseTopic.indexOf('#') < 0
                        && responseTopic.indexOf('+') < 0
                ? responseTopic.substring(own.length())
                : "response/" + subject;
    }
}
