package io.mooring.metrics.kafka;

import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.metrics.RowHandler;
import io.mooring.metrics.RowHandler.Letter;
import io.mooring.metrics.RowHandler.Row;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jspecify.annotations.Nullable;

/** Takes rows of models whose numbers are metrics, from sync's topics; those of others it passes over unread. */
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
        this.deadLetters = topics.deadLetters(Topic.METRIC_UPLINK);
    }

    @Incoming("rows")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        Map<String, Boolean> wanted = new HashMap<>();
        IdentityHashMap<Row, ConsumerRecord<String, byte[]>> sources = new IdentityHashMap<>();
        List<Row> rows = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            if (record.value() == null || !wanted.computeIfAbsent(record.topic(), this::wants)) {
                continue;
            }
            Row row = read(record, record.value());
            if (row != null) {
                rows.add(row);
                sources.put(row, record);
            }
        }
        if (rows.isEmpty()) {
            return;
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

    /** {@code PREFIX.row.CLOUD.TABLE.v1}; a prefix may have dots. */
    private boolean wants(String topic) {
        String[] parts = topic.split("\\.", -1);
        return parts.length >= 4 && handler.wants(parts[parts.length - 3], parts[parts.length - 2]);
    }

    /** A row of a device; null for one that is an account's or everybody's: it says nothing of any device. */
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
        return new Row(cloud, subject.substring(DEVICE.length()), record.key(), value, record.timestamp());
    }
}
