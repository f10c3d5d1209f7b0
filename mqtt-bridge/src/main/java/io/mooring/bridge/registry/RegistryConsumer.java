package io.mooring.bridge.registry;

import io.mooring.bridge.kafka.DeadLetters;
import io.mooring.bridge.kafka.KafkaClients;
import io.mooring.bridge.kafka.Worker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the registry topic from its beginning, and goes on reading it. */
public final class RegistryConsumer implements Worker.Task {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryConsumer.class);
    private static final Duration POLL = Duration.ofMillis(500);

    private final KafkaClients clients;
    private final String topic;
    private final DeviceRegistry registry;
    private final DeadLetters deadLetters;
    private final RegistryCodec codec = new RegistryCodec();

    public RegistryConsumer(KafkaClients clients, String topic, DeviceRegistry registry, DeadLetters deadLetters) {
        this.clients = clients;
        this.topic = topic;
        this.registry = registry;
        this.deadLetters = deadLetters;
    }

    @Override
    public void run(Worker worker) {
        try (Consumer<byte[], byte[]> consumer = clients.consumer("registry", Map.of())) {
            List<TopicPartition> partitions = KafkaClients.partitions(consumer, topic);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            boolean loaded = false;
            while (worker.isWanted()) {
                consumer.poll(loaded ? POLL : Duration.ofMillis(20)).forEach(this::apply);
                worker.succeeded();
                if (!loaded
                        && ends.entrySet().stream()
                                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
                    loaded = true;
                    registry.markLoaded();
                    LOG.info("registry read: {} devices", registry.size());
                }
            }
        }
    }

    private void apply(ConsumerRecord<byte[], byte[]> message) {
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
