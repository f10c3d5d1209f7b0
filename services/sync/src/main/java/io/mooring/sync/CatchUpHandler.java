package io.mooring.sync;

import io.mooring.chassis.TopicNames;
import io.mooring.chassis.db.Database;
import io.mooring.chassis.kafka.Records;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.contracts.mqtt.Receiver;
import io.mooring.contracts.sync.StreamPosition;
import io.mooring.sync.core.CatchUpCursor;
import io.mooring.sync.core.CatchUpPlan;
import io.mooring.sync.core.CatchUpReceipts;
import io.mooring.sync.core.ChangedRow;
import io.mooring.sync.core.CloudControl;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.ControlJson;
import io.mooring.sync.core.JsonText;
import io.mooring.sync.core.Row;
import io.mooring.sync.core.RowJson;
import io.mooring.sync.core.SyncAnswer;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.db.CatchUpReader;
import io.mooring.sync.db.CatchUpStore;
import io.mooring.sync.db.CatchUpStore.CatchUp;
import io.mooring.sync.db.CatchUpStore.Progress;
import io.mooring.sync.db.ControlStore;
import io.mooring.sync.db.DeviceStore;
import io.mooring.sync.db.OutboxStore;
import io.mooring.sync.db.StreamStore;
import io.mooring.sync.kafka.RecordProducer;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Gives a device what it missed: the rows and graves changed since the place it stands at, or all there are
 * of what it must get anew. Reads and sends in chunks, and notes after each how far it is; whatever changes
 * meanwhile is told by the stream.
 */
@Singleton
public class CatchUpHandler {
    private static final Logger LOG = Logger.getLogger(CatchUpHandler.class);

    /** Parts in which a long catch-up tells its device how far it is. */
    private static final int PARTS_TOLD = 10;

    /** After so many chunks others have their turn. */
    private static final int CHUNKS_OF_A_TURN = 10;

    private final Database database;
    private final SchemaHandler schemas;
    private final Controls controls;
    private final RecordProducer producer;
    private final SyncMetrics metrics;
    private final SyncConfig config;
    private final String downlink;

    public CatchUpHandler(
            Database database,
            SchemaHandler schemas,
            Controls controls,
            RecordProducer producer,
            SyncMetrics metrics,
            SyncConfig config,
            TopicNames topics) {
        this.database = database;
        this.schemas = schemas;
        this.controls = controls;
        this.producer = producer;
        this.metrics = metrics;
        this.config = config;
        this.downlink = topics.of(Topic.DEVICE_DOWNLINK);
    }

    /**
     * Goes on catching one device up, for as many chunks as it has room for, and not so long that others must wait.
     * Stops early, without harm, if it has asked anew or is set otherwise meanwhile.
     *
     * @param mostUnheard so many chunks at most may be on their way that the device has not acknowledged
     */
    public void handle(CatchUpStore.Taken taken, long mostUnheard) throws Exception {
        CatchUp owed = taken.catchUp();
        CloudSchema cloud = schemas.of(owed.cloud());
        try {
            Run run = database.read(connection -> prepare(connection, cloud, taken));
            if (!run.send(mostUnheard) || !run.finish()) {
                LOG.debugf("the catch-up of %s is left for now after %d rows", owed.device(), run.sent);
                database.run(connection -> CatchUpStore.release(connection, owed.device(), 0));
            }
        } catch (SQLException e) {
            // Perhaps the tables are no longer as this instance believed.
            schemas.forget(owed.cloud());
            throw e;
        }
    }

    private Run prepare(Connection connection, CloudSchema cloud, CatchUpStore.Taken taken) throws SQLException {
        CatchUp owed = taken.catchUp();
        CloudControl control = controls.of(connection, owed.cloud());
        Progress before = taken.progress();
        StreamPosition now = StreamStore.read(connection).position();
        StreamPosition head = before == null || before.head().epoch() != now.epoch() ? now : before.head();
        CatchUpPlan plan = CatchUpPlan.of(
                cloud,
                control,
                owed.device(),
                owed.account(),
                believed(connection, owed, head).orElse(null),
                ControlStore.anew(connection, owed.cloud(), owed.device()));
        Set<String> taking = DeviceStore.takingRowBatches(connection, List.of(owed.device()));
        if (before != null && head.equals(before.head()) && plan.fingerprint().equals(before.plan())) {
            LOG.debugf("the catch-up of %s goes on after %d rows", owed.device(), before.sent());
            return new Run(taken, cloud, control, plan, before, taking);
        }
        long chunks = before == null ? 0 : before.chunks();
        Progress begun = new Progress(now, plan.fingerprint(), "", 0, null, chunks);
        return new Run(taken, cloud, control, plan, begun, taking);
    }

    /** Where the device stands, unless that is nowhere in what the stream is now. */
    private static Optional<StreamPosition> believed(Connection connection, CatchUp owed, StreamPosition head)
            throws SQLException {
        Optional<StreamPosition> since = StreamPosition.parse(owed.since());
        if (since.isEmpty()
                || since.get().epoch() != head.epoch()
                || since.get().compareTo(head) > 0) {
            return Optional.empty();
        }
        Optional<StreamPosition> resync = DeviceStore.resyncPlace(connection, owed.device(), owed.cloud());
        return resync.isPresent() && since.get().compareTo(resync.get()) < 0 ? Optional.empty() : since;
    }

    /**
     * Answers those who are paused that there is nothing for them, since a device may do nothing until it is
     * answered. They stay owed what they asked for.
     */
    public void answerPaused(List<CatchUp> requests) throws Exception {
        Set<String> clouds = requests.stream().map(CatchUp::cloud).collect(Collectors.toSet());
        Map<String, CloudControl> known = database.read(connection -> controls.of(connection, clouds));
        List<ProducerRecord<String, byte[]>> answers = new ArrayList<>();
        for (CatchUp request : requests) {
            CloudControl control = known.getOrDefault(request.cloud(), CloudControl.UNSET);
            if (control.isPaused(request.device())) {
                String place = request.since().isEmpty() ? SyncAnswer.NEVER : request.since();
                answers.add(record(request, DeviceTopics.SYNC_DOWN_DONE, done(request, place, 0, control, Set.of())));
            }
        }
        producer.send(answers);
    }

    /** @param whole the models of which all rows were given: what the device has of them besides is no longer */
    private static String done(CatchUp request, String place, long rows, CloudControl control, Set<String> whole) {
        StringBuilder json = new StringBuilder("{");
        JsonText.quote(JsonText.name(json, "updated"), place);
        JsonText.quote(JsonText.name(json, "since"), request.since());
        JsonText.name(json, "rows").append(rows);
        if (request.request() != null) {
            JsonText.name(json, "request").append(request.request());
            appendWhole(json, whole);
        }
        if (!control.tables().isEmpty() || control.devices().containsKey(request.device())) {
            JsonText.name(json, "control").append(ControlJson.ofBoth(control, request.device()));
        }
        return json.append('}').toString();
    }

    private static void appendWhole(StringBuilder json, Set<String> models) {
        if (models.isEmpty()) {
            return;
        }
        JsonText.name(json, "whole").append('[');
        String separator = "";
        for (String model : models) {
            json.append(separator);
            JsonText.quote(json, model);
            separator = ",";
        }
        json.append(']');
    }

    private ProducerRecord<String, byte[]> record(CatchUp owed, String tail, String json) {
        Receiver device = new Receiver.Device(owed.device());
        return RecordProducer.downlink(downlink, owed.cloud(), device.toString(), device.key(), tail, json);
    }

    /** One catch-up at work. */
    private final class Run {
        private final CatchUp owed;
        private final CloudSchema cloud;
        private final CloudControl control;
        private final CatchUpPlan plan;
        private final CatchUpReader reader;
        private final StreamPosition head;
        private final Set<String> taking;
        private CatchUpCursor cursor;
        private long sent;
        private @Nullable Long total;
        private final long begun;
        private long chunks;
        private long heard;
        private int sinceReceipt;

        /** @param taking holds the device if it understands several rows in one message */
        Run(
                CatchUpStore.Taken taken,
                CloudSchema cloud,
                CloudControl control,
                CatchUpPlan plan,
                Progress progress,
                Set<String> taking) {
            this.taking = taking;
            this.owed = taken.catchUp();
            this.begun = taken.begun();
            this.heard = taken.chunksHeard();
            this.chunks = progress.chunks();
            this.cloud = cloud;
            this.control = control;
            this.plan = plan;
            this.reader = new CatchUpReader(
                    cloud, owed.device(), owed.account(), config.catchUp().chunkRows());
            this.head = progress.head();
            this.cursor = progress.cursor().isEmpty() ? CatchUpCursor.START : CatchUpCursor.parse(progress.cursor());
            this.sent = progress.sent();
            this.total = progress.total();
        }

        /** Sends what is left; false if that is not all yet, or it was cut short. */
        boolean send(long mostUnheard) throws Exception {
            for (int turn = 0; cursor.stage() < plan.stages().size(); ) {
                CatchUpPlan.Stage stage = plan.stages().get(cursor.stage());
                CatchUpReader.Chunk chunk = database.read(connection -> reader.read(connection, stage, cursor));
                long before = sent;
                send(chunk.rows());
                CatchUpCursor next = chunk.next();
                cursor = next == null ? CatchUpCursor.stage(cursor.stage() + 1) : next;
                if (next != null) {
                    count();
                }
                if (next != null || sent > before) {
                    if (!isStillOwed()) {
                        return false;
                    }
                    tellProgress(before);
                    turn++;
                    boolean leave = turn == CHUNKS_OF_A_TURN || chunks - heard >= mostUnheard;
                    if (leave && cursor.stage() < plan.stages().size()) {
                        return false;
                    }
                }
            }
            return true;
        }

        /** A catch-up that is more than a chunk is worth counting, once. */
        private void count() throws SQLException {
            if (total == null) {
                total = database.read(connection -> {
                    long rows = 0;
                    for (CatchUpPlan.Stage stage : plan.stages()) {
                        rows += reader.count(connection, stage);
                    }
                    return rows;
                });
            }
        }

        /** Notes how far it is; false if the device asked anew, or what is set of it has changed. */
        private boolean isStillOwed() throws SQLException {
            return database.transact(this::note);
        }

        private boolean note(Connection connection) throws SQLException {
            Progress progress = new Progress(head, plan.fingerprint(), cursor.toString(), sent, total, chunks);
            Optional<CatchUpStore.Standing> standing =
                    CatchUpStore.advance(connection, owed, progress, CatchUpWorkers.LEASE_SECONDS);
            standing.ifPresent(now -> heard = now.chunksHeard());
            return standing.isPresent() && standing.get().controlVersion() == control.version();
        }

        private void tellProgress(long before) throws Exception {
            Long counted = total;
            if (counted == null) {
                return;
            }
            long of = Math.max(counted, sent);
            if (sent * PARTS_TOLD / of > before * PARTS_TOLD / of) {
                producer.send(List.of(record(
                        owed, DownlinkMessages.CONTROL, "{\"catchUp\":{\"sent\":" + sent + ",\"of\":" + of + "}}")));
            }
        }

        private void send(List<Row> rows) throws Exception {
            Receiver.Device device = new Receiver.Device(owed.device());
            DownlinkBatch batch = new DownlinkBatch(downlink, config.rowBatches(), taking);
            int count = 0;
            for (Row row : rows) {
                TableLayout layout = cloud.layout(row.key().model());
                if (layout != null) {
                    boolean live = row.state().clock().isLive();
                    batch.row(
                            owed.cloud(),
                            device,
                            live ? ChangedRow.Kind.UPSERT : ChangedRow.Kind.REMOVE,
                            OutboxStore.bytes(RowJson.write(layout, row)),
                            row.key().owner().equals(owed.device()) ? row.receipt() : null,
                            null);
                    count++;
                }
            }
            List<ProducerRecord<String, byte[]>> records = batch.finish();
            askForReceipt(records, count);
            producer.send(records);
            sent += count;
            metrics.catchUpSent(count);
        }

        /**
         * The last message of a chunk asks, unless it is one of which somebody else wants to know. Many small tables
         * together are a chunk: a device is not to wait for what is little.
         */
        private void askForReceipt(List<ProducerRecord<String, byte[]>> records, int rows) {
            sinceReceipt += rows;
            if (sinceReceipt < config.catchUp().chunkRows()) {
                return;
            }
            sinceReceipt = 0;
            for (ProducerRecord<String, byte[]> record : records.reversed()) {
                if (record.headers().lastHeader(EventHeaders.RECEIPT) == null) {
                    chunks++;
                    Records.put(record.headers(), EventHeaders.RECEIPT, CatchUpReceipts.text(begun, chunks));
                    return;
                }
            }
        }

        /** The device has all; false if what it is owed has changed meanwhile. */
        boolean finish() throws Exception {
            if (!isStillOwed()) {
                return false;
            }
            if (owed.askedFor()) {
                producer.send(List.of(record(
                        owed, DeviceTopics.SYNC_DOWN_DONE, done(owed, head.toString(), sent, control, plan.whole()))));
            }
            database.run(connection -> {
                if (owed.askedFor()) {
                    DeviceStore.reached(connection, owed.device(), head, owed.origin());
                }
                CatchUpStore.done(connection, owed);
            });
            metrics.caughtUp();
            LOG.debugf("%s caught up with %d rows since %s", owed.device(), sent, owed.since());
            return true;
        }
    }
}
