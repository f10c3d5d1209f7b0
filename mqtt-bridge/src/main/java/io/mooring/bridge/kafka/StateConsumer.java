package io.mooring.bridge.kafka;

import io.mooring.bridge.message.InvalidRecordException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads compacted topics from their beginning, and goes on reading them. When Kafka was away it goes on from where it
 * was; only if a topic no longer has that place, it begins anew.
 */
public final class StateConsumer implements Worker.Task {
    /** What is kept of a topic. Called by one thread. */
    public interface State {
        /** The last word on a key, so far. */
        void put(String key, ConsumerRecord<byte[], byte[]> message) throws InvalidRecordException;

        /** There is nothing to be said of a key any more. */
        void remove(String key);

        /** All is about to be read from the beginning; what was known holds until {@link #loaded}. */
        void startOver();

        /** All was read that was there when reading began. */
        void loaded();
    }

    private static final Logger LOG = LoggerFactory.getLogger(StateConsumer.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration POLL_LOADING = Duration.ofMillis(20);
    private static final Map<String, Object> SETTINGS = Map.of(
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none", ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1 << 20);

    private final KafkaClients clients;
    private final String purpose;
    private final Map<String, State> states;
    private final DeadLetters deadLetters;
    private final CompletableFuture<Void> loaded = new CompletableFuture<>();
    /** Where to go on; of the worker's thread. */
    private final Map<TopicPartition, Long> places = new HashMap<>();

    private final Map<TopicPartition, Long> ends = new HashMap<>();
    private boolean loading = true;

    /**
     * With what it fills.
     *
     * @param purpose names it among the clients of Kafka
     * @param states by topic
     */
    public StateConsumer(KafkaClients clients, String purpose, Map<String, State> states, DeadLetters deadLetters) {
        this.clients = clients;
        this.purpose = purpose;
        this.states = states;
        this.deadLetters = deadLetters;
    }

    /** Completes when everything was read for the first time. */
    public CompletableFuture<Void> loaded() {
        return loaded;
    }

    @Override
    public void run(Worker worker) {
        try (Consumer<byte[], byte[]> consumer = clients.consumer(purpose, SETTINGS)) {
            List<TopicPartition> partitions = states.keySet().stream()
                    .flatMap(topic -> KafkaClients.partitions(consumer, topic).stream())
                    .toList();
            consumer.assign(partitions);
            if (places.isEmpty()) {
                places.putAll(consumer.beginningOffsets(partitions));
                ends.putAll(consumer.endOffsets(partitions));
            }
            places.forEach(consumer::seek);
            while (worker.isWanted()) {
                for (ConsumerRecord<byte[], byte[]> message : consumer.poll(loading ? POLL_LOADING : POLL)) {
                    apply(message);
                    places.put(new TopicPartition(message.topic(), message.partition()), message.offset() + 1);
                }
                worker.succeeded();
                if (loading && isAtEnd(consumer)) {
                    loading = false;
                    states.values().forEach(State::loaded);
                    loaded.complete(null);
                }
            }
        } catch (InvalidOffsetException gone) {
            LOG.warn("{}: a topic was made anew or cut; reading from the beginning: {}", purpose, gone.getMessage());
            places.clear();
            ends.clear();
            loading = true;
            states.values().forEach(State::startOver);
        }
    }

    private boolean isAtEnd(Consumer<byte[], byte[]> consumer) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private void apply(ConsumerRecord<byte[], byte[]> message) {
        State state = states.get(message.topic());
        if (state == null || message.key() == null) {
            deadLetters.send(message, "no-key", "a record of this topic needs a key");
            return;
        }
        String key = new String(message.key(), StandardCharsets.UTF_8);
        if (message.value() == null) {
            state.remove(key);
            return;
        }
        try {
            state.put(key, message);
        } catch (InvalidRecordException wrong) {
            // What the last word was cannot be told, so nothing is granted by it.
            state.remove(key);
            deadLetters.send(message, wrong.code(), String.valueOf(wrong.getMessage()));
        }
    }
}
