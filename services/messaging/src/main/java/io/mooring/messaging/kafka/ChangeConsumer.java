package io.mooring.messaging.kafka;

import io.mooring.chassis.Persistence;
import io.mooring.chassis.TopicNames;
import io.mooring.contracts.kafka.Topic;
import io.mooring.messaging.AnswerHandler;
import io.mooring.messaging.AnswerHandler.Said;
import io.mooring.messaging.db.AdoptionStore;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Follows the stream of changes: what devices answer to commands, and whether they answer at all. */
@ApplicationScoped
public class ChangeConsumer {
    private final AnswerHandler handler;
    private final RecordProducer producer;
    private final Persistence persistence;
    private final String deadLetters;

    public ChangeConsumer(AnswerHandler handler, RecordProducer producer, Persistence persistence, TopicNames topics) {
        this.handler = handler;
        this.producer = producer;
        this.persistence = persistence;
        this.deadLetters = topics.deadLetters(Topic.DATABASE_CHANGE);
    }

    @Incoming("changes")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        List<Said> answers = new ArrayList<>();
        List<AdoptionStore.Row> written = new ArrayList<>();
        Map<String, Boolean> described = new HashMap<>();
        List<ProducerRecord<String, byte[]>> dead = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            try {
                ChangeCodec.read(record.value()).ifPresent(change -> {
                    switch (change) {
                        case ChangeCodec.Answered said ->
                            answers.add(new Said(
                                    said.cloud(), said.device(), said.command(), said.answer(), said.complete()));
                        case ChangeCodec.Written row ->
                            written.add(new AdoptionStore.Row(
                                    row.cloud(),
                                    row.device(),
                                    row.account(),
                                    row.command(),
                                    row.name(),
                                    row.args(),
                                    row.description(),
                                    row.expires()));
                        case ChangeCodec.Described self -> described.put(self.device(), self.answers());
                    }
                });
            } catch (IOException | RuntimeException bad) {
                dead.add(producer.deadLetter(
                        record, deadLetters, record.value(), "bad-event", String.valueOf(bad.getMessage())));
            }
        }
        if (answers.isEmpty() && written.isEmpty() && described.isEmpty() && dead.isEmpty()) {
            return;
        }
        persistence.until("note what devices answer", () -> {
            handler.adopt(written);
            handler.handle(answers, described);
            producer.send(dead);
            return true;
        });
    }
}
