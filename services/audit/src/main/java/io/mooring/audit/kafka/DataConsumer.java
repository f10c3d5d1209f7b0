package io.mooring.audit.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.audit.AuditConfig;
import io.mooring.audit.OwnTrail;
import io.mooring.audit.core.DataEvents;
import io.mooring.audit.core.TrailLayout;
import io.mooring.chassis.TopicNames;
import io.mooring.contracts.audit.AuditCaller;
import io.mooring.contracts.audit.AuditCounter;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.Topic;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.reactive.messaging.kafka.KafkaRecord;
import io.smallrye.reactive.messaging.kafka.KafkaRecordBatch;
import io.smallrye.reactive.messaging.kafka.api.IncomingKafkaRecordMetadata;
import io.smallrye.reactive.messaging.kafka.api.OutgoingKafkaRecordMetadata;
import io.smallrye.reactive.messaging.kafka.transactions.KafkaTransactions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.eclipse.microprofile.reactive.messaging.Metadata;
import org.eclipse.microprofile.reactive.messaging.OnOverflow;
import org.jboss.logging.Logger;

/**
 * Tells the trail of rows and messages that somebody asked for. What was read and what was told of it are one Kafka transaction
 * (KIP-98): whenever this is killed, each record is told once, and numbers leave none out.
 */
@ApplicationScoped
public class DataConsumer {
    /** Data events as a source, which counts by itself. */
    static final String SOURCE = RecordProducer.SOURCE + "/data";

    private static final Logger LOG = Logger.getLogger(DataConsumer.class);
    private static final JsonMapper JSON = new JsonMapper();

    private final KafkaTransactions<byte[]> trail;
    private final OwnTrail ownTrail;
    private final DataEvents events;
    private final List<String> selectors;
    private final String topic;
    private final String region;

    /** Of one life, or of what follows a transaction that failed: its numbers are nowhere. */
    private volatile AuditCounter counter = fresh();

    public DataConsumer(
            @Channel("data-events") @OnOverflow(OnOverflow.Strategy.UNBOUNDED_BUFFER) KafkaTransactions<byte[]> trail,
            OwnTrail ownTrail,
            AuditConfig config,
            TrailLayout layout,
            TopicNames topics) {
        this.trail = trail;
        this.ownTrail = ownTrail;
        this.selectors = config.dataEvents().orElse(List.of());
        this.events = new DataEvents(DataChannel.selectors(String.join(",", selectors)));
        this.topic = topics.of(Topic.AUDIT_EVENT);
        this.region = layout.region();
    }

    /** From when on which data events are told is itself in the trail. */
    void started(@Observes StartupEvent event) {
        if (selectors.isEmpty()) {
            return;
        }
        try {
            ownTrail.tell(AuditRecord.done(
                            "SelectDataEvents",
                            new AuditCaller("Service", "audit", "", "", ""),
                            Map.of("selectors", selectors),
                            Map.of(),
                            Clock.systemUTC().instant())
                    .as(AuditRecord.Kind.SERVICE_EVENT, AuditRecord.Category.MANAGEMENT));
        } catch (IOException away) {
            LOG.warnf("the trail could not be told which data events are selected: %s", away.getMessage());
        }
    }

    @Incoming("data")
    Uni<Void> consume(KafkaRecordBatch<String, byte[]> batch) {
        return trail.withTransactionAndAck(batch, emitter -> {
                    for (KafkaRecord<String, byte[]> record : batch) {
                        events.of(seen(record)).ifPresent(event -> emitter.send(message(event)));
                    }
                    return Uni.createFrom().voidItem();
                })
                .onFailure()
                .invoke(failed -> {
                    counter = fresh();
                    LOG.warnf("data events could not be told, and will be again: %s", failed.getMessage());
                });
    }

    private Message<byte[]> message(AuditRecord event) {
        UUID id = UUID.randomUUID();
        try {
            byte[] value = JSON.writeValueAsBytes(event.toCloudTrail(id, "audit", region, counter.next()));
            ProducerRecord<String, byte[]> record = RecordProducer.auditRecord(
                    topic,
                    id,
                    event.action(),
                    event.at(),
                    value,
                    String.valueOf(event.parameters().get("cloud")));
            return Message.of(
                    value,
                    Metadata.of(OutgoingKafkaRecordMetadata.<String>builder()
                            .withTopic(topic)
                            .withKey(SOURCE)
                            .withHeaders(record.headers())
                            .build()));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a map of texts always has a form in JSON", impossible);
        }
    }

    private static DataEvents.Seen seen(KafkaRecord<String, byte[]> record) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : record.getHeaders()) {
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
        }
        IncomingKafkaRecordMetadata<?, ?> origin =
                record.getMetadata(IncomingKafkaRecordMetadata.class).orElseThrow();
        return new DataEvents.Seen(
                record.getTopic(),
                record.getKey() == null ? "" : record.getKey(),
                headers,
                record.getPayload(),
                record.getTimestamp(),
                origin.getTopic() + "/" + origin.getPartition() + "/" + origin.getOffset());
    }

    private static AuditCounter fresh() {
        return new AuditCounter(SOURCE, UUID.randomUUID().toString());
    }
}
