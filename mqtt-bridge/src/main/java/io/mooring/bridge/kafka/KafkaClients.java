package io.mooring.bridge.kafka;

import io.mooring.bridge.BridgeConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Makes Kafka clients as the settings say. */
public final class KafkaClients {
    private final BridgeConfig config;
    private final Batching batching;

    /**
     * Makes clients by these settings.
     *
     * @param batching how the producer gathers batches, unless the settings say
     */
    public KafkaClients(BridgeConfig config, Batching batching) {
        this.config = config;
        this.batching = batching;
    }

    /**
     * The producer. Batches of 128 KiB carried most in measurements; an acknowledgement means that
     * every replica in sync has the record.
     */
    Producer<byte[], byte[]> producer() {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ProducerConfig.LINGER_MS_CONFIG, batching.lingerMillis());
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, batching.requestsInFlight());
        settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 131_072);
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, clientId("uplink"));
        settings.putAll(config.kafka());
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, bufferMemory());
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, RecordSender.MAX_BLOCK_MILLIS);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, config.deliveryTimeoutMillis());
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.max(100, config.deliveryTimeoutMillis() / 2));
        // Else a topic not used for five minutes would have to be looked up again, blocking a device's thread.
        settings.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, Integer.MAX_VALUE);
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /**
     * More than what may wait: Kafka's buffer hands out whole batches, one to a partition, so that
     * ours is the limit that is met first.
     */
    private long bufferMemory() {
        return config.bufferBytes() + 64L * 131_072;
    }

    /** A consumer that assigns its partitions itself and commits by hand. */
    public Consumer<byte[], byte[]> consumer(String purpose, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(config.kafka());
        settings.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId(purpose));
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000);
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000);
        settings.putAll(more);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * The partitions of a topic.
     *
     * @throws UnknownTopicOrPartitionException if there is no such topic
     */
    public static List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, String topic) {
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new UnknownTopicOrPartitionException("topic " + topic + " does not exist yet");
        }
        return partitions;
    }

    private String clientId(String purpose) {
        return config.topicsPrefix() + ".bridge." + config.nodeId() + "." + purpose;
    }
}
