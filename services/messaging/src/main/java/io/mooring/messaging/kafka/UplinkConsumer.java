package io.mooring.messaging.kafka;

import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.contracts.mqtt.Receiver;
import io.mooring.messaging.UplinkHandler;
import io.mooring.messaging.UplinkHandler.Uplink;
import io.mooring.messaging.core.Names;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jspecify.annotations.Nullable;

/** Takes devices' requests from the uplink topic. A batch is acknowledged to Kafka once it is committed. */
@ApplicationScoped
public class UplinkConsumer {
    private static final byte[] NOTHING = {};

    private final UplinkHandler handler;
    private final BatchTaker taker;
    private final RecordProducer producer;
    private final String topic;
    private final String deadLetters;
    private final String downlinks;

    public UplinkConsumer(UplinkHandler handler, BatchTaker taker, RecordProducer producer, TopicNames topics) {
        this.handler = handler;
        this.taker = taker;
        this.producer = producer;
        this.topic = topics.of(Topic.DEVICE_UPLINK);
        this.downlinks = topics.of(Topic.DEVICE_DOWNLINK);
        this.deadLetters = topics.deadLetters(Topic.DEVICE_UPLINK);
    }

    @Incoming("uplink")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        List<BatchTaker.Item<Uplink>> batch = new ArrayList<>();
        List<ProducerRecord<String, byte[]>> dead = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            String subject = Records.header(record, EventHeaders.SUBJECT);
            if (subject == null || !UplinkHandler.concerns(subject)) {
                continue;
            }
            Uplink uplink = read(record, subject);
            if (uplink == null) {
                String why = "the record does not say which device of which cloud it is of";
                dead.add(producer.deadLetter(record, deadLetters, record.value(), "no-owner", why));
            } else {
                batch.add(new BatchTaker.Item<>(uplink, record));
            }
        }
        taker.take("take requests of devices", topic, deadLetters, batch, dead, this::apology, handler::handle);
    }

    /** A fault of ours is no reason to leave a device waiting. */
    private Optional<ProducerRecord<String, byte[]>> apology(Uplink uplink) {
        return UplinkHandler.apology(uplink)
                .map(answer -> RecordProducer.downlink(
                        downlinks,
                        uplink.cloud(),
                        new Receiver.Device(uplink.device()).toString(),
                        uplink.device(),
                        answer.tail(),
                        answer.body()));
    }

    private static @Nullable Uplink read(ConsumerRecord<String, byte[]> record, String subject) {
        String cloud = Records.header(record, EventHeaders.CLOUD);
        if (cloud == null || !Names.isCloud(cloud) || record.key() == null || !DeviceTopics.isLevel(record.key())) {
            return null;
        }
        return new Uplink(
                cloud,
                Records.header(record, EventHeaders.ACCOUNT),
                record.key(),
                Records.header(record, EventHeaders.APPLICATION),
                subject,
                record.value() == null ? NOTHING : record.value(),
                Instant.ofEpochMilli(record.timestamp()),
                record.partition(),
                record.offset());
    }
}
