package io.mooring.bridge.registry;

import io.mooring.bridge.kafka.DeadLetters;
import io.mooring.bridge.kafka.KafkaClients;
import io.mooring.bridge.kafka.Worker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the registry topic from its beginning, and goes on reading it. When Kafka was away it goes on from where it
 * was; only if the topic no longer has that place, it begins anew.
 */
public final class RegistryConsumer implements Worker.Task {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryConsumer.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration POLL_LOADING = Duration.ofMillis(20);

    private static final Map<String, Object> SETTINGS = Map.of(
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "none",
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
            5_000,
            ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
            4 << 20,
            ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
            1 << 20);

    private final KafkaClients clients;
    private final String topic;
    private final DeviceRegistry registry;
    private final DeadLetters deadLetters;
    private final RegistryCodec codec = new RegistryCodec();
    /** Where to go on; of the worker's thread. */
    private final Map<TopicPartition, Long> places = new HashMap<>();

    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private long beganNanos;
    private long records;

    public RegistryConsumer(KafkaClients clients, String topic, DeviceRegistry registry, DeadLetters deadLetters) {
        this.clients = clients;
        this.topic = topic;
        this.registry = registry;
        this.deadLetters = deadLetters;
    }

    @Override
    public void run(Worker worker) {
        try (Consumer<byte[], byte[]> consumer = clients.consumer("registry", SETTINGS)) {
            List<TopicPartition> partitions = KafkaClients.partitions(consumer, topic);
            consumer.assign(partitions);
            if (places.isEmpty()) {
                beganNanos = System.nanoTime();
                records = 0;
                places.putAll(consumer.beginningOffsets(partitions));
                ends.putAll(consumer.endOffsets(partitions));
            }
            places.forEach(consumer::seek);
            while (worker.isWanted()) {
                for (ConsumerRecord<byte[], byte[]> message :
                        consumer.poll(registry.isLoaded() ? POLL : POLL_LOADING)) {
                    apply(message);
                    places.put(new TopicPartition(message.topic(), message.partition()), message.offset() + 1);
                }
                worker.succeeded();
                if (!registry.isLoaded() && isAtEnd(consumer)) {
                    registry.markLoaded();
                    tellLoaded();
                }
            }
        } catch (InvalidOffsetException gone) {
            LOG.warn("the registry topic was made anew or cut; reading it from its beginning: {}", gone.getMessage());
            places.clear();
            ends.clear();
            registry.startOver();
        }
    }

    private boolean isAtEnd(Consumer<byte[], byte[]> consumer) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private void tellLoaded() {
        long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos));
        LOG.info(
                "registry read: {} devices in {} KiB; {} records in {} ms, {} a second",
                registry.size(),
                registry.bytes() >> 10,
                records,
                millis,
                records * 1_000 / millis);
    }

    private void apply(ConsumerRecord<byte[], byte[]> message) {
        records++;
        if (message.key() == null) {
            deadLetters.send(message, "no-key", "a registry record needs the device's id as key");
            return;
        }
        String device = new String(message.key(), StandardCharsets.UTF_8);
        if (message.value() == null) {
            registry.remove(device);
            return;
        }
        try {
            registry.put(codec.read(device, message.value()));
        } catch (IOException unreadable) {
            // What the last word was cannot be told, so the device is not let in.
            registry.remove(device);
            deadLetters.send(message, "registry-record-invalid", String.valueOf(unreadable.getMessage()));
        }
    }
}
