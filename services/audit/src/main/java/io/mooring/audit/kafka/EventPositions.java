package io.mooring.audit.kafka;

import io.mooring.audit.db.PositionStore;
import io.mooring.chassis.Persistence;
import io.mooring.chassis.db.Database;
import io.mooring.chassis.kafka.TopicIds;
import io.smallrye.common.annotation.Identifier;
import io.smallrye.reactive.messaging.kafka.KafkaConsumerRebalanceListener;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads the topic from where the database is, not from where Kafka thinks that it is: a database that was set back to an
 * older state reads once more what it lost.
 */
@ApplicationScoped
@Identifier("events")
class EventPositions implements KafkaConsumerRebalanceListener {
    private final Database database;
    private final Persistence persistence;
    private final TopicIds topicIds;

    EventPositions(Database database, Persistence persistence, TopicIds topicIds) {
        this.database = database;
        this.persistence = persistence;
        this.topicIds = topicIds;
    }

    @Override
    public void onPartitionsAssigned(Consumer<?, ?> consumer, Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            OptionalLong next = persistence.until("see up to where the topic was read", () -> {
                String id = topicIds.of(partition.topic());
                return database.read(connection -> PositionStore.next(connection, id, partition.partition()));
            });
            if (next.isPresent()) {
                consumer.seek(partition, next.getAsLong());
            } else {
                // A database that knows nothing has nothing, whatever Kafka thinks that it was read.
                consumer.seekToBeginning(List.of(partition));
            }
        }
    }
}
