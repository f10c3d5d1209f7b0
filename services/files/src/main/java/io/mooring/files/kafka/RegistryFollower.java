package io.mooring.files.kafka;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.MeterRegistry;
import io.mooring.chassis.kafka.KafkaSettings;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.files.DeviceRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Follows the registry of devices, all of it, on every node: from the beginning at each start, in no group, committing
 * nothing. A device whose entry cannot be read counts as not active.
 */
@Singleton
public class RegistryFollower {
    private static final Logger LOG = Logger.getLogger(RegistryFollower.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration BEFORE_NEXT_TRY = Duration.ofSeconds(2);
    private static final Duration PARTITIONS_LOOKED_AT_EVERY = Duration.ofSeconds(30);

    private final DeviceRegistry registry;
    private final String topic;
    private final Map<String, Object> settings;
    private final ObjectMapper json;
    private final MeterRegistry metrics;
    private volatile boolean stopped;
    private @Nullable Thread thread;

    /** How far we are; a new connection to Kafka goes on from there, so that nothing old is heard twice. */
    private final Map<TopicPartition, Long> positions = new HashMap<>();

    public RegistryFollower(
            DeviceRegistry registry,
            KafkaSettings kafka,
            @ConfigProperty(name = "mooring.topics.prefix", defaultValue = Topic.DEFAULT_PREFIX) String prefix,
            ObjectMapper json,
            MeterRegistry metrics) {
        this.registry = registry;
        this.topic = Topic.DEVICE_REGISTRY.name(prefix);
        this.json = json;
        this.metrics = metrics;
        this.settings = kafka.with(Map.of(
                ConsumerConfig.CLIENT_ID_CONFIG,
                "mooring-files-registry",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                2000,
                ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
                4 * 1024 * 1024,
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                1024 * 1024,
                ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                5000));
        metrics.gauge("mooring.files.registry.devices", registry, DeviceRegistry::size);
    }

    void start(@Observes StartupEvent event) {
        thread = Thread.ofPlatform().daemon().name("registry").start(this::run);
    }

    @PreDestroy
    void stop() {
        stopped = true;
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void run() {
        while (!stopped) {
            try (KafkaConsumer<String, byte[]> consumer =
                    new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
                follow(consumer);
            } catch (InterruptException ending) {
                return;
            } catch (KafkaException failed) {
                LOG.warnf("the registry of devices cannot be followed, trying again: %s", failed.getMessage());
                try {
                    Thread.sleep(BEFORE_NEXT_TRY);
                } catch (InterruptedException ending) {
                    return;
                }
            }
        }
    }

    private void follow(KafkaConsumer<String, byte[]> consumer) {
        Set<TopicPartition> partitions = Set.of();
        Map<TopicPartition, Long> ends = Map.of();
        long lookedAt = 0;
        while (!stopped) {
            if (partitions.isEmpty() || System.nanoTime() - lookedAt > PARTITIONS_LOOKED_AT_EVERY.toNanos()) {
                Set<TopicPartition> now = partitions(consumer);
                lookedAt = System.nanoTime();
                if (!now.equals(partitions)) {
                    partitions = now;
                    consumer.assign(now);
                    positions.forEach(consumer::seek);
                    ends = consumer.endOffsets(now);
                }
            }
            if (partitions.isEmpty()) {
                throw new KafkaException("there is no topic " + topic + " yet");
            }
            consumer.poll(POLL).forEach(this::take);
            partitions.forEach(partition -> positions.put(partition, consumer.position(partition)));
            if (!registry.isComplete()
                    && ends.entrySet().stream()
                            .allMatch(end -> positions.getOrDefault(end.getKey(), 0L) >= end.getValue())) {
                registry.completed();
                LOG.infof("the registry knows %d active devices", registry.size());
            }
        }
    }

    private Set<TopicPartition> partitions(KafkaConsumer<String, byte[]> consumer) {
        return List.copyOf(consumer.partitionsFor(topic)).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .collect(Collectors.toSet());
    }

    private void take(ConsumerRecord<String, byte[]> record) {
        String device = record.key();
        if (device == null || !DeviceRegistry.isDeviceId(device)) {
            metrics.counter("mooring.files.registry.unreadable").increment();
            return;
        }
        byte[] value = record.value();
        if (value == null) {
            registry.remove(device);
            return;
        }
        try {
            JsonNode entry = json.readTree(value);
            String cloud = entry.path("cloud").asText();
            String account = entry.path("account").asText();
            if (!entry.path("state").asText().equals("active")) {
                registry.deactivate(device, Instant.parse(entry.path("since").asText()));
            } else if (DeviceTopics.isLevel(cloud) && DeviceTopics.isLevel(account)) {
                registry.put(
                        device,
                        cloud,
                        account,
                        Optional.ofNullable(entry.path("since").textValue()).map(Instant::parse));
            } else {
                unreadable(device);
            }
        } catch (IOException | DateTimeException problem) {
            unreadable(device);
        }
    }

    private void unreadable(String device) {
        LOG.warnf("what the registry says of %s cannot be read: it counts as not active", device);
        metrics.counter("mooring.files.registry.unreadable").increment();
        registry.remove(device);
    }
}
