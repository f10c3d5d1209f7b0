package io.mooring.audit.kafka;

import io.mooring.audit.AuditConfig;
import io.mooring.audit.AuditMetrics;
import io.mooring.audit.EventHandler;
import io.mooring.audit.core.Json;
import io.mooring.audit.core.RecordReader;
import io.mooring.audit.core.TrailLayout;
import io.mooring.audit.core.TrailRecord;
import io.mooring.audit.db.EventStore.Taken;
import io.mooring.chassis.Persistence;
import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.TopicIds;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;

/** Takes in what sources say was done and refused. */
@ApplicationScoped
public class EventConsumer {
    private static final Logger LOG = Logger.getLogger(EventConsumer.class);
    private static final long FULL_PAUSE_MILLIS = 1_000;

    private final EventHandler handler;
    private final Persistence persistence;
    private final RecordProducer producer;
    private final TopicIds topicIds;
    private final AuditMetrics metrics;
    private final RecordReader reader;
    private final String topic;
    private final String deadLetters;

    public EventConsumer(
            EventHandler handler,
            Persistence persistence,
            RecordProducer producer,
            TopicIds topicIds,
            AuditMetrics metrics,
            TrailLayout layout,
            AuditConfig config,
            TopicNames topics) {
        this.handler = handler;
        this.persistence = persistence;
        this.producer = producer;
        this.topicIds = topicIds;
        this.metrics = metrics;
        this.reader = new RecordReader(layout, config.limits().recordBytes());
        this.topic = topics.of(Topic.AUDIT_EVENT);
        this.deadLetters = topics.deadLetters(Topic.AUDIT_EVENT);
    }

    @Incoming("events")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        waitForRoom();
        Map<Taken, ConsumerRecord<String, byte[]>> origins = new IdentityHashMap<>();
        List<Taken> batch = new ArrayList<>();
        List<ProducerRecord<String, byte[]>> dead = new ArrayList<>();
        Map<Integer, Long> next = new HashMap<>();
        for (ConsumerRecord<String, byte[]> record : records) {
            next.merge(record.partition(), record.offset() + 1, Math::max);
            try {
                TrailRecord read = reader.read(record.value() == null ? new byte[0] : record.value(), cloud(record));
                Taken taken = new Taken(read, Json.write(read.json()));
                batch.add(taken);
                origins.put(taken, record);
            } catch (IOException | RuntimeException bad) {
                dead.add(dead(record, "bad-record", String.valueOf(bad.getMessage())));
            }
        }
        take(batch)
                .forEach((taken, code) -> dead.add(dead(
                        Objects.requireNonNull(origins.get(taken)),
                        code,
                        code.equals("event-id-taken") ? "the id is another record's" : "the log says more")));
        persistence.until("write dead letters and note what was read", () -> {
            producer.send(dead);
            handler.read(topicIds.of(topic), next);
            return true;
        });
        metrics.taken(batch.size());
    }

    /** While the store is away for long, Kafka keeps what comes. */
    private void waitForRoom() {
        while (persistence.until("see how many records wait", handler::isFull)) {
            if (!persistence.pause(FULL_PAUSE_MILLIS)) {
                throw new IllegalStateException("stopped while waiting for the store");
            }
        }
    }

    /** Takes a batch; those of it that cannot be, each with the reason. */
    private Map<Taken, String> take(List<Taken> batch) {
        Map<Taken, String> refused = new IdentityHashMap<>();
        try {
            persistence
                    .until("take records in", EventConsumer::isDataAtFault, () -> handler.take(batch))
                    .forEach(impostor -> refused.put(impostor, "event-id-taken"));
        } catch (Persistence.StoppedException stopped) {
            throw stopped;
        } catch (RuntimeException fault) {
            if (batch.size() == 1) {
                LOG.errorf(
                        fault,
                        "the record %s cannot be taken in",
                        batch.getFirst().record().id());
                refused.put(batch.getFirst(), "not-storable");
            } else {
                int half = batch.size() / 2;
                refused.putAll(take(batch.subList(0, half)));
                refused.putAll(take(batch.subList(half, batch.size())));
            }
        }
        return refused;
    }

    /** SQLSTATE classes 22, 23 and 54, or a bug: it would be so each time. */
    private static boolean isDataAtFault(Exception e) {
        if (e instanceof RuntimeException) {
            return true;
        }
        String state = e instanceof SQLException sql ? sql.getSQLState() : null;
        return state != null && (state.startsWith("22") || state.startsWith("23") || state.startsWith("54"));
    }

    private ProducerRecord<String, byte[]> dead(ConsumerRecord<String, byte[]> record, String code, String detail) {
        metrics.deadLetter(code);
        return RecordProducer.deadLetter(record, deadLetters, code, detail);
    }

    private static String cloud(ConsumerRecord<String, byte[]> record) {
        Header header = record.headers().lastHeader(EventHeaders.CLOUD);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }
}
