package io.mooring.sync.kafka;

import io.mooring.chassis.TopicNames;
import io.mooring.chassis.kafka.KafkaSettings;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.RowTopic;
import io.mooring.sync.SyncConfig;
import io.mooring.sync.core.Row;
import io.mooring.sync.core.RowFilter;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.db.OutboxStore;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.header.Headers;

/** The topics on which applications read rows: makes them, and writes their records. */
@Singleton
public class RowTopics {
    private static final int PATIENCE_SECONDS = 15;

    /** How long readers have to see that a row was removed, before compaction forgets that too. */
    private static final Duration REMOVALS_KEPT = Duration.ofDays(7);

    private static final byte[] SPEC_VERSION = OutboxStore.bytes(EventHeaders.SPEC_VERSION_1_0);
    private static final byte[] SOURCE = OutboxStore.bytes(OutboxStore.SOURCE);
    private static final byte[] CHANGED = OutboxStore.bytes(EventTypes.ROW_CHANGED);
    private static final byte[] REMOVED = OutboxStore.bytes(EventTypes.ROW_REMOVED);

    private final KafkaSettings kafka;
    private final String prefix;
    private final SyncConfig.RowTopics config;
    private final Set<RowTopic> made = ConcurrentHashMap.newKeySet();

    public RowTopics(KafkaSettings kafka, TopicNames names, SyncConfig config) {
        this.kafka = kafka;
        this.prefix = names.prefix();
        this.config = config.rowTopics();
    }

    /** Whether there are any. */
    public boolean isEnabled() {
        return config.enabled();
    }

    /** Makes those that are missing; when it returns they can be written. */
    public void make(Collection<RowTopic> topics) throws Exception {
        Set<RowTopic> missing = new java.util.HashSet<>(topics);
        missing.removeAll(made);
        if (missing.isEmpty()) {
            return;
        }
        Map<String, String> settings = Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_COMPACT,
                TopicConfig.DELETE_RETENTION_MS_CONFIG,
                Long.toString(REMOVALS_KEPT.toMillis()));
        try (Admin admin = Admin.create(kafka.with(Map.of()))) {
            Set<String> present = admin.listTopics().names().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            Set<String> wanted = new TreeSet<>();
            missing.forEach(topic -> wanted.add(topic.name(prefix)));
            wanted.removeAll(present);
            List<NewTopic> fresh = wanted.stream()
                    .map(name ->
                            new NewTopic(name, Optional.of(config.partitions()), Optional.empty()).configs(settings))
                    .toList();
            for (KafkaFuture<Void> topic : admin.createTopics(fresh).values().values()) {
                awaitMade(topic);
            }
            awaitLeaders(admin, wanted);
        }
        made.addAll(missing);
    }

    private static void awaitMade(KafkaFuture<Void> topic) throws Exception {
        try {
            topic.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    /** A producer that is early is refused, and then sends out of order what it sends again. */
    private void awaitLeaders(Admin admin, Set<String> topics) throws Exception {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (String topic : topics) {
            for (int partition = 0; partition < config.partitions(); partition++) {
                ends.put(new TopicPartition(topic, partition), OffsetSpec.latest());
            }
        }
        admin.listOffsets(ends).all().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * A row as applications read it.
     *
     * @param id names the event: the same if it is told twice
     * @param json the row; not looked at if it was removed
     */
    public ProducerRecord<String, byte[]> record(String cloud, TableLayout layout, Row row, String id, byte[] json) {
        boolean live = row.state().clock().isLive();
        String owner = row.key().owner();
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(
                new RowTopic(cloud, layout.table()).name(prefix),
                RowTopic.key(owner, row.key().sk()),
                live ? json : null);
        Headers headers = record.headers();
        headers.add(EventHeaders.SPEC_VERSION, SPEC_VERSION);
        headers.add(EventHeaders.ID, OutboxStore.bytes(id));
        headers.add(EventHeaders.SOURCE, SOURCE);
        headers.add(EventHeaders.TYPE, live ? CHANGED : REMOVED);
        headers.add(EventHeaders.CLOUD, OutboxStore.bytes(cloud));
        RowFilter.of(layout.scope())
                .receiver(layout.scope(), owner, row.accountId())
                .ifPresent(whose -> headers.add(EventHeaders.SUBJECT, OutboxStore.bytes(whose.toString())));
        if (row.accountId() != null) {
            headers.add(EventHeaders.ACCOUNT, OutboxStore.bytes(row.accountId()));
        }
        HybridTimestamp latest = row.state().clock().latest();
        if (latest != null) {
            headers.add(EventHeaders.TIME, OutboxStore.bytes(latest.isoMillis()));
        }
        return record;
    }
}
