package io.mooring.sync.kafka;

import io.mooring.chassis.Persistence;
import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.contracts.trace.TraceContext;
import io.mooring.sync.CatchUpWorkers;
import io.mooring.sync.SyncUpHandler;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.db.DeviceStore;
import io.mooring.sync.db.OutboxStore;
import io.mooring.sync.trace.RecordedBatch;
import io.mooring.sync.trace.Tracing;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes devices' changes from the uplink topic. A batch is acknowledged to Kafka once it is committed and Kafka has
 * what devices are told of it (ADR 15).
 */
@ApplicationScoped
public class SyncUpConsumer {
    private static final Logger LOG = Logger.getLogger(SyncUpConsumer.class);

    private static final String NOT_STORABLE = "not-storable";

    /** What is merged in one transaction: what is read takes more than ten times as much memory as its JSON. */
    private static final int MAX_BATCH_BYTES = 256 * 1024;

    private final SyncUpHandler handler;
    private final CatchUpWorkers catchUps;
    private final RecordProducer producer;
    private final Persistence persistence;
    private final Tracing tracing;
    private final String topic;
    private final String deadLetters;

    public SyncUpConsumer(
            SyncUpHandler handler,
            CatchUpWorkers catchUps,
            RecordProducer producer,
            Persistence persistence,
            Tracing tracing,
            TopicNames topics) {
        this.handler = handler;
        this.catchUps = catchUps;
        this.producer = producer;
        this.persistence = persistence;
        this.tracing = tracing;
        this.topic = topics.of(Topic.SYNC_UPLINK);
        this.deadLetters = topics.deadLetters(Topic.SYNC_UPLINK);
    }

    @Incoming("sync-up")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        Batch batch = new Batch();
        for (ConsumerRecord<String, byte[]> record : records) {
            String subject = Records.header(record, EventHeaders.SUBJECT);
            if (DeviceTopics.SYNC_UP.equals(subject)) {
                batch.read(record);
            } else if (DeviceTopics.SYNC_DOWN.equals(subject)) {
                batch.claim(record);
            }
            if (batch.bytes >= MAX_BATCH_BYTES) {
                take(batch);
                batch = new Batch();
            }
        }
        take(batch);
    }

    private void take(Batch batch) {
        try {
            takeAll(batch);
            batch.recorded.end();
        } catch (RuntimeException e) {
            batch.recorded.fail(e);
            throw e;
        }
    }

    private void takeAll(Batch batch) {
        if (!batch.received.isEmpty() || !batch.claims.isEmpty()) {
            batch.recorded.together("merge", batch.received.size());
            take(batch, batch.received);
            batch.recorded.done();
            // They wait for what was sent before them.
            catchUps.look(batch.claims.size());
        }
        if (!batch.answers.isEmpty() || !batch.dead.isEmpty()) {
            persistence.until("answer devices", () -> {
                producer.send(batch.records());
                return true;
            });
        }
    }

    /** Has changes merged; if the data itself is at fault, finds the message that is, and its change. */
    private void take(Batch batch, List<SyncUpHandler.Received> received) {
        try {
            SyncUpHandler.Outcome outcome = persistence.until(
                    "merge changes of devices",
                    SyncUpConsumer::isDataAtFault,
                    () -> handler.handle(received, List.copyOf(batch.claims.values()), batch::refused));
            batch.answers.addAll(outcome.answers());
        } catch (Persistence.StoppedException e) {
            throw e;
        } catch (RuntimeException e) {
            if (received.size() > 1) {
                int half = received.size() / 2;
                take(batch, received.subList(0, half));
                take(batch, received.subList(half, received.size()));
            } else if (received.size() == 1) {
                takeApart(batch, received.getFirst(), e);
            } else {
                throw e;
            }
        }
    }

    /** The change at fault is refused, the others of its message are taken: each part is acknowledged by its number. */
    private void takeApart(Batch batch, SyncUpHandler.Received received, RuntimeException fault) {
        int changes = received.message().entries().size();
        if (changes > 1) {
            take(batch, List.of(received.part(0, changes / 2)));
            take(batch, List.of(received.part(changes / 2, changes)));
        } else if (changes == 1 && received.message().entries().getFirst().change() != null) {
            LOG.errorf(fault, "a change cannot be stored: %s", received.record().origin());
            take(batch, List.of(received.refusing(NOT_STORABLE, detail(fault))));
        } else {
            LOG.errorf(
                    fault, "a message cannot be answered: %s", received.record().origin());
            batch.dead(received.record(), NOT_STORABLE, detail(fault));
            if (!batch.claims.isEmpty()) {
                // Catch-ups wait for them.
                take(batch, List.of());
            }
        }
    }

    /** For the device as well: what the database says of its tables is for the log. */
    private static String detail(RuntimeException fault) {
        return fault.getCause() instanceof SQLException sql
                ? "the database does not take it (SQLSTATE " + sql.getSQLState() + ")"
                : "the service cannot take it";
    }

    /** SQLSTATE classes 22, 23 and 54, or a bug: it would be so each time. */
    private static boolean isDataAtFault(Exception e) {
        if (e instanceof RuntimeException) {
            return true;
        }
        String state = e instanceof SQLException sql ? sql.getSQLState() : null;
        return state != null && (state.startsWith("22") || state.startsWith("23") || state.startsWith("54"));
    }

    private final class Batch {
        private final RecordedBatch recorded = tracing.batch(topic);
        private final List<SyncUpHandler.Received> received = new ArrayList<>();
        private int bytes;
        private final List<OutboxStore.Message> answers = new ArrayList<>();
        private final List<ProducerRecord<String, byte[]>> dead = new ArrayList<>();
        private final Map<String, DeviceStore.Claim> claims = new HashMap<>();
        private final Map<String, ConsumerRecord<String, byte[]>> sources = new HashMap<>();

        /** A device says where it stands. Whether it can be understood is for {@link CatchUpConsumer} to say. */
        void claim(ConsumerRecord<String, byte[]> record) {
            if (record.key() == null || !DeviceTopics.isLevel(record.key())) {
                return;
            }
            UplinkCodec.SyncDown said = UplinkCodec.SyncDown.UNREADABLE;
            try {
                said = UplinkCodec.syncDown(record.value());
            } catch (UplinkCodec.UnreadableException e) {
                LOG.debugf("%s says of no place that it stands there: %s", record.key(), e.getMessage());
            }
            claims.put(
                    record.key(),
                    new DeviceStore.Claim(record.key(), said.since(), Records.origin(record), said.rowBatches()));
        }

        void read(ConsumerRecord<String, byte[]> record) {
            bytes += Math.max(0, record.serializedValueSize());
            UplinkRecord uplink = UplinkRecord.of(record);
            if (uplink == null || !CloudSchema.isCloudName(uplink.cloud())) {
                bury(
                        record,
                        record.value(),
                        "no-owner",
                        "the record does not say which device of which cloud it is of");
                return;
            }
            if (!DeviceTopics.isLevel(uplink.device())) {
                bury(record, record.value(), "bad-device", "the record's key is no device id");
                return;
            }
            try {
                UplinkCodec.SyncUp message = UplinkCodec.syncUp(record.value());
                TraceContext cause = tracing.cause(record);
                received.add(new SyncUpHandler.Received(
                        cause == null ? uplink : uplink.within(recorded.begin(cause)), message));
                sources.put(uplink.origin(), record);
            } catch (UplinkCodec.UnreadableException e) {
                bury(record, record.value(), e.code(), String.valueOf(e.getMessage()));
            }
        }

        List<ProducerRecord<String, byte[]>> records() {
            List<ProducerRecord<String, byte[]>> records = new ArrayList<>(answers.size() + dead.size());
            answers.forEach(answer -> records.add(RecordProducer.downlink(answer)));
            records.addAll(dead);
            return records;
        }

        /** Writes dead letters; one that cannot be written undoes the transaction, like any trouble within it. */
        void refused(List<SyncUpHandler.RefusedChange> changes) throws SQLException {
            List<ProducerRecord<String, byte[]>> letters = new ArrayList<>();
            for (SyncUpHandler.RefusedChange change : changes) {
                String message =
                        "{\"seq\":" + change.received().message().seq() + ",\"changes\":[" + change.json() + "]}";
                ConsumerRecord<String, byte[]> source =
                        sources.get(change.received().record().origin());
                if (source != null) {
                    letters.add(producer.deadLetter(
                            source,
                            deadLetters,
                            message.getBytes(StandardCharsets.UTF_8),
                            change.refusal().code(),
                            change.refusal().detail()));
                }
            }
            try {
                producer.send(letters);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SQLException("interrupted while writing dead letters", e);
            } catch (Exception e) {
                throw new SQLException("dead letters could not be written", e);
            }
        }

        void dead(UplinkRecord record, String code, String detail) {
            bury(sources.get(record.origin()), record.value(), code, detail);
        }

        private void bury(
                @Nullable ConsumerRecord<String, byte[]> source, byte @Nullable [] value, String code, String detail) {
            if (source != null) {
                dead.add(producer.deadLetter(source, deadLetters, value, code, detail));
            }
        }
    }
}
