package io.mooring.devstack.launcher.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * One line for each row that crosses, with the time it took: up, from the writing on the device until
 * the change has left the cloud database again; down, from the writing in the cloud until the row is on
 * its way to the device. Both are read from the topics, as any consumer could.
 */
final class LiveLines implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_A_SECOND = 25;
    private static final String ROW_TAIL = "sync/";
    private static final String CATCH_UP_TAIL = "sync/UPSERT";

    private final Consumer<String> lines;
    private final Runnable onFirstUp;
    private final String changeTopic;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread reader;
    private volatile boolean closing;
    private boolean sawUp;
    private long second;
    private int thisSecond;

    private LiveLines(String bootstrapServers, String prefix, Consumer<String> lines, Runnable onFirstUp) {
        this.lines = lines;
        this.onFirstUp = onFirstUp;
        this.changeTopic = Topic.DATABASE_CHANGE.name(prefix);
        this.consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
                        500,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "latest",
                        ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        assignEnds(List.of(changeTopic, Topic.DEVICE_DOWNLINK.name(prefix)));
        this.reader = Thread.ofPlatform().daemon().name("live-lines").unstarted(this::read);
    }

    /** Begins with what comes from now on. */
    static LiveLines start(String bootstrapServers, String prefix, Consumer<String> lines, Runnable onFirstUp) {
        LiveLines live = new LiveLines(bootstrapServers, prefix, lines, onFirstUp);
        live.reader.start();
        return live;
    }

    private void assignEnds(List<String> topics) {
        List<TopicPartition> partitions = new ArrayList<>();
        for (String topic : topics) {
            for (PartitionInfo partition : consumer.partitionsFor(topic)) {
                partitions.add(new TopicPartition(topic, partition.partition()));
            }
        }
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        // The ends are looked up only when asked for, which must be before anything is written.
        partitions.forEach(consumer::position);
    }

    private void read() {
        try (consumer) {
            while (!closing) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    (record.topic().equals(changeTopic) ? up(record) : down(record)).ifPresent(this::say);
                }
            }
        } catch (WakeupException closed) {
            // As asked.
        }
    }

    private void say(String line) {
        long now = System.nanoTime() / 1_000_000_000;
        if (now != second) {
            if (thisSecond > MOST_A_SECOND) {
                lines.accept("  … and " + (thisSecond - MOST_A_SECOND) + " more");
            }
            second = now;
            thisSecond = 0;
        }
        thisSecond++;
        if (thisSecond <= MOST_A_SECOND) {
            lines.accept(line);
        }
    }

    /** A change of a table that a device wrote; empty for what the cloud wrote itself. */
    private Optional<String> up(ConsumerRecord<byte[], byte[]> record) {
        JsonNode change = json(record.value());
        JsonNode row = change.path("after");
        String table = change.path("source").path("table").asText("");
        if (!row.isObject() || table.startsWith("_")) {
            return Optional.empty();
        }
        @Nullable HybridTimestamp written = latest(row.path("_clock"));
        if (written == null || written.writer().equals(HybridTimestamp.CLOUD)) {
            return Optional.empty();
        }
        if (!sawUp) {
            sawUp = true;
            onFirstUp.run();
        }
        return Optional.of(line(
                "↑",
                row.path("device_id").asText(written.writer()),
                table,
                row.path("sk").asText(""),
                record.timestamp() - written.millis() + " ms"));
    }

    private static Optional<String> down(ConsumerRecord<byte[], byte[]> record) {
        String tail = header(record, EventHeaders.TOPIC);
        JsonNode row = json(record.value());
        if (!tail.startsWith(ROW_TAIL) || !row.has("_type")) {
            return Optional.empty();
        }
        @Nullable HybridTimestamp written = parse(row.path("clock").asText(""));
        String receiver = header(record, EventHeaders.SUBJECT).replaceFirst("^device/", "");
        // What a device missed while it was away, or holds back wrongly: its age is no delay of ours.
        String time = written == null || tail.equals(CATCH_UP_TAIL)
                ? "catch-up"
                : record.timestamp() - written.millis() + " ms";
        return Optional.of(
                line("↓", receiver, row.path("_type").asText(""), row.path("sk").asText(""), time));
    }

    private static String line(String way, String device, String model, String key, String time) {
        return String.format(Locale.ROOT, "%s %-12s %-16s %-32s %8s", way, device, model, key, time);
    }

    /** Debezium hands jsonb on as text. */
    private static @Nullable HybridTimestamp latest(JsonNode clocks) {
        JsonNode object = clocks.isTextual() ? json(clocks.textValue().getBytes(StandardCharsets.UTF_8)) : clocks;
        @Nullable HybridTimestamp latest = null;
        for (JsonNode clock : object) {
            latest = HybridTimestamp.max(latest, parse(clock.asText("")));
        }
        return latest;
    }

    private static @Nullable HybridTimestamp parse(String text) {
        try {
            return HybridTimestamp.parse(text);
        } catch (IllegalArgumentException notOne) {
            return null;
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static JsonNode json(byte @Nullable [] text) {
        try {
            return text == null ? JSON.missingNode() : JSON.readTree(text);
        } catch (IOException notJson) {
            return JSON.missingNode();
        }
    }

    @Override
    public void close() {
        closing = true;
        consumer.wakeup();
    }
}
