package io.mooring.sync;

import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.contracts.mqtt.Receiver;
import io.mooring.contracts.schema.Scope;
import io.mooring.contracts.sync.StreamPosition;
import io.mooring.sync.core.ChangedRow;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.JsonText;
import io.mooring.sync.core.Row;
import io.mooring.sync.core.RowJson;
import io.mooring.sync.core.RowKey;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.db.CatchUpStore;
import io.mooring.sync.db.CatchUpStore.CatchUp;
import io.mooring.sync.db.Database;
import io.mooring.sync.db.DeviceStore;
import io.mooring.sync.db.RowStore;
import io.mooring.sync.db.StreamStore;
import io.mooring.sync.db.TombstoneStore;
import io.mooring.sync.kafka.RecordProducer;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;

/**
 * Gives a device what it missed: the rows and graves changed since the place it stands at, or all there are
 * if that place means nothing. Reads and sends in chunks; whatever changes meanwhile is told by the stream.
 */
@Singleton
public class CatchUpHandler {
    private static final Logger LOG = Logger.getLogger(CatchUpHandler.class);

    private final Database database;
    private final SchemaHandler schemas;
    private final RecordProducer producer;
    private final SyncMetrics metrics;
    private final SyncConfig config;
    private final String downlink;

    public CatchUpHandler(
            Database database,
            SchemaHandler schemas,
            RecordProducer producer,
            SyncMetrics metrics,
            SyncConfig config,
            TopicNames topics) {
        this.database = database;
        this.schemas = schemas;
        this.producer = producer;
        this.metrics = metrics;
        this.config = config;
        this.downlink = topics.of(Topic.DEVICE_DOWNLINK);
    }

    /** Catches one device up. Stops early, without harm, if it has asked anew meanwhile. */
    public void handle(CatchUp owed) throws Exception {
        CloudSchema cloud = schemas.of(owed.cloud());
        StreamPosition head =
                database.read(connection -> StreamStore.read(connection).position());
        Optional<StreamPosition> since = believed(owed, head);
        Run run = new Run(owed, cloud);
        boolean finished = since.isPresent() ? run.sendSince(since.get()) : run.sendAll();
        if (!finished) {
            LOG.debugf("%s asked to catch up once more before it had", owed.device());
            database.run(connection -> CatchUpStore.release(connection, owed.device(), 0));
            return;
        }
        run.finish(head);
        database.run(connection -> {
            DeviceStore.reached(connection, owed.device(), head, owed.origin());
            CatchUpStore.done(connection, owed);
        });
        metrics.caughtUp(run.sent);
        LOG.debugf(
                "%s caught up with %d rows since %s",
                owed.device(), run.sent, since.isPresent() ? owed.since() : "ever");
    }

    /** Where the device stands, unless that is nowhere in what the stream is now. */
    private Optional<StreamPosition> believed(CatchUp owed, StreamPosition head) throws Exception {
        Optional<StreamPosition> since = StreamPosition.parse(owed.since());
        if (since.isEmpty()
                || since.get().epoch() != head.epoch()
                || since.get().compareTo(head) > 0) {
            return Optional.empty();
        }
        Optional<StreamPosition> resync =
                database.read(connection -> DeviceStore.resyncPlace(connection, owed.device(), owed.cloud()));
        return resync.isPresent() && since.get().compareTo(resync.get()) < 0 ? Optional.empty() : since;
    }

    /** One catch-up at work. */
    private final class Run {
        private final CatchUp owed;
        private final CloudSchema cloud;
        private final Receiver device;
        private final int chunk = config.catchUp().chunkRows();
        private final TombstoneStore tombstones;
        private long sent;

        Run(CatchUp owed, CloudSchema cloud) {
            this.owed = owed;
            this.cloud = cloud;
            this.device = new Receiver.Device(owed.device());
            this.tombstones = new TombstoneStore(cloud);
        }

        /** The device, its account and all: whose rows concern it. */
        private Map<Scope, String> owners() {
            Map<Scope, String> owners = new EnumMap<>(Scope.class);
            owners.put(Scope.DEVICE, owed.device());
            if (owed.account() != null) {
                owners.put(Scope.ACCOUNT, owed.account());
            }
            owners.put(Scope.CLOUD, "");
            return owners;
        }

        boolean sendAll() throws Exception {
            for (Map.Entry<Scope, String> owner : owners().entrySet()) {
                for (TableLayout layout : cloud.layouts().values()) {
                    boolean concerns = layout.scope() == owner.getKey()
                            && layout.model().sync().goesDown();
                    if (concerns && !sendTable(new RowStore(cloud, layout), owner.getValue())) {
                        return false;
                    }
                }
                if (!sendGraves(owner.getKey(), owner.getValue())) {
                    return false;
                }
            }
            return true;
        }

        private boolean sendTable(RowStore store, String owner) throws Exception {
            String after = "";
            List<Row> rows;
            do {
                String from = after;
                rows = database.read(connection -> store.page(connection, owner, from, chunk));
                send(rows);
                if (!rows.isEmpty()) {
                    after = rows.getLast().key().sk();
                }
            } while (rows.size() == chunk && isStillOwed());
            return rows.size() < chunk;
        }

        private boolean sendGraves(Scope scope, String owner) throws Exception {
            String model = "";
            String sk = "";
            List<Row> graves;
            do {
                String fromModel = model;
                String fromSk = sk;
                graves = database.read(connection -> tombstones.page(connection, owner, fromModel, fromSk, chunk));
                send(graves.stream().filter(grave -> hasScope(grave, scope)).toList());
                if (!graves.isEmpty()) {
                    model = graves.getLast().key().model();
                    sk = graves.getLast().key().sk();
                }
            } while (graves.size() == chunk && isStillOwed());
            return graves.size() < chunk;
        }

        /** An account may bear the id of a device. */
        private boolean hasScope(Row row, Scope scope) {
            TableLayout layout = cloud.layout(row.key().model());
            return layout != null && layout.scope() == scope;
        }

        boolean sendSince(StreamPosition since) throws Exception {
            for (Map.Entry<Scope, String> owner : owners().entrySet()) {
                Optional<Receiver> receiver = ChangedRow.receiver(owner.getKey(), owner.getValue());
                if (receiver.isPresent()
                        && !sendSince(since.offset(), receiver.get().toString(), owner.getValue())) {
                    return false;
                }
            }
            return true;
        }

        private boolean sendSince(long since, String receiver, String owner) throws Exception {
            long from = since;
            List<StreamStore.Change> changes;
            do {
                long place = from;
                changes =
                        database.read(connection -> StreamStore.page(connection, owed.cloud(), receiver, place, chunk));
                send(rowsOf(changes, owner));
                if (!changes.isEmpty()) {
                    from = changes.getLast().place() + 1;
                }
            } while (changes.size() == chunk && isStillOwed());
            return changes.size() < chunk;
        }

        private List<Row> rowsOf(List<StreamStore.Change> changes, String owner) throws Exception {
            Map<String, List<RowKey>> keys = new HashMap<>();
            for (StreamStore.Change change : changes) {
                keys.computeIfAbsent(change.model(), model -> new ArrayList<>())
                        .add(new RowKey(change.model(), owner, change.sk()));
            }
            return database.read(connection -> {
                Map<RowKey, Row> found = new HashMap<>();
                for (Map.Entry<String, List<RowKey>> model : keys.entrySet()) {
                    TableLayout layout = cloud.layout(model.getKey());
                    if (layout != null && layout.model().sync().goesDown()) {
                        // Graves first: a row that comes back in between is then found, and speaks for itself.
                        tombstones.read(connection, model.getValue()).forEach(row -> found.put(row.key(), row));
                        new RowStore(cloud, layout)
                                .read(connection, model.getValue())
                                .forEach(row -> found.put(row.key(), row));
                    }
                }
                return changes.stream()
                        .map(change -> found.get(new RowKey(change.model(), owner, change.sk())))
                        .filter(Objects::nonNull)
                        .toList();
            });
        }

        private boolean isStillOwed() throws Exception {
            return database.transact(connection -> CatchUpStore.renew(connection, owed, CatchUpWorkers.LEASE_SECONDS));
        }

        private void send(List<Row> rows) throws Exception {
            List<ProducerRecord<String, byte[]>> records = new ArrayList<>(rows.size());
            for (Row row : rows) {
                TableLayout layout = cloud.layout(row.key().model());
                if (layout != null && layout.model().sync().goesDown()) {
                    String tail = row.state().clock().isLive() ? DownlinkMessages.UPSERT : DownlinkMessages.REMOVE;
                    records.add(record(tail, RowJson.write(layout, row)));
                }
            }
            producer.send(records);
            sent += records.size();
        }

        void finish(StreamPosition head) throws Exception {
            StringBuilder json = new StringBuilder("{");
            JsonText.quote(JsonText.name(json, "updated"), head.toString());
            JsonText.quote(JsonText.name(json, "since"), owed.since());
            JsonText.name(json, "rows").append(sent);
            producer.send(
                    List.of(record(DeviceTopics.SYNC_DOWN_DONE, json.append('}').toString())));
        }

        private ProducerRecord<String, byte[]> record(String tail, String json) {
            return RecordProducer.downlink(downlink, owed.cloud(), device.toString(), device.key(), tail, json);
        }
    }
}
