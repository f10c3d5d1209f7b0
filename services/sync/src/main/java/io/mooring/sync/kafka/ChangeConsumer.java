package io.mooring.sync.kafka;

import io.mooring.contracts.kafka.Topic;
import io.mooring.sync.Persistence;
import io.mooring.sync.SchemaHandler;
import io.mooring.sync.SyncDownHandler;
import io.mooring.sync.TopicNames;
import io.mooring.sync.core.ChangedRow;
import io.mooring.sync.core.CloudSchema;
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
import org.jboss.logging.Logger;

/** Reads the one stream of changes. A batch is acknowledged to Kafka once devices' topic has what follows from it. */
@ApplicationScoped
public class ChangeConsumer {
    private static final Logger LOG = Logger.getLogger(ChangeConsumer.class);

    private final SyncDownHandler handler;
    private final SchemaHandler schemas;
    private final RecordProducer producer;
    private final TopicIds topicIds;
    private final Persistence persistence;
    private final String topic;
    private final String deadLetters;

    public ChangeConsumer(
            SyncDownHandler handler,
            SchemaHandler schemas,
            RecordProducer producer,
            TopicIds topicIds,
            Persistence persistence,
            TopicNames topics) {
        this.handler = handler;
        this.schemas = schemas;
        this.producer = producer;
        this.topicIds = topicIds;
        this.persistence = persistence;
        this.topic = topics.of(Topic.DATABASE_CHANGE);
        this.deadLetters = topics.deadLetters(Topic.DATABASE_CHANGE);
    }

    @Incoming("sync-down")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        List<ConsumerRecord<String, byte[]>> batch = new ArrayList<>(records.count());
        records.forEach(batch::add);
        if (batch.isEmpty()) {
            return;
        }
        List<ChangedRow> changes = new ArrayList<>(batch.size());
        List<ProducerRecord<String, byte[]>> dead = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : batch) {
            persistence
                    .until("read a change", e -> false, () -> read(record, dead))
                    .ifPresent(changes::add);
        }
        SyncDownHandler.Indexed indexed = persistence.until(
                "index changes",
                () -> handler.index(
                        topicIds.of(topic),
                        batch.getFirst().offset(),
                        batch.getLast().offset() + 1,
                        changes));
        persistence.until("tell devices of changes", () -> {
            handler.tell(changes, indexed);
            producer.send(dead);
            return true;
        });
    }

    private Optional<ChangedRow> read(ConsumerRecord<String, byte[]> record, List<ProducerRecord<String, byte[]>> dead)
            throws SQLException {
        try {
            ChangeCodec.Event event = ChangeCodec.event(record.value()).orElse(null);
            if (event == null || event.after() == null || !CloudSchema.isCloudName(event.cloud())) {
                return Optional.empty();
            }
            CloudSchema cloud = schemas.of(event.cloud());
            if (!event.table().startsWith("_") && !knows(cloud, event)) {
                schemas.forget(event.cloud());
                cloud = schemas.of(event.cloud());
            }
            return ChangeCodec.changedRow(event, cloud, record.offset());
        } catch (IOException | RuntimeException e) {
            LOG.warnf(e, "a change event cannot be read: %s", UplinkRecord.origin(record));
            dead.add(producer.deadLetter(record, deadLetters, record.value(), "bad-event", ChangeCodec.reason(e)));
            return Optional.empty();
        }
    }

    private static boolean knows(CloudSchema cloud, ChangeCodec.Event event) {
        return cloud.layoutOfTable(event.table()) != null;
    }
}
