package io.mooring.messaging.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.chassis.Persistence;
import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.Receiver;
import io.mooring.contracts.mqtt.ShadowTopic;
import io.mooring.messaging.core.shadow.ShadowRequestReader;
import io.mooring.messaging.shadow.ShadowMessages;
import io.mooring.messaging.shadow.ShadowNewsHandler;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Tells devices of shadows that were written with SQL. Of those that were written here they have been told. */
@ApplicationScoped
public class ShadowEventConsumer {
    /** The source of events of rows that somebody wrote, as db/migration/V20__shadows.sql says it. */
    private static final String DATABASE = "/database";

    private final ShadowNewsHandler handler;
    private final RecordProducer producer;
    private final Persistence persistence;
    private final String downlinks;
    private final String deadLetters;

    public ShadowEventConsumer(
            ShadowNewsHandler handler, RecordProducer producer, Persistence persistence, TopicNames topics) {
        this.handler = handler;
        this.producer = producer;
        this.persistence = persistence;
        this.downlinks = topics.of(Topic.DEVICE_DOWNLINK);
        this.deadLetters = topics.deadLetters(Topic.SHADOW_EVENT);
    }

    @Incoming("shadow-events")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        List<ProducerRecord<String, byte[]>> messages = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            boolean ofADatabaseRow = DATABASE.equals(Records.header(record, EventHeaders.SOURCE))
                    && EventTypes.SHADOW_UPDATED.equals(Records.header(record, EventHeaders.TYPE));
            if (ofADatabaseRow) {
                tell(record, messages);
            }
        }
        if (!messages.isEmpty()) {
            persistence.until("tell devices of shadows", () -> {
                producer.send(messages);
                return true;
            });
        }
    }

    private void tell(ConsumerRecord<String, byte[]> record, List<ProducerRecord<String, byte[]>> messages) {
        String cloud = Records.header(record, EventHeaders.CLOUD);
        try {
            JsonNode event = ShadowRequestReader.JSON.readTree(record.value());
            String device = event.path("device").asText();
            String shadow = event.path("shadow").asText();
            if (cloud == null || !(shadow.equals(ShadowTopic.CLASSIC) || ShadowTopic.isName(shadow))) {
                throw new IOException("no cloud, or no shadow");
            }
            String receiver = new Receiver.Device(device).toString();
            handler.news(event)
                    .forEach(news -> messages.add(RecordProducer.downlink(
                            downlinks,
                            cloud,
                            receiver,
                            device,
                            ShadowMessages.tail(shadow, news),
                            news.body().toString())));
        } catch (IOException | RuntimeException e) {
            messages.add(producer.deadLetter(
                    record, deadLetters, record.value(), "bad-event", String.valueOf(e.getMessage())));
        }
    }
}
