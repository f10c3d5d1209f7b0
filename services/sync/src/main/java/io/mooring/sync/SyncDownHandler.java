package io.mooring.sync;

import io.mooring.chassis.TopicNames;
import io.mooring.chassis.db.Database;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.RowTopic;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.Receiver;
import io.mooring.contracts.trace.TraceContext;
import io.mooring.sync.core.Addressing;
import io.mooring.sync.core.ChangedRow;
import io.mooring.sync.core.CloudControl;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.Row;
import io.mooring.sync.core.RowFilter;
import io.mooring.sync.core.RowJson;
import io.mooring.sync.core.RowKey;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.db.CloudStore;
import io.mooring.sync.db.ControlStore;
import io.mooring.sync.db.DeviceStore;
import io.mooring.sync.db.OutboxStore;
import io.mooring.sync.db.RowStore;
import io.mooring.sync.db.StreamStore;
import io.mooring.sync.kafka.RecordProducer;
import io.mooring.sync.kafka.RowTopics;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Tells devices and applications what changed in the database: first notes it where catch-ups will find it, then
 * says it.
 */
@Singleton
public class SyncDownHandler {
    private static final Logger LOG = Logger.getLogger(SyncDownHandler.class);

    /** A group of which more than so many do not hear something is told one by one. */
    private static final int MOST_EXCEPTIONS = 1000;

    private final Database database;
    private final Controls controls;
    private final RowTopics rowTopics;
    private final RecordProducer producer;
    private final SyncMetrics metrics;
    private final SyncConfig config;
    private final String downlink;

    public SyncDownHandler(
            Database database,
            Controls controls,
            RowTopics rowTopics,
            RecordProducer producer,
            SyncMetrics metrics,
            SyncConfig config,
            TopicNames topics) {
        this.database = database;
        this.controls = controls;
        this.rowTopics = rowTopics;
        this.producer = producer;
        this.metrics = metrics;
        this.config = config;
        this.downlink = topics.of(Topic.DEVICE_DOWNLINK);
    }

    /**
     * Notes which changes there were, so that a device that misses what is said of them finds them when it
     * catches up.
     *
     * @param topicId the Kafka topic's id
     * @param first the offset of the first event of the batch
     * @param next the offset after the last
     * @param versions of the schema of each cloud, by which the changes were read; if one is in force no longer,
     *     nothing is done
     */
    public Indexed index(String topicId, long first, long next, List<ChangedRow> changes, Map<String, Integer> versions)
            throws SQLException {
        return database.transact(connection -> {
            StreamStore.Stream stream = StreamStore.lock(connection);
            // Not before the lock: whoever gives devices more notes the place from which on under the same lock.
            Set<String> stale = stale(connection, versions);
            if (!stale.isEmpty()) {
                return new Indexed(stream.epoch(), Map.of(), stale);
            }
            Map<String, CloudControl> known = controls.of(connection, versions.keySet());
            if (!topicId.equals(stream.topicId()) || first > stream.next()) {
                stream = succeed(connection, stream, topicId, first);
            }
            List<StreamStore.Change> entries = entries(changes, known);
            if (!entries.isEmpty()) {
                StreamStore.index(connection, entries);
            }
            StreamStore.advance(connection, next);
            metrics.epoch(stream.epoch());
            return new Indexed(stream.epoch(), known, Set.of());
        });
    }

    private static Set<String> stale(Connection connection, Map<String, Integer> versions) throws SQLException {
        Set<String> stale = new TreeSet<>();
        for (Map.Entry<String, Integer> cloud : versions.entrySet()) {
            if (CloudStore.version(connection, cloud.getKey()) != cloud.getValue()) {
                stale.add(cloud.getKey());
            }
        }
        return stale;
    }

    /**
     * What telling goes by.
     *
     * @param epoch of the stream
     * @param controls what is set of each cloud
     * @param stale clouds whose schema is another by now: if there is any, nothing was indexed
     */
    public record Indexed(int epoch, Map<String, CloudControl> controls, Set<String> stale) {}

    /** The last change of each row, for each group of devices to which it may be given. */
    private static List<StreamStore.Change> entries(List<ChangedRow> changes, Map<String, CloudControl> controls) {
        IdentityHashMap<TableLayout, Set<RowFilter>> filters = new IdentityHashMap<>();
        Map<String, StreamStore.Change> last = new LinkedHashMap<>();
        for (ChangedRow change : changes) {
            TableLayout layout = change.layout();
            CloudControl control = controls.getOrDefault(change.cloud().cloud(), CloudControl.UNSET);
            RowKey key = change.row().key();
            for (RowFilter filter : filters.computeIfAbsent(layout, table -> control.filters(table.model()))) {
                boolean base = filter == RowFilter.of(layout.scope());
                filter.receiver(layout.scope(), key.owner(), change.row().accountId())
                        .ifPresent(receiver -> {
                            StreamStore.Change entry = new StreamStore.Change(
                                    change.cloud().cloud(),
                                    receiver.toString(),
                                    key.model(),
                                    key.sk(),
                                    base ? null : key.owner(),
                                    change.offset());
                            last.put(
                                    String.join("\n", entry.cloud(), entry.receiver(), entry.model(), entry.sk()),
                                    entry);
                        });
            }
        }
        return List.copyOf(last.values());
    }

    private static StreamStore.Stream succeed(
            Connection connection, StreamStore.Stream stream, String topicId, long first) throws SQLException {
        if (stream.topicId() == null) {
            StreamStore.adopt(connection, topicId);
            if (first <= stream.next()) {
                return StreamStore.read(connection);
            }
        }
        LOG.warnf(
                "the stream of changes was lost (topic %s at %d, expected %s at %d): all devices get everything anew",
                topicId, first, stream.topicId(), stream.next());
        StreamStore.beginEpoch(connection, topicId, first);
        return StreamStore.read(connection);
    }

    /**
     * Says what changed; when it returns, Kafka has it.
     *
     * @param indexed as {@link #index} answered it
     */
    public void tell(List<ChangedRow> changes, Indexed indexed) throws Exception {
        List<ChangedRow> complete = completed(changes);
        makeTopics(complete);
        Map<String, Long> asked = asked(complete);
        Map<String, Addressing> addressing = new HashMap<>();
        List<List<Addressing.Telling>> all = new ArrayList<>(complete.size());
        for (ChangedRow change : complete) {
            all.add(addressing
                    .computeIfAbsent(change.cloud().cloud(), cloud -> addressing(cloud, indexed.controls(), asked))
                    .of(change));
        }
        DownlinkBatch records = new DownlinkBatch(downlink, config.rowBatches(), takingRowBatches(all));
        int withheld = 0;
        for (int i = 0; i < complete.size(); i++) {
            ChangedRow change = complete.get(i);
            List<Addressing.Telling> tellings = all.get(i);
            withheld += tellings.isEmpty() ? 1 : 0;
            if (tellings.isEmpty() && !rowTopics.isEnabled()) {
                continue;
            }
            // One encoding, however many hear of it.
            byte[] json = OutboxStore.bytes(RowJson.write(change.layout(), change.row()));
            for (Addressing.Telling telling : tellings) {
                add(records, change, telling, json);
            }
            if (rowTopics.isEnabled()) {
                String id = indexed.epoch() + "-" + change.offset();
                records.add(traced(
                        rowTopics.record(change.cloud().cloud(), change.layout(), change.row(), id, json), change));
            }
        }
        List<ProducerRecord<String, byte[]>> finished = records.finish();
        producer.send(finished);
        metrics.toldDown(changes.size(), finished.size(), withheld);
    }

    /**
     * Those that understand several rows in one message, of the devices that are told more than one now. Read after what
     * they are told is indexed: one that asks later, and understands it no longer, finds it there.
     */
    private Set<String> takingRowBatches(List<List<Addressing.Telling>> tellings) throws SQLException {
        Set<String> once = new HashSet<>();
        Set<String> several = new HashSet<>();
        for (List<Addressing.Telling> ofOne : tellings) {
            for (Addressing.Telling telling : ofOne) {
                if (telling.receiver() instanceof Receiver.Device device && !once.add(device.id())) {
                    several.add(device.id());
                }
            }
        }
        return several.isEmpty()
                ? Set.of()
                : database.read(connection -> DeviceStore.takingRowBatches(connection, several));
    }

    private void makeTopics(List<ChangedRow> changes) throws Exception {
        if (rowTopics.isEnabled()) {
            rowTopics.make(changes.stream()
                    .map(change ->
                            new RowTopic(change.cloud().cloud(), change.layout().table()))
                    .collect(Collectors.toSet()));
        }
    }

    /**
     * When those last asked who wrote what is to be told. Read after it is indexed: who asks later finds it there.
     */
    private Map<String, Long> asked(List<ChangedRow> changes) throws SQLException {
        Set<String> writers =
                changes.stream().flatMap(change -> change.echoTo().stream()).collect(Collectors.toSet());
        return writers.isEmpty() ? Map.of() : database.read(connection -> DeviceStore.asked(connection, writers));
    }

    private Addressing addressing(String cloud, Map<String, CloudControl> controls, Map<String, Long> asked) {
        CloudControl control = controls.getOrDefault(cloud, CloudControl.UNSET);
        Map<String, String> accounts = new HashMap<>();
        return new Addressing(
                control,
                device -> {
                    if (accounts.isEmpty()) {
                        accounts.put("", "");
                        accounts.putAll(accounts(cloud, control.devices().keySet()));
                    }
                    return accounts.get(device);
                },
                asked);
    }

    private Map<String, String> accounts(String cloud, Set<String> devices) {
        try {
            return database.read(connection -> ControlStore.accounts(connection, cloud, devices));
        } catch (SQLException e) {
            throw new UnavailableException(e);
        }
    }

    /** The database went away while it was asked for something; all is tried again. */
    private static final class UnavailableException extends RuntimeException {
        UnavailableException(SQLException cause) {
            super(cause);
        }
    }

    private void add(DownlinkBatch records, ChangedRow change, Addressing.Telling telling, byte[] json)
            throws SQLException {
        String cloud = change.cloud().cloud();
        String tail = change.kind().tail();
        if (telling.receiver() instanceof Receiver.Device device) {
            // Who only reads another's command has not got it.
            boolean owner = device.id().equals(change.row().key().owner());
            records.row(cloud, device, change.kind(), json, owner ? change.row().receipt() : null, trace(change));
            return;
        }
        if (telling.except().size() <= MOST_EXCEPTIONS) {
            Receiver receiver = telling.receiver();
            ProducerRecord<String, byte[]> record =
                    RecordProducer.downlink(downlink, cloud, receiver.toString(), receiver.key(), tail, json);
            if (!telling.except().isEmpty()) {
                Records.put(record.headers(), EventHeaders.EXCEPT, String.join(",", telling.except()));
            }
            records.add(traced(record, change));
            return;
        }
        String account = telling.receiver() instanceof Receiver.Account group ? group.account() : null;
        List<String> page = List.of();
        do {
            String after = page.isEmpty() ? "" : page.getLast();
            page = database.read(connection -> DeviceStore.page(connection, cloud, account, after, MOST_EXCEPTIONS));
            for (String device : page) {
                if (!telling.except().contains(device)) {
                    records.row(cloud, new Receiver.Device(device), change.kind(), json, null, trace(change));
                }
            }
        } while (page.size() == MOST_EXCEPTIONS);
    }

    private static @Nullable TraceContext trace(ChangedRow change) {
        return change.trace() == null ? null : change.trace().context();
    }

    private static ProducerRecord<String, byte[]> traced(ProducerRecord<String, byte[]> record, ChangedRow change) {
        RecordProducer.goOn(record, trace(change));
        return record;
    }

    /** Looks up the rows that the log holds only in part. One that is gone meanwhile is left to its grave. */
    private List<ChangedRow> completed(List<ChangedRow> changes) throws SQLException {
        Map<String, Map<String, List<RowKey>>> missing = new HashMap<>();
        Map<String, CloudSchema> clouds = new HashMap<>();
        for (ChangedRow change : changes) {
            if (!change.complete()) {
                clouds.put(change.cloud().cloud(), change.cloud());
                missing.computeIfAbsent(change.cloud().cloud(), cloud -> new HashMap<>())
                        .computeIfAbsent(change.row().key().model(), model -> new ArrayList<>())
                        .add(change.row().key());
            }
        }
        if (missing.isEmpty()) {
            return changes;
        }
        Map<String, Map<RowKey, Row>> found = database.read(connection -> {
            Map<String, Map<RowKey, Row>> rows = new HashMap<>();
            for (Map.Entry<String, Map<String, List<RowKey>>> cloud : missing.entrySet()) {
                for (Map.Entry<String, List<RowKey>> model : cloud.getValue().entrySet()) {
                    CloudSchema schema = clouds.get(cloud.getKey());
                    TableLayout layout = schema == null ? null : schema.layout(model.getKey());
                    if (schema != null && layout != null) {
                        for (Row row : new RowStore(schema, layout).read(connection, model.getValue())) {
                            rows.computeIfAbsent(cloud.getKey(), name -> new HashMap<>())
                                    .put(row.key(), row);
                        }
                    }
                }
            }
            return rows;
        });
        List<ChangedRow> complete = new ArrayList<>(changes.size());
        for (ChangedRow change : changes) {
            Row row = change.complete()
                    ? change.row()
                    : found.getOrDefault(change.cloud().cloud(), Map.of())
                            .get(change.row().key());
            if (row != null) {
                complete.add(change.complete() ? change : change.with(row));
            }
        }
        return complete;
    }
}
