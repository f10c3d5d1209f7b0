package io.mooring.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.contracts.kafka.Topic;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Watches the rows of the cloud database change, as any consumer of the public topic can. */
public final class ChangeWatcher implements AutoCloseable {
    /**
     * A row was written.
     *
     * @param table its table, without the schema
     * @param device the owning device
     * @param key its sort key
     * @param committedMicros when the transaction committed, µs since 1970
     */
    public record Written(String table, String device, String key, long committedMicros) {}

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Consumer<Written> listener;
    private final Thread thread;

    /** Begins watching at the end of the topic: what is written after this returns is seen. */
    public ChangeWatcher(String bootstrapServers, Consumer<Written> listener) {
        this.listener = listener;
        this.consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrapServers, "fetch.max.wait.ms", "50"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        TopicPartition only = new TopicPartition(Topic.DATABASE_CHANGE.name(Topic.DEFAULT_PREFIX), 0);
        consumer.assign(List.of(only));
        consumer.seekToEnd(List.of(only));
        consumer.position(only);
        this.thread = Thread.ofPlatform().name("change-watcher").daemon().start(this::watch);
    }

    private void watch() {
        try (consumer) {
            while (!Thread.currentThread().isInterrupted()) {
                consumer.poll(POLL).forEach(change -> read(change.value()));
            }
        } catch (WakeupException closed) {
            // Asked to end.
        }
    }

    private void read(byte[] value) {
        if (value == null) {
            return;
        }
        try {
            JsonNode change = JSON.readTree(value);
            JsonNode row = change.path("after");
            if (row.has("device_id") && row.has("sk")) {
                listener.accept(new Written(
                        change.at("/source/table").asText(),
                        row.get("device_id").asText(),
                        row.get("sk").asText(),
                        change.at("/source/ts_us").asLong()));
            }
        } catch (IOException e) {
            throw new IllegalStateException("a change event that is no JSON", e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        consumer.wakeup();
        thread.join(5_000);
    }
}
