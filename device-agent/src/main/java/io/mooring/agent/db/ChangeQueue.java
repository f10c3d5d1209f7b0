package io.mooring.agent.db;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.clock.HybridClock;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.Direction;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What was written on the device and is not in the cloud yet. The triggers note each write; {@link
 * #takeIn} gives it a clock and joins it with what the row has waiting already, so a row waits once,
 * however often it was written, and its last value goes up.
 */
public final class ChangeQueue {
    /** Most writes taken in within one transaction. */
    private static final int MOST_AT_ONCE = 1_000;

    /** Most of a millisecond's numbers that are left out when the device is opened. */
    private static final int MOST_LEFT_OUT = 4_096;

    private final RowStore rows;
    private final String deviceId;
    private final LongSupplier wallMillis;
    private final LongUnaryOperator notedToWall;
    private final boolean wholeRows;

    /** A write as a trigger noted it. */
    private record Noted(String op, List<String> fields, long atMillis) {}

    private HybridClock clock;

    private record RowName(String model, String key) {}

    /**
     * @param deviceId this device
     * @param wallMillis its wall clock, ms since 1970
     * @param notedToWall what a time that a trigger noted is by that clock
     * @param wholeRows whether every write counts as one of the whole row, as in the base protocol
     */
    public ChangeQueue(
            RowStore rows, String deviceId, LongSupplier wallMillis, LongUnaryOperator notedToWall, boolean wholeRows) {
        this.rows = rows;
        this.deviceId = deviceId;
        this.wallMillis = wallMillis;
        this.notedToWall = notedToWall;
        clock = new HybridClock(deviceId, wallMillis);
        this.wholeRows = wholeRows;
    }

    /** The device's wall clock, ms since 1970. */
    public long now() {
        return wallMillis.getAsLong();
    }

    /**
     * Has the clock go on above where it stood when the device was last on. Where it is ahead of the wall clock, and so
     * only counts, it leaves out some numbers, by chance: the database may be a copy, and those that come next were then
     * given out already, in a life that it does not remember.
     */
    public void restoreClock(LocalDatabase database) throws SQLException {
        HybridTimestamp last = lastClock(database);
        if (last == null) {
            return;
        }
        clock.observe(last);
        if (last.millis() >= wallMillis.getAsLong()) {
            int counter = last.counter() + ThreadLocalRandom.current().nextInt(MOST_LEFT_OUT);
            clock.observe(
                    counter <= HybridTimestamp.MAX_COUNTER
                            ? new HybridTimestamp(last.millis(), counter, deviceId)
                            : new HybridTimestamp(last.millis() + 1, counter - HybridTimestamp.MAX_COUNTER, deviceId));
        }
    }

    private static @Nullable HybridTimestamp lastClock(LocalDatabase database) throws SQLException {
        String last = Settings.get(database, Settings.CLOCK);
        return last == null ? null : HybridTimestamp.parse(last);
    }

    /**
     * The cloud did not believe the clock: if it is too far ahead of when it arrived there, it goes on from what counts
     * instead, unless the device's wall clock is still ahead itself.
     */
    public void setBack(LocalDatabase database, long receivedMillis, HybridTimestamp instead) throws SQLException {
        HybridTimestamp last = lastClock(database);
        if (last != null && !last.isBelieved(receivedMillis)) {
            clock = new HybridClock(deviceId, wallMillis);
            clock.observe(instead);
            Settings.put(database, Settings.CLOCK, instead.toString());
        }
    }

    /** The time of a row that gives way to whatever the cloud holds of it. */
    static HybridTimestamp longAgo(String deviceId) {
        return new HybridTimestamp(0, 0, deviceId);
    }

    /** Notes a clock from elsewhere, so that what is written from now on is later. */
    public void observe(LocalDatabase database, HybridTimestamp seen) throws SQLException {
        clock.observe(seen);
        HybridTimestamp last = lastClock(database);
        if (last == null || last.compareTo(seen) < 0) {
            Settings.put(database, Settings.CLOCK, seen.toString());
        }
    }

    /**
     * Takes in what was written since the last time. Must run in a write transaction.
     *
     * @return how many writes there were; if {@code > 0}, there may be more
     */
    public int takeIn(LocalDatabase database) throws SQLException {
        Map<RowName, List<Noted>> written = new LinkedHashMap<>();
        long lastNumber = 0;
        int count = 0;
        try (ResultSet change = database.statement(
                        "SELECT n, model, sk, op, fields, at FROM _change ORDER BY n LIMIT " + MOST_AT_ONCE)
                .executeQuery()) {
            while (change.next()) {
                lastNumber = change.getLong(1);
                count++;
                String fields = change.getString(5).strip();
                written.computeIfAbsent(
                                new RowName(change.getString(2), change.getString(3)), name -> new ArrayList<>())
                        .add(new Noted(
                                change.getString(4),
                                fields.isEmpty() ? List.of() : List.of(fields.split(" ")),
                                millis(change.getString(6))));
            }
        }
        if (count == 0) {
            return 0;
        }
        HybridTimestamp last = lastClock(database);
        if (last != null) {
            // What set the clock back may have been rolled back.
            clock.observe(last);
        }
        for (var row : written.entrySet()) {
            last = HybridTimestamp.max(last, takeIn(database, row.getKey(), row.getValue()));
        }
        database.statement("DELETE FROM _change WHERE n <= ?", lastNumber).executeUpdate();
        if (last != null) {
            Settings.put(database, Settings.CLOCK, last.toString());
        }
        return count;
    }

    private @Nullable HybridTimestamp takeIn(LocalDatabase database, RowName name, List<Noted> writes)
            throws SQLException {
        RowState<JsonNode> state =
                new RowState<>(rows.clock(database, name.model(), name.key()), Collections.emptySortedMap());
        SortedSet<String> dirty = new TreeSet<>();
        HybridTimestamp last = null;
        for (Noted write : writes) {
            HybridTimestamp at = after(state.clock().latest(), write.atMillis());
            last = at;
            boolean whole = wholeRows || longAgo(deviceId).equals(state.clock().base());
            RowClock changed = switch (write.op()) {
                case "I" -> RowClock.whole(at);
                case "D" -> RowClock.removal(at);
                default -> whole ? RowClock.whole(at) : RowClock.of(each(write.fields(), at));
            };
            join(dirty, wholeRows ? wholeTags(database, name, write) : tags(changed, write.fields()));
            state = state.mergedWith(new RowState<>(changed, Collections.emptySortedMap()), Values.ORDER);
        }
        rows.saveClock(database, name.model(), name.key(), state.clock());
        enqueue(database, name.model(), name.key(), dirty);
        return last;
    }

    /** A time above all others of a row: the clock may have been set back since they were made. */
    private HybridTimestamp after(@Nullable HybridTimestamp floor, long millis) {
        if (floor != null) {
            clock.observe(floor);
        }
        HybridTimestamp at = clock.at(millis);
        if (wholeRows && at.counter() > 0) {
            // The base protocol tells milliseconds only: two writes of one could not be told apart.
            clock.observe(new HybridTimestamp(at.millis(), HybridTimestamp.MAX_COUNTER, deviceId));
            at = clock.at(millis);
        }
        return at;
    }

    private static Collection<String> tags(RowClock changed, List<String> fields) {
        if (changed.base() != null) {
            return List.of(PendingRow.WHOLE);
        }
        return changed.removed() != null ? List.of(PendingRow.REMOVAL) : fields;
    }

    /** Which fields were written, beside the row: that one has no value any more can only be told by naming it. */
    private static Collection<String> wholeTags(LocalDatabase database, RowName name, Noted write) {
        if (write.op().equals("D")) {
            return List.of(PendingRow.REMOVAL);
        }
        Set<String> tags = new TreeSet<>(write.fields());
        tags.add(PendingRow.WHOLE);
        if (write.op().equals("I")) {
            database.layout(name.model())
                    .ifPresent(layout -> tags.addAll(layout.columns().keySet()));
        }
        return tags;
    }

    private static SortedMap<String, HybridTimestamp> each(List<String> fields, HybridTimestamp at) {
        SortedMap<String, HybridTimestamp> clocks = new TreeMap<>();
        fields.forEach(field -> clocks.put(field, at));
        return clocks;
    }

    /** A removal makes what was to be told before it needless; the whole row tells of each field. */
    private void join(SortedSet<String> dirty, Collection<String> more) {
        boolean whole = more.contains(PendingRow.WHOLE);
        if (more.contains(PendingRow.REMOVAL) || (whole && !wholeRows)) {
            dirty.clear();
        } else if (whole) {
            dirty.remove(PendingRow.REMOVAL);
        }
        if (wholeRows || !dirty.contains(PendingRow.WHOLE)) {
            dirty.addAll(more);
        }
    }

    private long millis(@Nullable String at) {
        try {
            return at == null
                    ? wallMillis.getAsLong()
                    : notedToWall.applyAsLong(Instant.parse(at).toEpochMilli());
        } catch (DateTimeParseException e) {
            return wallMillis.getAsLong();
        }
    }

    /** Has a row go up (again): all of it, its removal, or some fields. Must run in a write transaction. */
    public void enqueue(LocalDatabase database, String model, String key, Collection<String> what) throws SQLException {
        SortedSet<String> dirty = new TreeSet<>();
        try (ResultSet waiting = database.statement("SELECT dirty FROM _pending WHERE model = ? AND sk = ?", model, key)
                .executeQuery()) {
            if (waiting.next()) {
                dirty.addAll(List.of(waiting.getString(1).split(" ")));
            }
        }
        join(dirty, what);
        database.statement(
                        "INSERT INTO _pending (model, sk, dirty, version) VALUES (?, ?, ?, 1) ON CONFLICT (model, sk) DO"
                                + " UPDATE SET dirty = excluded.dirty, version = version + 1",
                        model,
                        key,
                        String.join(" ", dirty))
                .executeUpdate();
    }

    /** The rows that have waited longest. */
    public List<PendingRow> waiting(LocalDatabase database, int most) throws SQLException {
        List<PendingRow> waiting = new ArrayList<>();
        try (ResultSet row = database.statement(
                        "SELECT n, model, sk, dirty, version FROM _pending ORDER BY n LIMIT ?", most)
                .executeQuery()) {
            while (row.next()) {
                waiting.add(new PendingRow(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        new TreeSet<>(List.of(row.getString(4).split(" "))),
                        row.getLong(5)));
            }
        }
        return waiting;
    }

    /** Whether a row waits to go up. */
    public boolean isWaiting(LocalDatabase database, String model, String key) throws SQLException {
        try (ResultSet row = database.statement("SELECT 1 FROM _pending WHERE model = ? AND sk = ?", model, key)
                .executeQuery()) {
            return row.next();
        }
    }

    /** How much waits: rows to be acknowledged and writes not taken in yet. */
    public long depth(LocalDatabase database) throws SQLException {
        try (ResultSet row = database.statement(
                        "SELECT (SELECT count(*) FROM _pending) + (SELECT count(*) FROM _change)")
                .executeQuery()) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    /** The cloud has a row as it was at a version; if it changed since, it goes on waiting. */
    public boolean acknowledge(LocalDatabase database, PendingRow row) throws SQLException {
        return database.statement("DELETE FROM _pending WHERE n = ? AND version = ?", row.number(), row.version())
                        .executeUpdate()
                > 0;
    }

    /**
     * Has every row that goes up do so again: a cloud that met this device anew may have none of them.
     * Their clocks stay as they are, so nothing old beats anything newer.
     */
    public void enqueueAll(LocalDatabase database) throws SQLException {
        for (TableLayout layout : database.layouts().values()) {
            Direction sync = layout.model().sync();
            if (sync.goesUp()) {
                database.statement(
                                "INSERT INTO _pending (model, sk, dirty, version) SELECT c.model, c.sk, CASE WHEN t.sk"
                                        + " IS NULL THEN '-' ELSE '*' END, 1 FROM _clock c LEFT JOIN "
                                        + TableSql.name(layout.table())
                                        + " t ON t.sk = c.sk WHERE c.model = ? ON CONFLICT (model, sk) DO UPDATE SET"
                                        + " dirty = excluded.dirty, version = version + 1",
                                layout.model().name())
                        .executeUpdate();
            }
        }
    }
}
