package io.mooring.sync.kafka;

import io.mooring.chassis.Persistence;
import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.Records;
import io.mooring.chassis.kafka.TopicIds;
import io.mooring.contracts.kafka.Topic;
import io.mooring.sync.SchemaHandler;
import io.mooring.sync.SyncDownHandler;
import io.mooring.sync.core.ChangedRow;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.TransactionTraces;
import io.mooring.sync.trace.RecordedBatch;
import io.mooring.sync.trace.Tracing;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private final Tracing tracing;
    private final TransactionTraces traces = new TransactionTraces();
    private final String topic;
    private final String deadLetters;

    public ChangeConsumer(
            SyncDownHandler handler,
            SchemaHandler schemas,
            RecordProducer producer,
            TopicIds topicIds,
            Persistence persistence,
            Tracing tracing,
            TopicNames topics) {
        this.handler = handler;
        this.schemas = schemas;
        this.producer = producer;
        this.topicIds = topicIds;
        this.persistence = persistence;
        this.tracing = tracing;
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
        Reading reading;
        SyncDownHandler.Indexed indexed;
        do {
            Reading now = persistence.until("read changes", () -> read(batch));
            reading = now;
            indexed = persistence.until(
                    "index changes",
                    () -> handler.index(
                            topicIds.of(topic),
                            batch.getFirst().offset(),
                            batch.getLast().offset() + 1,
                            now.changes,
                            now.versions));
            indexed.stale().forEach(schemas::forget);
        } while (!indexed.stale().isEmpty());
        Reading read = reading;
        SyncDownHandler.Indexed known = indexed;
        RecordedBatch recorded = tracing.batch(topic);
        List<ChangedRow> changes = recorded.begin(read.changes);
        try {
            persistence.until("tell devices of changes", () -> {
                handler.tell(changes, known);
                producer.send(read.dead);
                return true;
            });
            recorded.end();
        } catch (RuntimeException e) {
            recorded.fail(e);
            throw e;
        }
    }

    /** A batch as read by the schemas that were known. */
    private static final class Reading {
        private final List<ChangedRow> changes = new ArrayList<>();
        private final List<ProducerRecord<String, byte[]>> dead = new ArrayList<>();
        private final Map<String, Integer> versions = new HashMap<>();
    }

    private Reading read(List<ConsumerRecord<String, byte[]>> batch) throws SQLException {
        Reading reading = new Reading();
        for (ConsumerRecord<String, byte[]> record : batch) {
            read(record, reading).ifPresent(reading.changes::add);
        }
        return reading;
    }

    private Optional<ChangedRow> read(ConsumerRecord<String, byte[]> record, Reading reading) throws SQLException {
        try {
            ChangeCodec.Event event = ChangeCodec.event(record.value()).orElse(null);
            if (event == null && tracing.isOn()) {
                ChangeCodec.noteTrace(record.value(), traces);
            }
            if (event == null || event.after() == null || !CloudSchema.isCloudName(event.cloud())) {
                return Optional.empty();
            }
            CloudSchema cloud = schemas.of(event.cloud());
            if (!event.table().startsWith("_") && !knows(cloud, event)) {
                schemas.forget(event.cloud());
                cloud = schemas.of(event.cloud());
            }
            reading.versions.put(cloud.cloud(), cloud.version());
            Optional<ChangedRow> change = ChangeCodec.changedRow(event, cloud, record.offset());
            return tracing.isOn()
                    ? change.map(row -> row.within(traces.of(
                            event.transaction(), event.cloud(), row.row().key())))
                    : change;
        } catch (IOException | RuntimeException e) {
            LOG.warnf(e, "a change event cannot be read: %s", Records.origin(record));
            reading.dead.add(
                    producer.deadLetter(record, deadLetters, record.value(), "bad-event", ChangeCodec.reason(e)));
            return Optional.empty();
        }
    }

    private static boolean knows(CloudSchema cloud, ChangeCodec.Event event) {
        return cloud.layoutOfTable(event.table()) != null;
    }
}
