package io.mooring.bridge.delivery;

import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.admin.LifecycleStage;
import io.mooring.bridge.kafka.DeadLetters;
import io.mooring.bridge.kafka.KafkaClients;
import io.mooring.bridge.kafka.Worker;
import io.mooring.bridge.message.InvalidRecordException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads all partitions of topics: every node reads everything and takes what is for its
 * own clients. Its position is kept in a consumer group of its own and moves only past what the
 * broker has. A node that never read before begins at the end, since it has no clients yet.
 *
 * <p>Where a client must acknowledge before it can be sent more, its partition waits; the others go
 * on. At most one poll's worth of a partition is held meanwhile.
 */
public final class DeliveryConsumer implements Worker.Task {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration POLL_WHILE_WAITING = Duration.ofMillis(2);
    private static final int POLL_RECORDS = 500;
    private static final int MAX_OPEN = 2_000;
    private static final long COMMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long BROKER_PAUSE_MILLIS = 20;
    private static final long REPEAT_PAUSE_MILLIS = 100;

    private static final class Lane {
        final Deque<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();
        final Progress progress;
        long committed;

        Lane(long next) {
            progress = new Progress(next);
            committed = next;
        }
    }

    /** Hands one record to the broker for whoever is to hear it. */
    @FunctionalInterface
    public interface Delivery {
        /**
         * Hands a record over.
         *
         * @param step told when the broker has it
         * @return false if it must wait and be handed over again; nothing was handed over then
         * @throws InvalidRecordException if the record cannot be understood
         */
        boolean deliver(ConsumerRecord<byte[], byte[]> message, Progress.Step step) throws InvalidRecordException;
    }

    private final KafkaClients clients;
    private final String purpose;
    private final List<String> topics;
    private final String group;
    private final Delivery delivery;
    private final DeadLetters deadLetters;
    private final java.util.function.Consumer<String> kept;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final Map<TopicPartition, Lane> lanes = new HashMap<>();
    private long lastCommitNanos;

    /**
     * With what it needs.
     *
     * @param purpose names it among the clients of Kafka
     * @param kept told of each client whose session the broker has kept from before it started
     */
    public DeliveryConsumer(
            KafkaClients clients,
            String purpose,
            List<String> topics,
            String group,
            Delivery delivery,
            DeadLetters deadLetters,
            java.util.function.Consumer<String> kept) {
        this.clients = clients;
        this.purpose = purpose;
        this.topics = topics;
        this.group = group;
        this.delivery = delivery;
        this.deadLetters = deadLetters;
        this.kept = kept;
    }

    /** Completes when nothing told from now on would be missed. */
    public CompletableFuture<Void> ready() {
        return ready;
    }

    @Override
    public void run(Worker worker) throws InterruptedException {
        Map<String, Object> settings = Map.of(
                ConsumerConfig.GROUP_ID_CONFIG,
                group,
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                POLL_RECORDS,
                ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
                4 << 20,
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                1 << 20);
        try (Consumer<byte[], byte[]> consumer = clients.consumer(purpose, settings)) {
            begin(consumer);
            ready.complete(null);
            if (!awaitBroker(worker)) {
                return;
            }
            while (worker.isWanted()) {
                round(consumer, worker);
                worker.succeeded();
            }
            commit(consumer);
        }
    }

    /** Resumes where this node stopped; where it never was, begins at the end and says so. */
    private void begin(Consumer<byte[], byte[]> consumer) {
        List<TopicPartition> partitions = topics.stream()
                .flatMap(topic -> KafkaClients.partitions(consumer, topic).stream())
                .toList();
        consumer.assign(partitions);
        Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>(consumer.committed(Set.copyOf(partitions)));
        committed.values().removeIf(position -> position == null);
        Map<TopicPartition, Long> begin =
                committed.isEmpty() ? consumer.endOffsets(partitions) : consumer.beginningOffsets(partitions);
        lanes.clear();
        Map<TopicPartition, OffsetAndMetadata> starts = new HashMap<>();
        for (TopicPartition partition : partitions) {
            OffsetAndMetadata known = committed.get(partition);
            long start = known == null ? begin.getOrDefault(partition, 0L) : known.offset();
            consumer.seek(partition, start);
            starts.put(partition, new OffsetAndMetadata(start));
            lanes.put(partition, new Lane(start));
        }
        consumer.commitSync(starts);
    }

    /** Waits until the broker can be asked, then learns which sessions it has kept. */
    private boolean awaitBroker(Worker worker) throws InterruptedException {
        while (worker.isWanted()) {
            if (Services.adminService().getCurrentStage() == LifecycleStage.STARTED_SUCCESSFULLY) {
                Services.clientService()
                        .iterateAllClients((context, session) -> kept.accept(session.getClientIdentifier()))
                        .join();
                return true;
            }
            worker.pause(BROKER_PAUSE_MILLIS);
        }
        return false;
    }

    private void round(Consumer<byte[], byte[]> consumer, Worker worker) throws InterruptedException {
        boolean waiting = lanes.values().stream().anyMatch(lane -> !lane.waiting.isEmpty() || lane.progress.open() > 0);
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(waiting ? POLL_WHILE_WAITING : POLL)) {
            lane(message.topic(), message.partition()).waiting.addLast(message);
        }
        Set<TopicPartition> held = new HashSet<>();
        for (Map.Entry<TopicPartition, Lane> entry : lanes.entrySet()) {
            Lane lane = entry.getValue();
            drain(lane);
            lane.progress.advance();
            if (lane.progress.mustRepeat()) {
                lane.progress.repeat();
                lane.waiting.clear();
                consumer.seek(entry.getKey(), lane.progress.done());
                worker.pause(REPEAT_PAUSE_MILLIS);
            } else if (!lane.waiting.isEmpty() || lane.progress.hasFailed()) {
                held.add(entry.getKey());
            }
        }
        pauseOnly(consumer, held);
        if (System.nanoTime() - lastCommitNanos > COMMIT_NANOS) {
            commit(consumer);
        }
    }

    private Lane lane(String name, int partition) {
        Lane lane = lanes.get(new TopicPartition(name, partition));
        if (lane == null) {
            throw new IllegalStateException("a record of a partition that was not asked for: " + partition);
        }
        return lane;
    }

    private void drain(Lane lane) {
        while (!lane.waiting.isEmpty() && lane.progress.open() < MAX_OPEN && !lane.progress.hasFailed()) {
            ConsumerRecord<byte[], byte[]> message = lane.waiting.getFirst();
            Progress.Step step = lane.progress.begin(message.offset());
            try {
                if (!delivery.deliver(message, step)) {
                    lane.progress.undo(step);
                    return;
                }
            } catch (InvalidRecordException poison) {
                // Read again, with all that follows, if Kafka does not have the letter.
                deadLetters.send(message, poison.code(), String.valueOf(poison.getMessage()), failure -> {
                    if (failure == null) {
                        step.finished();
                    } else {
                        step.failed();
                    }
                });
            }
            lane.waiting.removeFirst();
        }
    }

    private static void pauseOnly(Consumer<byte[], byte[]> consumer, Set<TopicPartition> held) {
        Set<TopicPartition> paused = consumer.paused();
        List<TopicPartition> resume =
                paused.stream().filter(partition -> !held.contains(partition)).toList();
        List<TopicPartition> pause = new ArrayList<>(held);
        pause.removeAll(paused);
        if (!resume.isEmpty()) {
            consumer.resume(resume);
        }
        if (!pause.isEmpty()) {
            consumer.pause(pause);
        }
    }

    private void commit(Consumer<byte[], byte[]> consumer) {
        lastCommitNanos = System.nanoTime();
        Map<TopicPartition, OffsetAndMetadata> moved = new HashMap<>();
        lanes.forEach((partition, lane) -> {
            if (lane.progress.done() > lane.committed) {
                lane.committed = lane.progress.done();
                moved.put(partition, new OffsetAndMetadata(lane.committed));
            }
        });
        if (!moved.isEmpty()) {
            consumer.commitAsync(moved, null);
        }
    }
}
