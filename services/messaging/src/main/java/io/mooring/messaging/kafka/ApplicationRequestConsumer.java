package io.mooring.messaging.kafka;

import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import io.mooring.messaging.ApplicationRequestHandler;
import io.mooring.messaging.ApplicationRequestHandler.Asked;
import io.mooring.messaging.request.ApplicationRequests;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Takes what applications ask devices over MQTT, and answer them. A batch is acknowledged once it is committed. */
@ApplicationScoped
public class ApplicationRequestConsumer {
    private static final byte[] NOTHING = {};

    private final ApplicationRequestHandler handler;
    private final BatchTaker taker;
    private final String topic;
    private final String deadLetters;

    public ApplicationRequestConsumer(ApplicationRequestHandler handler, BatchTaker taker, TopicNames topics) {
        this.handler = handler;
        this.taker = taker;
        this.topic = topics.of(Topic.APPLICATION_REQUEST);
        this.deadLetters = topics.deadLetters(Topic.APPLICATION_REQUEST);
    }

    @Incoming("application-requests")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        List<BatchTaker.Item<Asked>> batch = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            String subject = Records.header(record, EventHeaders.SUBJECT);
            String cloud = Records.header(record, EventHeaders.CLOUD);
            if (record.key() == null || subject == null || cloud == null || !ApplicationRequests.concerns(subject)) {
                continue;
            }
            byte[] body = record.value() == null ? NOTHING : record.value();
            batch.add(new BatchTaker.Item<>(
                    new Asked(cloud, record.key(), subject, body, record.partition(), record.offset()), record));
        }
        taker.take(
                "take requests of applications",
                topic,
                deadLetters,
                batch,
                List.of(),
                asked -> Optional.empty(),
                handler::handle);
    }
}
