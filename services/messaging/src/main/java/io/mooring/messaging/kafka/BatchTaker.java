package io.mooring.messaging.kafka;

import io.mooring.chassis.Persistence;
import io.mooring.chassis.kafka.Records;
import io.mooring.chassis.kafka.TopicIds;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;

/** Has batches of records taken, however often it takes; and puts aside the one record whose data cannot be. */
@Singleton
public class BatchTaker {
    private static final Logger LOG = Logger.getLogger(BatchTaker.class);

    /** SQLSTATEs of somebody else having been in the way (PostgreSQL, appendix A): the next try finds what they left. */
    private static final Set<String> IN_THE_WAY = Set.of("23505", "40001", "40P01");

    /** SQLSTATE classes of data that will never do; P0 is a trigger's own refusal. */
    private static final Set<String> FAULTS = Set.of("22", "23", "54", "P0");

    private final RecordProducer producer;
    private final TopicIds topicIds;
    private final Persistence persistence;

    public BatchTaker(RecordProducer producer, TopicIds topicIds, Persistence persistence) {
        this.producer = producer;
        this.topicIds = topicIds;
        this.persistence = persistence;
    }

    /** A record as read. */
    record Item<T>(T what, ConsumerRecord<String, byte[]> source) {}

    /** Takes a batch in one transaction. */
    @FunctionalInterface
    interface Work<T> {
        void take(String topicId, List<T> batch) throws SQLException;
    }

    /**
     * Has a batch taken. When it returns, all is committed, and what cannot be is in the dead letters.
     *
     * @param what for the log, as in "could not {@code what}"
     * @param dead records that are none; they go to the dead letters too
     * @param apology what whoever asked is told if it cannot be taken
     */
    <T> void take(
            String what,
            String topic,
            String deadLetters,
            List<Item<T>> batch,
            List<ProducerRecord<String, byte[]>> dead,
            Function<T, Optional<ProducerRecord<String, byte[]>>> apology,
            Work<T> work) {
        List<ProducerRecord<String, byte[]>> told = new ArrayList<>(dead);
        for (Item<T> item : batch.isEmpty() ? List.<Item<T>>of() : take(what, topic, batch, work)) {
            told.add(producer.deadLetter(
                    item.source(), deadLetters, item.source().value(), "not-storable", "the log says more"));
            apology.apply(item.what()).ifPresent(told::add);
        }
        if (!told.isEmpty()) {
            persistence.until("write dead letters", () -> {
                producer.send(told);
                return true;
            });
        }
    }

    /** Takes a batch; if the data itself is at fault, finds the records that are, and answers them. */
    private <T> List<Item<T>> take(String what, String topic, List<Item<T>> batch, Work<T> work) {
        try {
            return persistence.until(what, BatchTaker::isDataAtFault, () -> {
                work.take(topicIds.of(topic), batch.stream().map(Item::what).toList());
                return List.of();
            });
        } catch (Persistence.StoppedException e) {
            throw e;
        } catch (RuntimeException e) {
            if (batch.size() == 1) {
                LOG.errorf(
                        e,
                        "could not %s, whatever is tried: %s",
                        what,
                        Records.origin(batch.getFirst().source()));
                return batch;
            }
            int half = batch.size() / 2;
            List<Item<T>> faulty = new ArrayList<>(take(what, topic, batch.subList(0, half), work));
            faulty.addAll(take(what, topic, batch.subList(half, batch.size()), work));
            return faulty;
        }
    }

    /** Whether it would be so each time: of a bug, too. */
    private static boolean isDataAtFault(Exception e) {
        if (e instanceof RuntimeException) {
            return true;
        }
        String state = e instanceof SQLException sql ? sql.getSQLState() : null;
        return state != null && !IN_THE_WAY.contains(state) && FAULTS.contains(state.substring(0, 2));
    }
}
