package io.mooring.sync.kafka;

import io.mooring.chassis.Persistence;
import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.sync.CatchUpWorkers;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.db.CatchUpStore.CatchUp;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Takes devices' requests for what they missed. They are noted here, and met by {@link CatchUpWorkers}. */
@ApplicationScoped
public class CatchUpConsumer {
    private final CatchUpWorkers workers;
    private final RecordProducer producer;
    private final Persistence persistence;
    private final String deadLetters;

    public CatchUpConsumer(
            CatchUpWorkers workers, RecordProducer producer, Persistence persistence, TopicNames topics) {
        this.workers = workers;
        this.producer = producer;
        this.persistence = persistence;
        this.deadLetters = topics.deadLetters(Topic.SYNC_UPLINK);
    }

    @Incoming("catch-up")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        Map<String, CatchUp> requests = new LinkedHashMap<>();
        List<ProducerRecord<String, byte[]>> dead = new ArrayList<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            if (DeviceTopics.SYNC_DOWN.equals(Records.header(record, EventHeaders.SUBJECT))) {
                read(record, requests, dead);
            }
        }
        if (!requests.isEmpty()) {
            persistence.until("note requests to catch up", () -> {
                workers.request(List.copyOf(requests.values()));
                return true;
            });
        }
        if (!dead.isEmpty()) {
            persistence.until("write dead letters", () -> {
                producer.send(dead);
                return true;
            });
        }
    }

    private void read(
            ConsumerRecord<String, byte[]> record,
            Map<String, CatchUp> requests,
            List<ProducerRecord<String, byte[]>> dead) {
        UplinkRecord uplink = UplinkRecord.of(record);
        if (uplink == null || !CloudSchema.isCloudName(uplink.cloud()) || !DeviceTopics.isLevel(uplink.device())) {
            dead.add(producer.deadLetter(
                    record, deadLetters, record.value(), "no-owner", "the record does not say whose it is"));
            return;
        }
        UplinkCodec.SyncDown asked = UplinkCodec.SyncDown.UNREADABLE;
        try {
            asked = UplinkCodec.syncDown(record.value());
        } catch (UplinkCodec.UnreadableException e) {
            // A device that asks without saying since when waits for an answer all the same: it gets everything.
            dead.add(
                    producer.deadLetter(record, deadLetters, record.value(), e.code(), String.valueOf(e.getMessage())));
        }
        requests.put(
                uplink.device(),
                new CatchUp(
                        uplink.device(),
                        uplink.cloud(),
                        uplink.account(),
                        asked.since(),
                        uplink.origin(),
                        1,
                        true,
                        asked.request()));
    }
}
