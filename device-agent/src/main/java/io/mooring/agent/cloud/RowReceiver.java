package io.mooring.agent.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.AgentEvent;
import io.mooring.agent.SyncControl;
import io.mooring.agent.cloud.SyncCodec.BadMessageException;
import io.mooring.agent.db.ChangeQueue;
import io.mooring.agent.db.Expiry;
import io.mooring.agent.db.Listing;
import io.mooring.agent.db.LocalDatabase;
import io.mooring.agent.db.RemoteRow;
import io.mooring.agent.db.RemoteRow.Outcome;
import io.mooring.agent.db.RemoteRows;
import io.mooring.agent.db.RowStore;
import io.mooring.agent.db.SyncProgress;
import io.mooring.agent.db.TableLayout;
import io.mooring.agent.db.Values;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.mqtt.DeviceTopics;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes in what the cloud tells about rows, many messages in one transaction. A message that makes
 * no sense is logged, counted and done with.
 */
public final class RowReceiver {
    private static final long NO_REQUEST = 0;
    private static final Logger LOG = LoggerFactory.getLogger(RowReceiver.class);
    /** How sync is set, and how far a catch-up is. */
    private static final String CONTROL = "control/sync";

    /** A write of the last minute, acknowledged, says that the device's clock is believed. */
    private static final long FRESH_MILLIS = 60_000;

    private static final int SQLITE_TOOBIG = 18;
    private static final int SQLITE_CONSTRAINT = 19;
    private static final int SQLITE_MISMATCH = 20;

    private final LocalDatabase database;
    private final RowStore rows;
    private final ChangeQueue queue;
    private final RemoteRows remote;
    private final SyncCodec codec;
    private final Consumer<AgentEvent> listener;
    private final Runnable onCaughtUp;
    private final LongAdder bad = new LongAdder();
    private volatile boolean caughtUp;
    private volatile SyncControl control = SyncControl.UNSET;
    private long request = NO_REQUEST;
    private boolean mustAsk;

    /**
     * @param listener hears of rows, after they are on the disk
     * @param onCaughtUp runs when all that the device missed is on the disk
     */
    public RowReceiver(
            LocalDatabase database,
            RowStore rows,
            ChangeQueue queue,
            RemoteRows remote,
            SyncCodec codec,
            Consumer<AgentEvent> listener,
            Runnable onCaughtUp) {
        this.database = database;
        this.rows = rows;
        this.queue = queue;
        this.remote = remote;
        this.codec = codec;
        this.listener = listener;
        this.onCaughtUp = onCaughtUp;
    }

    /** How many messages made no sense. */
    public long badMessages() {
        return bad.sum();
    }

    boolean isCaughtUp() {
        return caughtUp;
    }

    /** How the cloud has set sync, as far as it has said. */
    public SyncControl control() {
        return control;
    }

    /** Whether the device has lost its place, and has to ask for everything now. */
    boolean mustAsk() {
        return mustAsk;
    }

    /** What was missed is asked for; an answer to an earlier request may leave out what was lost since. */
    void asked(long number) {
        mustAsk = false;
        request = number;
    }

    void connected() {
        caughtUp = false;
        request = NO_REQUEST;
        remote.forgetAnswers();
    }

    /** Takes messages in; when this returns they are on the disk, and done with. */
    void take(List<Inbound.Message> messages, InFlight inFlight) throws SQLException {
        List<AgentEvent> events = new ArrayList<>();
        long now = System.currentTimeMillis();
        boolean[] complete = {false};
        database.changeUnnoticed(db -> {
            events.clear();
            int taken;
            do {
                taken = queue.takeIn(db);
            } while (taken > 0);
            for (Inbound.Message message : messages) {
                complete[0] |= takeOne(db, message, inFlight, events, now);
            }
        });
        messages.forEach(message -> message.done().run());
        events.forEach(listener);
        if (complete[0]) {
            caughtUp = true;
            onCaughtUp.run();
        }
    }

    private boolean takeOne(
            LocalDatabase db, Inbound.Message message, InFlight inFlight, List<AgentEvent> events, long now)
            throws SQLException {
        return guarded(message.tail(), events, () -> {
            return switch (message.tail()) {
                case DeviceTopics.SYNC_ACK -> {
                    acknowledge(db, SyncCodec.acknowledgement(message.payload()), inFlight, events, now);
                    yield false;
                }
                case DeviceTopics.SYNC_DOWN_DONE -> {
                    ObjectNode done = SyncCodec.object(message.payload());
                    String place = SyncCodec.place(done);
                    if (place == null) {
                        throw new BadMessageException("has no updated, or it is no time");
                    }
                    if (!isAnswer(done)) {
                        yield false;
                    }
                    control(ControlCodec.after(SyncControl.UNSET, done.path("control")), events);
                    if (done.has("request")) {
                        whole(db, done, events);
                    }
                    SyncProgress.reached(db, place, now);
                    yield true;
                }
                case CONTROL -> {
                    ObjectNode told = SyncCodec.object(message.payload());
                    control(ControlCodec.after(control, told), events);
                    ControlCodec.progress(told).ifPresent(events::add);
                    yield false;
                }
                case "sync/INSERT", "sync/MODIFY", "sync/UPSERT" -> {
                    row(db, codec.row(db, message.payload(), false, now).orElse(null), events, now);
                    yield false;
                }
                case "sync/REMOVE" -> {
                    row(db, codec.row(db, message.payload(), true, now).orElse(null), events, now);
                    yield false;
                }
                case DeviceTopics.SYNC_ROWS -> {
                    for (JsonNode entry : SyncCodec.entries(message.payload())) {
                        guarded(message.tail(), events, () -> {
                            row(db, codec.entry(db, entry, now).orElse(null), events, now);
                            return false;
                        });
                    }
                    yield false;
                }
                default -> {
                    events.add(new AgentEvent.Told(message.tail(), message.payload()));
                    yield false;
                }
            };
        });
    }

    /** Something of a message; whether it says that all was sent. */
    @FunctionalInterface
    private interface Part {
        boolean take() throws BadMessageException, SQLException;
    }

    /** Takes what makes sense and can be stored; what does not is done with, and spoils nothing else. */
    private boolean guarded(String tail, List<AgentEvent> events, Part part) throws SQLException {
        try {
            return part.take();
        } catch (BadMessageException e) {
            bad(tail, e.getMessage(), events);
        } catch (SQLException e) {
            int code = e.getErrorCode() & 0xff;
            if (code != SQLITE_CONSTRAINT && code != SQLITE_MISMATCH && code != SQLITE_TOOBIG) {
                throw e;
            }
            bad(tail, "cannot be stored: " + e.getMessage(), events);
        }
        return false;
    }

    /** Whether it is the answer to the last request; without a number, as far as can be told: to one there is. */
    private boolean isAnswer(ObjectNode done) {
        if (mustAsk) {
            return false;
        }
        JsonNode number = done.path("request");
        return number.isIntegralNumber() ? number.longValue() == request : request != NO_REQUEST;
    }

    /** The cloud has given all rows of some models: what is here of them besides is no longer. */
    private void whole(LocalDatabase db, ObjectNode done, List<AgentEvent> events) throws SQLException {
        List<String> models = new ArrayList<>();
        done.path("whole").forEach(model -> models.add(model.asText()));
        for (Expiry.Gone gone : Listing.end(db, rows, models)) {
            events.add(new AgentEvent.RowArrived(
                    gone.model(), gone.key(), Outcome.REMOVED, Map.of(), HybridTimestamp.CLOUD, 0));
        }
    }

    private void control(SyncControl now, List<AgentEvent> events) {
        if (!now.equals(control)) {
            control = now;
            events.add(new AgentEvent.ControlChanged(now));
        }
    }

    private void bad(String tail, @Nullable String why, List<AgentEvent> events) {
        bad.increment();
        LOG.warn("A message on {} was dropped: it {}", tail, why);
        events.add(new AgentEvent.Trouble("a message on " + tail + " was dropped: it " + why));
    }

    private void row(LocalDatabase db, @Nullable RemoteRow row, List<AgentEvent> events, long now) throws SQLException {
        if (row == null) {
            LOG.debug("A row of a model that this device does not have was passed over");
            return;
        }
        Outcome outcome = remote.apply(db, row);
        Listing.seen(db, row.layout().model().name(), row.key());
        if (outcome == Outcome.KNOWN) {
            return;
        }
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        rows.full(db, row.layout(), row.key())
                .forEach((field, value) -> values.put(field, Values.toApplication(value)));
        HybridTimestamp latest = row.state().clock().latest();
        events.add(new AgentEvent.RowArrived(
                row.layout().model().name(),
                row.key(),
                outcome,
                values,
                latest == null ? "" : latest.writer(),
                latest == null ? 0 : now - latest.millis()));
    }

    private void acknowledge(
            LocalDatabase db,
            SyncCodec.Acknowledgement acknowledgement,
            InFlight inFlight,
            List<AgentEvent> events,
            long now)
            throws SQLException {
        boolean fresh = false;
        boolean lacks = false;
        List<InFlight.Sent> landed = inFlight.landed(acknowledgement.seq(), acknowledgement.keys());
        for (InFlight.Sent sent : landed) {
            fresh |= queue.now() - sent.writtenMillis() < FRESH_MILLIS;
            String model = sent.row().model();
            String key = sent.row().key();
            boolean settled = queue.acknowledge(db, sent.row());
            String refusal = acknowledgement.refused().get(key);
            if (refusal != null) {
                events.add(new AgentEvent.RowRefused(model, key, refusal));
            } else if (settled) {
                events.add(new AgentEvent.RowAcknowledged(model, key, now - sent.writtenMillis()));
            }
            if (settled && refusal == null) {
                Listing.seen(db, model, key);
            }
            if (settled) {
                lacks |= !settle(
                        db,
                        model,
                        key,
                        refusal != null,
                        acknowledgement.bounded().get(key),
                        acknowledgement.receivedMillis());
            }
        }
        if (!acknowledgement.bounded().isEmpty()) {
            lacks |= Expiry.clockDoubted(db);
        } else if (fresh) {
            Expiry.clockBelieved(db);
        }
        if (lacks) {
            SyncProgress.forget(db);
            mustAsk = true;
        }
        // The broker may still hold one of a life that this device, wiped or restored since, does not remember: what
        // it had reached then it has lost.
        if (acknowledgement.updated() != null && !landed.isEmpty()) {
            SyncProgress.reachedAtLeast(db, acknowledgement.updated(), now);
        }
    }

    /** False if the device lacks something of the row by what the cloud decided. */
    private boolean settle(
            LocalDatabase db,
            String model,
            String key,
            boolean refused,
            @Nullable HybridTimestamp instead,
            long receivedMillis)
            throws SQLException {
        Optional<TableLayout> layout = db.layout(model);
        if (layout.isPresent() && refused) {
            remote.giveWay(db, layout.get(), key);
        } else if (layout.isPresent() && instead != null) {
            long received = receivedMillis == SyncCodec.UNSAID ? instead.millis() : receivedMillis;
            return remote.setBack(db, layout.get(), key, received, instead);
        }
        return true;
    }
}
