package io.mooring.messaging.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.chassis.Json;
import io.mooring.chassis.Persistence;
import io.mooring.chassis.TopicNames;
import io.mooring.contracts.kafka.Topic;
import io.mooring.messaging.CommandHandler;
import io.mooring.messaging.db.ExecutionStore.Key;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Follows devices' acknowledgements: they have the commands that they were sent. */
@ApplicationScoped
public class ReceiptConsumer {
    private final CommandHandler handler;
    private final RecordProducer producer;
    private final Persistence persistence;
    private final String deadLetters;

    public ReceiptConsumer(
            CommandHandler handler, RecordProducer producer, Persistence persistence, TopicNames topics) {
        this.handler = handler;
        this.producer = producer;
        this.persistence = persistence;
        this.deadLetters = topics.deadLetters(Topic.DEVICE_RECEIPT);
    }

    @Incoming("receipts")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        Set<Key> received = new HashSet<>();
        List<ProducerRecord<String, byte[]>> dead = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            try {
                JsonNode json = Json.read(record.value());
                String device = json.path("device").asText("");
                String receipt = json.path("receipt").asText("");
                if (device.isEmpty() || receipt.isEmpty()) {
                    throw new IOException("has no device or no receipt");
                }
                // Of rows, by their id; others ask for receipts of other things, whose names have slashes.
                if (receipt.indexOf('/') < 0) {
                    received.add(new Key(receipt, device));
                }
            } catch (IOException | RuntimeException bad) {
                dead.add(producer.deadLetter(
                        record, deadLetters, record.value(), "bad-receipt", String.valueOf(bad.getMessage())));
            }
        }
        persistence.until("note what devices have", () -> {
            handler.received(received);
            producer.send(dead);
            return true;
        });
    }
}
