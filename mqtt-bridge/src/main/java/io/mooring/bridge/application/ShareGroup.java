package io.mooring.bridge.application;

import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.publish.Publish;
import com.hivemq.extension.sdk.api.services.publish.PublishToClientResult;
import io.mooring.bridge.delivery.Progress;
import io.mooring.bridge.kafka.KafkaClients;
import io.mooring.bridge.kafka.Worker;
import io.mooring.bridge.message.InvalidRecordException;
import io.mooring.bridge.registry.DeviceRegistry;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.TopicFilter;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * One shared subscription on this node: a member of a consumer group in which each node with workers is one, so that
 * Kafka parts the work among nodes, and gives a dead node's to the others. On a node each message goes to the worker
 * that has least to do; it counts as read when that worker has acknowledged it, and goes to another when the worker
 * leaves before. Where all workers have enough to do, messages wait in Kafka.
 */
final class ShareGroup implements AutoCloseable {
    /** How many messages a worker is given before it acknowledges. */
    private static final int PER_WORKER = 50;

    private static final int MAX_OPEN = 1_000;
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration POLL_WHILE_WAITING = Duration.ofMillis(2);
    private static final long COMMIT_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** A message that a worker has. */
    record Ticket(long number, ShareGroup group, TopicPartition partition, Given given, ApplicationSession worker) {
        /** The worker has acknowledged it. */
        void done() {
            group.done(this);
        }
    }

    /** A message that is for the group. */
    private record Given(DataCodec.FromDevice data, Progress.Step step) {}

    private static final class Lane {
        final Deque<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();
        final Queue<Given> again = new ConcurrentLinkedQueue<>();
        final Progress progress;
        long committed;

        Lane(long next) {
            progress = new Progress(next);
            committed = next;
        }
    }

    private final ShareName name;
    private final KafkaClients clients;
    private final String topic;
    private final String groupId;
    private final Applications applications;
    private final DeviceRegistry registry;
    private final Tickets tickets;
    private final Clock clock;
    private final Worker thread;
    private final long sinceNanos = System.nanoTime();
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final List<ApplicationSession> workers = new CopyOnWriteArrayList<>();
    /** By the worker's session: the numbers of the tickets it has. */
    private final Map<String, Set<Long>> given = new ConcurrentHashMap<>();

    private final Map<String, Qos> wanted = new ConcurrentHashMap<>();
    private final Map<TopicPartition, Lane> lanes = new ConcurrentHashMap<>();
    private long lastCommitNanos;

    ShareGroup(
            ShareName name,
            KafkaClients clients,
            String prefix,
            Applications applications,
            DeviceRegistry registry,
            Tickets tickets,
            Clock clock) {
        this.name = name;
        this.clients = clients;
        this.topic = Topic.APPLICATION_UPLINK.name(prefix);
        this.groupId = prefix + ".share." + name.application() + "." + name.group() + "." + name.filter();
        this.applications = applications;
        this.registry = registry;
        this.tickets = tickets;
        this.clock = clock;
        this.thread = new Worker("share-" + name.application() + "-" + name.group(), this::run);
    }

    void start() {
        thread.start();
    }

    /** Completes when it has its place in Kafka. */
    CompletableFuture<Void> ready() {
        return ready;
    }

    boolean hasWorkers() {
        return !workers.isEmpty();
    }

    boolean isYoung(long nanos) {
        return System.nanoTime() - sinceNanos < nanos;
    }

    void join(ApplicationSession worker, Qos qos) {
        wanted.put(worker.id(), qos);
        given.computeIfAbsent(worker.id(), id -> ConcurrentHashMap.newKeySet());
        if (!workers.contains(worker)) {
            workers.add(worker);
        }
    }

    void leave(ApplicationSession worker) {
        workers.remove(worker);
        wanted.remove(worker.id());
        Set<Long> open = given.remove(worker.id());
        if (open != null) {
            open.forEach(this::giveToAnother);
        }
    }

    private void giveToAnother(long number) {
        Ticket ticket = tickets.close(number);
        if (ticket != null) {
            Lane lane = lanes.get(ticket.partition());
            if (lane != null) {
                lane.again.add(ticket.given());
            }
        }
    }

    private void done(Ticket ticket) {
        if (tickets.close(ticket.number()) != null) {
            Set<Long> open = given.get(ticket.worker().id());
            if (open != null) {
                open.remove(ticket.number());
            }
            ticket.given().step().finished();
        }
    }

    private void run(Worker worker) throws InterruptedException {
        Map<String, Object> settings = Map.of(
                ConsumerConfig.GROUP_ID_CONFIG,
                groupId,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "latest",
                ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                10_000,
                ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
                2_000,
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                500,
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                1 << 20);
        try (Consumer<byte[], byte[]> consumer =
                clients.consumer("share." + Integer.toHexString(groupId.hashCode()), settings)) {
            consumer.subscribe(List.of(topic), new Assignment(consumer));
            while (worker.isWanted()) {
                round(consumer);
                worker.succeeded();
            }
            commit(consumer, lanes.keySet());
        } finally {
            lanes.keySet().forEach(this::lose);
        }
    }

    private final class Assignment implements ConsumerRebalanceListener {
        private final Consumer<byte[], byte[]> consumer;

        Assignment(Consumer<byte[], byte[]> consumer) {
            this.consumer = consumer;
        }

        /** What begins at the end keeps that place, also if nothing is acknowledged before this node dies. */
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            Map<TopicPartition, OffsetAndMetadata> places = new HashMap<>();
            for (TopicPartition partition : partitions) {
                long next = consumer.position(partition);
                lanes.put(partition, new Lane(next));
                places.put(partition, new OffsetAndMetadata(next));
            }
            consumer.commitSync(places);
            ready.complete(null);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            commit(consumer, partitions);
            partitions.forEach(ShareGroup.this::lose);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            partitions.forEach(ShareGroup.this::lose);
        }
    }

    /** Another node has the partition now: what workers have of it here is not ours to count. */
    private void lose(TopicPartition partition) {
        lanes.remove(partition);
        given.values()
                .forEach(open -> open.removeIf(number -> {
                    Ticket ticket = tickets.find(number);
                    if (ticket != null && ticket.partition().equals(partition)) {
                        tickets.close(number);
                        return true;
                    }
                    return ticket == null;
                }));
    }

    private void round(Consumer<byte[], byte[]> consumer) {
        boolean busy = lanes.values().stream()
                .anyMatch(lane -> !lane.waiting.isEmpty() || !lane.again.isEmpty() || lane.progress.open() > 0);
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(busy ? POLL_WHILE_WAITING : POLL)) {
            Lane lane = lanes.get(new TopicPartition(message.topic(), message.partition()));
            if (lane != null) {
                lane.waiting.addLast(message);
            }
        }
        Set<TopicPartition> held = new HashSet<>();
        lanes.forEach((partition, lane) -> {
            drain(partition, lane);
            lane.progress.advance();
            if (!lane.waiting.isEmpty() || !lane.again.isEmpty()) {
                held.add(partition);
            }
        });
        Set<TopicPartition> paused = consumer.paused();
        consumer.resume(
                paused.stream().filter(partition -> !held.contains(partition)).toList());
        consumer.pause(
                held.stream().filter(partition -> !paused.contains(partition)).toList());
        if (System.nanoTime() - lastCommitNanos > COMMIT_NANOS) {
            lastCommitNanos = System.nanoTime();
            Map<TopicPartition, OffsetAndMetadata> moved = moved(lanes.keySet());
            if (!moved.isEmpty()) {
                consumer.commitAsync(moved, null);
            }
        }
    }

    private void drain(TopicPartition partition, Lane lane) {
        for (Given again = lane.again.peek(); again != null; again = lane.again.peek()) {
            if (!give(partition, lane, again)) {
                return;
            }
            lane.again.poll();
        }
        while (!lane.waiting.isEmpty() && lane.progress.open() < MAX_OPEN) {
            ConsumerRecord<byte[], byte[]> message = lane.waiting.getFirst();
            Progress.Step step = lane.progress.begin(message.offset());
            Optional<DataCodec.FromDevice> data = wanted(message);
            if (data.isPresent()) {
                step.begun();
                step.allHandedOver();
                if (!give(partition, lane, new Given(data.get(), step))) {
                    lane.progress.undo(step);
                    return;
                }
            } else {
                step.allHandedOver();
            }
            lane.waiting.removeFirst();
        }
    }

    /** Dead letters are put aside by the one who reads for ordinary subscriptions. */
    private Optional<DataCodec.FromDevice> wanted(ConsumerRecord<byte[], byte[]> message) {
        try {
            DataCodec.FromDevice data = DataCodec.fromDevice(message);
            boolean isWanted = TopicFilter.matches(name.filter(), data.message().topic())
                    && !data.message().properties().isExpired(clock.instant())
                    && applications
                            .find(name.application())
                            .filter(application -> application.may(Application.Right.SUBSCRIBE)
                                    && application.cloud().equals(data.cloud())
                                    && registry.find(data.device())
                                            .filter(application::covers)
                                            .isPresent())
                            .isPresent();
            return isWanted ? Optional.of(data) : Optional.empty();
        } catch (InvalidRecordException poison) {
            return Optional.empty();
        }
    }

    /** Gives a message to the worker that has least to do; false if all have enough. */
    private boolean give(TopicPartition partition, Lane lane, Given message) {
        Optional<ApplicationSession> free =
                workers.stream().filter(worker -> load(worker) < PER_WORKER).min(Comparator.comparingInt(this::load));
        if (free.isEmpty()) {
            return false;
        }
        ApplicationSession worker = free.get();
        Ticket ticket = new Ticket(tickets.next(), this, partition, message, worker);
        Set<Long> open = given.get(worker.id());
        Qos wants = wanted.get(worker.id());
        if (open == null || wants == null) {
            lane.again.add(message);
            return true;
        }
        tickets.open(ticket);
        open.add(ticket.number());
        if (given.get(worker.id()) != open) {
            // It left at this very moment.
            giveToAnother(ticket.number());
            return true;
        }
        DataCodec.FromDevice data = message.data();
        Qos qos =
                wants == Qos.AT_MOST_ONCE ? wants : data.message().properties().qos();
        Publish publish = data.message()
                .publish(
                        name.brokerTopic(data.message().topic()),
                        qos,
                        clock.instant(),
                        Map.of(Tickets.PROPERTY, Long.toString(ticket.number())));
        Services.publishService().publishToClient(publish, worker.clientId()).whenComplete((result, failure) -> {
            if (failure != null || result == PublishToClientResult.NOT_SUBSCRIBED) {
                open.remove(ticket.number());
                giveToAnother(ticket.number());
            } else if (qos == Qos.AT_MOST_ONCE) {
                done(ticket);
            }
        });
        return true;
    }

    private int load(ApplicationSession worker) {
        Set<Long> open = given.get(worker.id());
        return open == null ? PER_WORKER : open.size();
    }

    private Map<TopicPartition, OffsetAndMetadata> moved(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> moved = new HashMap<>();
        for (TopicPartition partition : partitions) {
            Lane lane = lanes.get(partition);
            if (lane != null) {
                lane.progress.advance();
                if (lane.progress.done() > lane.committed) {
                    lane.committed = lane.progress.done();
                    moved.put(partition, new OffsetAndMetadata(lane.committed));
                }
            }
        }
        return moved;
    }

    private void commit(Consumer<byte[], byte[]> consumer, Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> moved = moved(partitions);
        if (!moved.isEmpty()) {
            consumer.commitSync(moved);
        }
    }

    @Override
    public void close() {
        thread.close();
    }
}
