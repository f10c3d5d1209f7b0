package io.mooring.audit.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.audit.core.DigestHead;
import io.mooring.audit.core.Json;
import io.mooring.audit.core.TrailPublicKey;
import io.mooring.chassis.kafka.KafkaSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** The heads of digests as Kafka knows them: a place that who has the store or the database does not have. */
public final class HeadTopic {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private HeadTopic() {}

    /** A head, and the key that its digest is signed with. */
    public record Announced(DigestHead head, TrailPublicKey key) {}

    /**
     * Reads all heads, by their objects.
     *
     * @throws IOException if Kafka is away, or holds what is none
     */
    public static Map<String, Announced> read(KafkaSettings kafka, String topic) throws IOException {
        Map<String, Object> config = kafka.with(Map.of(
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                (int) PATIENCE.toMillis()));
        Map<String, Announced> heads = new TreeMap<>();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            consumer.partitionsFor(topic)
                    .forEach(partition -> partitions.add(new TopicPartition(topic, partition.partition())));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    if (record.value() != null) {
                        JsonNode json = Json.read(record.value());
                        heads.put(
                                record.key(),
                                new Announced(DigestHead.of(json), TrailPublicKey.of(json.path("publicKey"))));
                    }
                }
            }
        } catch (KafkaException away) {
            throw new IOException("the topic " + topic + " cannot be read: " + away.getMessage(), away);
        }
        return heads;
    }
}
