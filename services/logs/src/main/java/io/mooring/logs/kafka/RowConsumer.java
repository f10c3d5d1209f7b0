package io.mooring.logs.kafka;

import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.logs.RowHandler;
import io.mooring.logs.RowHandler.Letter;
import io.mooring.logs.RowHandler.Row;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jspecify.annotations.Nullable;

/** Takes rows of the model {@code Log} that devices wrote, from sync's topic of each cloud. */
@ApplicationScoped
public class RowConsumer {
    private static final String DEVICE = "device/";

    private final RowHandler handler;
    private final RecordProducer producer;
    private final String deadLetters;

    public RowConsumer(RowHandler handler, RecordProducer producer, TopicNames topics) {
        this.handler = handler;
        this.producer = producer;
        // One for both ways; topics of rows have none of their own.
        this.deadLetters = topics.deadLetters(Topic.LOG_UPLINK);
    }

    @Incoming("rows")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        IdentityHashMap<Row, ConsumerRecord<String, byte[]>> sources = new IdentityHashMap<>();
        List<Row> rows = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            // A removal is the cloud's table's business: how long lines are kept is decided here.
            Row row = record.value() == null ? null : read(record, record.value());
            if (row != null) {
                rows.add(row);
                sources.put(row, record);
            }
        }
        handler.handle(rows, dead -> {
            List<ProducerRecord<String, byte[]>> told = new ArrayList<>();
            for (Letter letter : dead) {
                ConsumerRecord<String, byte[]> source = Objects.requireNonNull(sources.get(letter.of()));
                told.add(producer.deadLetter(
                        source,
                        deadLetters,
                        source.value(),
                        letter.why().code(),
                        letter.why().detail()));
            }
            producer.send(told);
        });
    }

    /** A row of a device; null for one that is nobody's, such as one that an application wrote. */
    private static @Nullable Row read(ConsumerRecord<String, byte[]> record, byte[] value) {
        String cloud = Records.header(record, EventHeaders.CLOUD);
        String subject = Records.header(record, EventHeaders.SUBJECT);
        if (cloud == null
                || !DeviceTopics.isLevel(cloud)
                || subject == null
                || !subject.startsWith(DEVICE)
                || !DeviceTopics.isLevel(subject.substring(DEVICE.length()))
                || record.key() == null) {
            return null;
        }
        return new Row(
                cloud,
                subject.substring(DEVICE.length()),
                record.key().substring(record.key().indexOf('/') + 1),
                value,
                record.timestamp(),
                record.topic(),
                record.partition(),
                record.offset());
    }
}
