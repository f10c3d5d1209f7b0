package io.mooring.messaging;

import io.mooring.chassis.kafka.KafkaSettings;
import io.mooring.messaging.EventStreams.Event;
import io.mooring.messaging.EventStreams.Listener;
import io.mooring.messaging.core.EventKind;
import io.mooring.messaging.core.StreamPosition;
import io.mooring.messaging.kafka.StreamRecords;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads for a listener that comes back what it missed, from Kafka, a few listeners at once. */
@Singleton
public class EventReplays {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final int FETCH_BYTES = 256 * 1024;

    private final KafkaSettings kafka;
    private final StreamRecords records;
    private final Semaphore turns;

    public EventReplays(KafkaSettings kafka, StreamRecords records, MessagingConfig config) {
        this.kafka = kafka;
        this.records = records;
        this.turns = new Semaphore(config.limits().replays(), true);
    }

    /** What a listener is told while what it missed is read. */
    public sealed interface Word {
        /** This happened. */
        record Happened(Event event) implements Word {}

        /** Kafka does not hold any longer all that was missed. */
        record Gap() implements Word {}

        /** It goes on; nothing for the listener was found for now. */
        record Quiet() implements Word {}
    }

    /** Where what was missed goes. */
    @FunctionalInterface
    public interface Sink {
        void say(Word word) throws IOException;
    }

    /**
     * Says all that lies between where a listener is and where it is told of what happens. Its position moves on with it.
     *
     * @throws IOException if Kafka is away, or the listener is gone
     */
    public void read(Listener listener, Sink sink) throws IOException, InterruptedException {
        Map<TopicPartition, Long> ends = missed(listener);
        if (ends.isEmpty()) {
            return;
        }
        while (!turns.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
            sink.say(new Word.Quiet());
        }
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                kafka.with(Map.of(
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                        FETCH_BYTES)),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(ends.keySet());
            if (begin(consumer, listener, ends)) {
                sink.say(new Word.Gap());
            }
            while (!ends.isEmpty()) {
                step(consumer, listener, sink, ends);
            }
        } catch (KafkaException away) {
            throw new IOException("what was missed cannot be read: " + away.getMessage(), away);
        } finally {
            turns.release();
        }
    }

    private Map<TopicPartition, Long> missed(Listener listener) {
        Map<TopicPartition, Long> ends = new HashMap<>();
        StreamPosition from = listener.position();
        for (EventKind kind : from.kinds()) {
            from.places(kind).forEach((partition, next) -> {
                long end = listener.start().next(kind, partition).orElse(0);
                if (next < end) {
                    ends.put(new TopicPartition(records.topic(kind), partition), end);
                }
            });
        }
        return ends;
    }

    /** Goes to where the listener was; whether something after that is gone. */
    private boolean begin(KafkaConsumer<String, byte[]> consumer, Listener listener, Map<TopicPartition, Long> ends) {
        boolean gone = false;
        for (Map.Entry<TopicPartition, Long> first :
                consumer.beginningOffsets(ends.keySet()).entrySet()) {
            TopicPartition partition = first.getKey();
            EventKind kind = records.kind(partition.topic());
            long next = listener.position().next(kind, partition.partition()).orElse(0);
            consumer.seek(partition, Math.max(next, first.getValue()));
            // Of presence the last word of each device is enough, and all that the topic is to keep.
            gone |= first.getValue() > next && next > 0 && kind != EventKind.PRESENCE;
        }
        return gone;
    }

    private void step(
            KafkaConsumer<String, byte[]> consumer, Listener listener, Sink sink, Map<TopicPartition, Long> ends)
            throws IOException {
        ConsumerRecords<String, byte[]> some = consumer.poll(POLL);
        EventStreams.Batch batch = records.read(some, listener.isProductNeeded());
        if (listener.isProductNeeded() && !batch.productsKnown()) {
            throw new IOException("it is not known now whose devices are");
        }
        boolean told = false;
        for (Event event : batch.events()) {
            boolean missed = event.offset()
                    < listener.start().next(event.kind(), event.partition()).orElse(0);
            if (missed && listener.hears(event)) {
                listener.moveTo(event.kind(), event.partition(), event.offset() + 1);
                sink.say(new Word.Happened(event));
                told = true;
            }
        }
        for (Iterator<Map.Entry<TopicPartition, Long>> left = ends.entrySet().iterator(); left.hasNext(); ) {
            Map.Entry<TopicPartition, Long> end = left.next();
            TopicPartition partition = end.getKey();
            long next = Math.min(consumer.position(partition), end.getValue());
            listener.moveTo(records.kind(partition.topic()), partition.partition(), next);
            if (next == end.getValue()) {
                consumer.pause(List.of(partition));
                left.remove();
            }
        }
        if (!told) {
            sink.say(new Word.Quiet());
        }
    }
}
