package io.mooring.files.kafka;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.contracts.audit.AuditCounter;
import io.mooring.contracts.audit.AuditRecord;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Tells the audit trail what was refused. This service has no database: it answers when Kafka has the record. */
@Singleton
public class AuditTrail {
    private static final String SOURCE = "/services/files";

    private final KafkaProducer<String, byte[]> producer;
    private final String topic;
    private final String region;
    private final ObjectMapper json;
    private final AuditCounter counter =
            new AuditCounter(SOURCE, UUID.randomUUID().toString());

    public AuditTrail(
            KafkaSettings kafka,
            @ConfigProperty(name = "mooring.topics.prefix", defaultValue = Topic.DEFAULT_PREFIX) String prefix,
            @ConfigProperty(name = "mooring.files.region", defaultValue = "local-1") String region,
            ObjectMapper json) {
        this.topic = Topic.AUDIT_EVENT.name(prefix);
        this.region = region;
        this.json = json;
        this.producer = new KafkaProducer<>(
                kafka.with(Map.of(
                        ProducerConfig.CLIENT_ID_CONFIG,
                        "mooring-files-audit",
                        ProducerConfig.ACKS_CONFIG,
                        "all",
                        ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                        true,
                        ProducerConfig.BUFFER_MEMORY_CONFIG,
                        2 * 1024 * 1024,
                        ProducerConfig.MAX_BLOCK_MS_CONFIG,
                        5_000,
                        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        4_000,
                        ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                        8_000)),
                new StringSerializer(),
                new ByteArraySerializer());
    }

    @PreDestroy
    void close() {
        producer.close(Duration.ofSeconds(5));
    }

    /**
     * Tells of a refusal; when this returns, Kafka has it.
     *
     * @param cloud whose data it was, empty if that is not certain
     * @throws IOException if Kafka could not be told
     */
    public void refused(AuditRecord refusal, String cloud) throws IOException {
        UUID id = UUID.randomUUID();
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, SOURCE, value(id, refusal));
        header(record, EventHeaders.SPEC_VERSION, EventHeaders.SPEC_VERSION_1_0);
        header(record, EventHeaders.ID, id.toString());
        header(record, EventHeaders.SOURCE, SOURCE);
        header(record, EventHeaders.TYPE, EventTypes.AUDIT);
        header(record, EventHeaders.SUBJECT, refusal.action());
        header(
                record,
                EventHeaders.TIME,
                refusal.at().truncatedTo(ChronoUnit.MILLIS).toString());
        header(record, EventHeaders.CONTENT_TYPE, "application/json");
        header(record, EventHeaders.CLOUD, cloud);
        header(record, EventHeaders.ACCOUNT, refusal.caller().account());
        try {
            producer.send(record).get();
        } catch (ExecutionException | KafkaException failed) {
            throw new IOException("the audit trail could not be told", failed);
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", ending);
        }
    }

    private byte[] value(UUID id, AuditRecord record) {
        try {
            return json.writeValueAsBytes(record.toCloudTrail(id, "files", region, counter.next()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of texts always has a form in JSON", e);
        }
    }

    private static void header(ProducerRecord<String, byte[]> record, String name, String value) {
        if (!value.isEmpty()) {
            record.headers().add(name, value.getBytes(StandardCharsets.UTF_8));
        }
    }
}
