package io.mooring.messaging.kafka;

import io.mooring.messaging.EventStreams;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.reactive.messaging.annotations.Blocking;
import io.smallrye.reactive.messaging.kafka.KafkaConsumerRebalanceListener;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Hears events as they happen, for whoever listens over HTTP. Every instance hears all of them, from when it started. */
@ApplicationScoped
public class StreamConsumer {
    private final EventStreams streams;
    private final StreamRecords events;

    public StreamConsumer(EventStreams streams, StreamRecords events) {
        this.streams = streams;
        this.events = events;
    }

    @Incoming("streams")
    @Blocking
    void consume(ConsumerRecords<String, byte[]> records) {
        if (!streams.isPassed(events.end(records))) {
            streams.tell(events.read(records, streams.isProductNeeded()));
        }
    }

    /** Where each partition is read from: nothing is left out by an instance that Kafka had lost sight of. */
    @ApplicationScoped
    @Identifier("streams")
    static class Positions implements KafkaConsumerRebalanceListener {
        private final EventStreams streams;
        private final StreamRecords events;

        Positions(EventStreams streams, StreamRecords events) {
            this.streams = streams;
            this.events = events;
        }

        @Override
        public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
            for (TopicPartition partition : partitions) {
                OptionalLong known = streams.assigned(
                        events.kind(partition.topic()), partition.partition(), consumer.position(partition));
                known.ifPresent(offset -> consumer.seek(partition, offset));
            }
        }
    }
}
