package io.mooring.metrics.kafka;

import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.metrics.UplinkHandler;
import io.mooring.metrics.UplinkHandler.Letter;
import io.mooring.metrics.UplinkHandler.Uplink;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jspecify.annotations.Nullable;

/** Takes what devices tell and ask of metrics. A batch is acknowledged to Kafka once it is committed. */
@ApplicationScoped
public class UplinkConsumer {
    private static final byte[] NOTHING = {};

    private final UplinkHandler handler;
    private final RecordProducer producer;
    private final String deadLetters;
    private final String downlinks;

    public UplinkConsumer(UplinkHandler handler, RecordProducer producer, TopicNames topics) {
        this.handler = handler;
        this.producer = producer;
        this.deadLetters = topics.deadLetters(Topic.METRIC_UPLINK);
        this.downlinks = topics.of(Topic.DEVICE_DOWNLINK);
    }

    @Incoming("uplink")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        Map<Uplink, ConsumerRecord<String, byte[]>> sources = new HashMap<>();
        List<Uplink> batch = new ArrayList<>();
        List<ProducerRecord<String, byte[]>> ownerless = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            Uplink uplink = read(record);
            if (uplink == null) {
                String why = "the record does not say which device of which cloud it is of";
                ownerless.add(producer.deadLetter(record, deadLetters, record.value(), "no-owner", why));
            } else {
                batch.add(uplink);
                sources.put(uplink, record);
            }
        }
        handler.handle(batch, (answers, dead) -> {
            List<ProducerRecord<String, byte[]>> told = new ArrayList<>(ownerless);
            ownerless.clear();
            for (UplinkHandler.Answer answer : answers) {
                Uplink to = answer.to();
                told.add(RecordProducer.downlink(
                        downlinks, to.cloud(), "device/" + to.device(), to.device(), answer.tail(), answer.body()));
            }
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

    private static @Nullable Uplink read(ConsumerRecord<String, byte[]> record) {
        String cloud = Records.header(record, EventHeaders.CLOUD);
        String subject = Records.header(record, EventHeaders.SUBJECT);
        if (cloud == null
                || !DeviceTopics.isLevel(cloud)
                || subject == null
                || record.key() == null
                || !DeviceTopics.isLevel(record.key())) {
            return null;
        }
        return new Uplink(
                cloud,
                record.key(),
                subject,
                record.value() == null ? NOTHING : record.value(),
                record.timestamp(),
                record.partition(),
                record.offset());
    }
}
