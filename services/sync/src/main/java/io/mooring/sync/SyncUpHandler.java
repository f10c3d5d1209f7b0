package io.mooring.sync;

import io.mooring.chassis.db.Database;
import io.mooring.contracts.audit.AuditPosition;
import io.mooring.contracts.mqtt.DeviceTopics;
import io.mooring.contracts.schema.Direction;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.sync.RowState;
import io.mooring.contracts.sync.StreamPosition;
import io.mooring.contracts.trace.TraceContext;
import io.mooring.sync.core.ChangeReader;
import io.mooring.sync.core.CloudControl;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.ControlJson;
import io.mooring.sync.core.IncomingChange;
import io.mooring.sync.core.LostWrite;
import io.mooring.sync.core.MergeDecider;
import io.mooring.sync.core.Refusal;
import io.mooring.sync.core.Row;
import io.mooring.sync.core.RowKey;
import io.mooring.sync.core.SentChange;
import io.mooring.sync.core.SyncAnswer;
import io.mooring.sync.core.TraceMessage;
import io.mooring.sync.db.CloudStore;
import io.mooring.sync.db.ConflictStore;
import io.mooring.sync.db.DeviceStore;
import io.mooring.sync.db.OutboxStore;
import io.mooring.sync.db.RowMerge;
import io.mooring.sync.db.TraceStore;
import io.mooring.sync.kafka.UplinkCodec;
import io.mooring.sync.kafka.UplinkRecord;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Takes the changes that devices send: loads the rows they touch, merges and saves, all of a batch in one
 * transaction, and words what devices are to be told of it.
 */
@Singleton
public class SyncUpHandler {
    /** The tables are no longer as this instance believed; to be tried again with what they are. */
    static final class StaleSchemaException extends SQLException {
        StaleSchemaException(String cloud) {
            super("the schema of " + cloud + " has changed meanwhile");
        }
    }

    /**
     * A message as read.
     *
     * @param record where it came from
     * @param message what it says
     */
    public record Received(UplinkRecord record, UplinkCodec.SyncUp message) {
        /** Some of its changes, as a message of the same number. */
        public Received part(int from, int to) {
            return new Received(record, message.part(from, to));
        }

        /** The same, with all its changes refused. */
        public Received refusing(String code, String detail) {
            return new Received(record, message.refusing(code, detail));
        }
    }

    /**
     * A change that was not taken.
     *
     * @param json the change as sent
     */
    public record RefusedChange(Received received, Refusal refusal, String json) {}

    /**
     * What came of a batch.
     *
     * @param refused the changes that were not taken
     * @param answers what devices are told, in order: acknowledgements, and what stands instead of what they wrote
     */
    public record Outcome(List<RefusedChange> refused, List<OutboxStore.Message> answers) {}
    /** Where changes go that were not taken. */
    @FunctionalInterface
    public interface DeadLetters {
        /** Puts them there; if that fails, nothing of the batch is committed. */
        void write(List<RefusedChange> refused) throws SQLException;
    }

    private final Database database;
    private final SchemaHandler schemas;
    private final Controls controls;
    private final DownlinkMessages messages;
    private final SyncMetrics metrics;

    public SyncUpHandler(
            Database database,
            SchemaHandler schemas,
            Controls controls,
            DownlinkMessages messages,
            SyncMetrics metrics) {
        this.database = database;
        this.schemas = schemas;
        this.controls = controls;
        this.messages = messages;
        this.metrics = metrics;
    }

    /**
     * Takes a batch; when it returns, all is committed. To be called again with the same until the answers are
     * where devices hear them: nothing is taken twice.
     *
     * @param claims what devices said meanwhile of where they stand: no acknowledgement may be ahead of that
     * @param deadLetters gets the changes that were not taken, before the commit: once what stands instead is
     *     committed, they could not be told from changes that came too late
     */
    public Outcome handle(List<Received> batch, List<DeviceStore.Claim> claims, DeadLetters deadLetters)
            throws SQLException {
        Map<String, CloudSchema> clouds = new LinkedHashMap<>();
        for (Received received : batch) {
            String cloud = received.record().cloud();
            if (!clouds.containsKey(cloud)) {
                clouds.put(cloud, schemas.of(cloud));
            }
        }
        try {
            return database.transact(connection -> {
                Outcome outcome = new Outcome(new ArrayList<>(), new ArrayList<>());
                List<Exchange> refusing = new ArrayList<>();
                List<ConflictStore.Lost> lost = new ArrayList<>();
                if (!claims.isEmpty()) {
                    DeviceStore.claim(connection, claims);
                }
                Map<String, StreamPosition> positions = DeviceStore.positions(
                        connection,
                        batch.stream()
                                .map(received -> received.record().device())
                                .collect(Collectors.toSet()));
                for (CloudSchema cloud : clouds.values()) {
                    keepSchema(connection, cloud);
                    CloudControl control = controls.of(connection, cloud.cloud());
                    List<Exchange> exchanges = exchanges(batch, cloud, control, outcome.answers());
                    TraceStore.note(connection, traces(cloud, exchanges));
                    merge(connection, cloud, exchanges);
                    for (Exchange exchange : exchanges) {
                        exchange.finish(positions, outcome);
                        lost.addAll(exchange.lost());
                    }
                    exchanges.stream().filter(Exchange::refusesSomething).forEach(refusing::add);
                }
                ConflictStore.add(connection, lost);
                List<OutboxStore.Message> outbox = new ArrayList<>();
                // Last, when every row is locked: numbering audit records locks, too.
                for (Exchange exchange : refusing) {
                    outbox.add(exchange.audit(OutboxStore.nextAuditPosition(connection)));
                }
                OutboxStore.add(connection, outbox);
                if (!claims.isEmpty()) {
                    DeviceStore.noteAsked(
                            connection,
                            claims.stream().map(DeviceStore.Claim::device).toList());
                }
                if (!outcome.refused().isEmpty()) {
                    deadLetters.write(outcome.refused());
                }
                return outcome;
            });
        } catch (SQLException e) {
            clouds.keySet().forEach(schemas::forget);
            throw e;
        }
    }

    /** Messages of paused devices are left to them: they are not acknowledged, and come again. */
    private List<Exchange> exchanges(
            List<Received> batch, CloudSchema cloud, CloudControl control, List<OutboxStore.Message> answers) {
        List<Exchange> exchanges = new ArrayList<>();
        for (Received received : batch) {
            if (!received.record().cloud().equals(cloud.cloud())) {
                continue;
            }
            String device = received.record().device();
            if (control.isPaused(device)) {
                metrics.held(received.message().entries().size());
                answers.add(messages.toDevice(
                        cloud.cloud(), device, DownlinkMessages.CONTROL, ControlJson.ofDevice(control.device(device))));
            } else {
                exchanges.add(new Exchange(received, cloud, control));
            }
        }
        return exchanges;
    }

    private static void keepSchema(Connection connection, CloudSchema cloud) throws SQLException {
        CloudStore.lockShared(connection, cloud.cloud());
        if (CloudStore.version(connection, cloud.cloud()) != cloud.version()) {
            throw new StaleSchemaException(cloud.cloud());
        }
    }

    private static List<TraceMessage> traces(CloudSchema cloud, List<Exchange> exchanges) {
        List<TraceMessage> traces = new ArrayList<>(0);
        for (Exchange exchange : exchanges) {
            TraceContext trace = exchange.received.record().trace();
            if (trace != null && trace.sampled() && !exchange.accepted.isEmpty()) {
                traces.add(TraceMessage.of(
                        trace,
                        cloud.cloud(),
                        exchange.accepted.values().stream()
                                .map(IncomingChange::key)
                                .toList()));
            }
        }
        return traces;
    }

    private void merge(Connection connection, CloudSchema cloud, List<Exchange> exchanges) throws SQLException {
        List<IncomingChange> changes = exchanges.stream()
                .flatMap(exchange -> exchange.accepted.values().stream())
                .toList();
        new RowMerge(cloud).merge(connection, changes, decider -> {
            for (Exchange exchange : exchanges) {
                exchange.verdicts.clear();
                exchange.accepted.forEach((index, change) ->
                        exchange.verdicts.put(index, decider.merge(change, exchange.direction(change))));
            }
        });
    }

    /** One message and what becomes of it. */
    private final class Exchange {
        private final Received received;
        private final CloudControl control;
        private final Map<Integer, IncomingChange> accepted = new LinkedHashMap<>();
        private final Map<Integer, Refusal> refusals = new LinkedHashMap<>();
        private final Map<Integer, MergeDecider.Verdict> verdicts = new HashMap<>();

        Exchange(Received received, CloudSchema cloud, CloudControl control) {
            this.received = received;
            this.control = control;
            UplinkRecord record = received.record();
            ChangeReader reader = new ChangeReader(
                    cloud,
                    new ChangeReader.Sender(record.device(), record.account()),
                    record.receivedMillis(),
                    this::direction);
            List<UplinkCodec.Entry> entries = received.message().entries();
            for (int i = 0; i < entries.size(); i++) {
                UplinkCodec.Entry entry = entries.get(i);
                if (entry.refusal() != null) {
                    refusals.put(i, entry.refusal());
                } else if (entry.change() != null) {
                    read(reader, entry, i);
                }
            }
        }

        private void read(ChangeReader reader, UplinkCodec.Entry entry, int index) {
            if (entry.change() == null) {
                return;
            }
            switch (reader.read(entry.change(), index)) {
                case ChangeReader.Accepted taken -> accepted.put(index, taken.change());
                case ChangeReader.Refused not -> refusals.put(index, not.refusal());
            }
        }

        private Direction direction(Model model) {
            return control.view(model, received.record().device()).direction();
        }

        Direction direction(IncomingChange change) {
            return direction(change.layout().model());
        }

        void finish(Map<String, StreamPosition> positions, Outcome outcome) {
            verdicts.forEach((index, verdict) -> {
                if (verdict instanceof MergeDecider.Declined declined) {
                    refusals.put(index, declined.refusal());
                }
            });
            UplinkRecord record = received.record();
            outcome.answers()
                    .add(messages.toDevice(
                            record.cloud(),
                            record.device(),
                            DeviceTopics.SYNC_ACK,
                            answer(positions).json()));
            outcome.answers().addAll(standing().values());
            refusals.forEach((index, refusal) -> {
                metrics.refused(refusal.code());
                outcome.refused()
                        .add(new RefusedChange(
                                received,
                                refusal,
                                received.message().entries().get(index).json()));
            });
            metrics.merged(accepted.size());
        }

        boolean refusesSomething() {
            return !refusals.isEmpty();
        }

        OutboxStore.Message audit(AuditPosition position) {
            return messages.audit(received.record(), refusals.values(), position);
        }

        /** What this message wrote and what does not stand. */
        List<ConflictStore.Lost> lost() {
            List<LostWrite> lost = new ArrayList<>();
            String device = received.record().device();
            accepted.forEach((index, change) -> {
                switch (verdicts.get(index)) {
                    case MergeDecider.Overruled overruled
                    when !overruled.reason().equals(LostWrite.COMPLETED) ->
                        LostWrite.of(change, overruled.standing().state(), overruled.reason())
                                .ifPresent(lost::add);
                    case MergeDecider.Declined declined -> {
                        Row standing = declined.standing();
                        LostWrite.of(
                                        change,
                                        standing == null ? RowState.absent() : standing.state(),
                                        declined.refusal().code())
                                .ifPresent(lost::add);
                    }
                    case null, default -> {}
                }
            });
            refusals.forEach((index, refusal) -> {
                SentChange sent = received.message().entries().get(index).change();
                if (sent != null && !accepted.containsKey(index)) {
                    lost.add(LostWrite.refused(device, sent, refusal.code()));
                }
            });
            return lost.stream()
                    .map(write -> new ConflictStore.Lost(received.record().cloud(), device, write))
                    .toList();
        }

        private SyncAnswer answer(Map<String, StreamPosition> positions) {
            List<String> keys = new ArrayList<>();
            Map<String, String> bounded = new LinkedHashMap<>();
            for (int i = 0; i < received.message().entries().size(); i++) {
                IncomingChange change = accepted.get(i);
                Refusal refusal = refusals.get(i);
                if (change != null) {
                    keys.add(change.sentKey());
                    if (change.instead() != null && refusal == null) {
                        bounded.put(change.sentKey(), change.instead().toString());
                    }
                } else if (refusal != null) {
                    keys.add(refusal.key());
                }
            }
            StreamPosition reached = positions.get(received.record().device());
            return new SyncAnswer(
                    received.message().seq(),
                    keys,
                    reached == null ? SyncAnswer.NEVER : reached.toString(),
                    List.copyOf(refusals.values()),
                    received.message().leftOut(),
                    bounded,
                    received.record().receivedMillis());
        }

        /** What stands, for each row of which the device holds something else; the last word of several. */
        private Map<RowKey, OutboxStore.Message> standing() {
            Map<RowKey, OutboxStore.Message> standing = new LinkedHashMap<>();
            accepted.forEach((index, change) -> {
                Row row = switch (verdicts.get(index)) {
                    case MergeDecider.Overruled overruled -> overruled.standing();
                    case MergeDecider.Declined declined -> declined.standing();
                    case null, default -> null;
                };
                if (row != null) {
                    standing.put(
                            row.key(), messages.standingRow(received.record(), change.layout(), row, change.claimed()));
                }
            });
            return standing;
        }
    }
}
