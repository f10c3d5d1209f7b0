package io.mooring.agent.db;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.agent.db.RemoteRow.Outcome;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Takes rows the cloud sent into the database: merges them with what stands there. Must run in an
 * unnoticed transaction, after the queue took in what was written before.
 */
public final class RemoteRows {
    private static final int MOST_ANSWERS = 1_000;

    private final RowStore rows;
    private final ChangeQueue queue;
    private final String deviceId;

    /** What was sent back already on this connection: saying it again would only go round in circles. */
    private final Map<String, HybridTimestamp> answered = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, HybridTimestamp> eldest) {
            return size() > MOST_ANSWERS;
        }
    };

    public RemoteRows(RowStore rows, ChangeQueue queue, String deviceId) {
        this.rows = rows;
        this.queue = queue;
        this.deviceId = deviceId;
    }

    /** Merges a row with the one here, and has this device's own go up if the cloud had not seen it. */
    public Outcome apply(LocalDatabase database, RemoteRow remote) throws SQLException {
        String model = remote.layout().model().name();
        HybridTimestamp latest = remote.state().clock().latest();
        if (latest != null) {
            queue.observe(database, latest);
        }
        RowState<JsonNode> local = rows.load(database, remote.layout(), remote.key());
        boolean waiting = queue.isWaiting(database, model, remote.key());
        RowState<JsonNode> merged =
                isAsOld(local.clock(), latest) ? remote.state() : local.mergedWith(remote.state(), Values.ORDER);
        if (!merged.equals(local)) {
            rows.save(database, remote.layout(), remote.key(), merged);
        }
        if (!waiting && !remote.state().prevailsIn(merged)) {
            return answer(database, remote, merged);
        }
        return outcome(local, merged);
    }

    /**
     * Whether a row that came without clocks of fields bears the very time of the one here, which came like that too: all
     * that was written in one millisecond does. What is not older is taken (device protocol, section 3), so what comes last
     * stands, as the cloud tells a row's changes in their order.
     */
    private static boolean isAsOld(RowClock local, @Nullable HybridTimestamp remote) {
        return remote != null && remote.counter() == HybridTimestamp.MAX_COUNTER && remote.equals(local.latest());
    }

    /**
     * What this device wrote later than what came goes up again: the cloud may have lost it. What
     * others wrote the cloud has from them.
     */
    private Outcome answer(LocalDatabase database, RemoteRow remote, RowState<JsonNode> merged) throws SQLException {
        RowClock mine = merged.clock();
        RowClock theirs = remote.state().clock();
        SortedSet<String> newer = new TreeSet<>();
        mine.fields().forEach((field, at) -> {
            if (isNewer(at, theirs.of(field))) {
                newer.add(field);
            }
        });
        if (mine.base() != null && isNewer(mine.base(), theirs.base())) {
            newer.add(PendingRow.WHOLE);
        } else if (mine.removed() != null && isNewer(mine.removed(), theirs.latest())) {
            newer.add(PendingRow.REMOVAL);
        }
        if (newer.isEmpty()) {
            return Outcome.KNOWN;
        }
        String model = remote.layout().model().name();
        HybridTimestamp latest = mine.latest();
        if (latest == null || latest.equals(answered.put(model + " " + remote.key(), latest))) {
            return Outcome.KNOWN;
        }
        queue.enqueue(database, model, remote.key(), newer);
        return Outcome.STALE;
    }

    private boolean isNewer(HybridTimestamp mine, @Nullable HybridTimestamp theirs) {
        return mine.writer().equals(deviceId) && (theirs == null || mine.compareTo(theirs) > 0);
    }

    private static Outcome outcome(RowState<JsonNode> before, RowState<JsonNode> after) {
        boolean was = before.clock().isLive();
        boolean is = after.clock().isLive();
        if (was && is) {
            return before.values().equals(after.values()) ? Outcome.KNOWN : Outcome.MODIFIED;
        }
        return was ? Outcome.REMOVED : is ? Outcome.INSERTED : Outcome.KNOWN;
    }

    /** A new connection: the cloud may have forgotten what it was told. */
    public void forgetAnswers() {
        answered.clear();
    }

    /**
     * The cloud would not take a row this device wrote: its clock gives way, so that whatever the cloud
     * holds of it wins here, and all of the row goes up when the device writes it the next time.
     */
    public void giveWay(LocalDatabase database, TableLayout layout, String key) throws SQLException {
        boolean live = !rows.values(database, layout, key).isEmpty();
        rows.saveClock(
                database,
                layout.model().name(),
                key,
                live ? RowClock.whole(ChangeQueue.longAgo(deviceId)) : RowClock.NEVER);
    }

    /**
     * The cloud did not believe when this device wrote, and held what was too far ahead to have been written at another
     * time: so it was, then, and what is written next is later than that. What the cloud did believe stays.
     *
     * @param receivedMillis when the cloud got it, ms since 1970
     * @param instead the time that counts in place of those too far ahead
     * @return false if by that a field was written later by another write, of which this device has kept nothing: it has
     *     to ask
     */
    public boolean setBack(
            LocalDatabase database, TableLayout layout, String key, long receivedMillis, HybridTimestamp instead)
            throws SQLException {
        RowState<JsonNode> row = rows.load(database, layout, key);
        RowClock clock = row.clock().believed(receivedMillis, instead);
        SortedMap<String, JsonNode> values = new TreeMap<>(row.values());
        // Their values would else be taken for ones that bear the clock of the other write.
        boolean beaten = values.keySet()
                .removeIf(
                        field -> isDoubted(row.clock().of(field), receivedMillis) && !instead.equals(clock.of(field)));
        rows.save(database, layout, key, new RowState<>(clock, values));
        queue.setBack(database, receivedMillis, instead);
        return !beaten;
    }

    private boolean isDoubted(@Nullable HybridTimestamp at, long receivedMillis) {
        return at != null && at.writer().equals(deviceId) && !at.isBelieved(receivedMillis);
    }
}
