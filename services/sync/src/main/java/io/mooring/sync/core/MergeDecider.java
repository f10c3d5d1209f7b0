package io.mooring.sync.core;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.Direction;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Merges changes of devices into rows, one after the other, and says what is to be written. Knows the
 * rows as they were when their locks were taken.
 */
public final class MergeDecider {
    private final Map<RowKey, Row> rows;
    private final Map<RowKey, Row> written = new LinkedHashMap<>();
    private final UniqueValues unique;
    private final RowRules rules;
    private final long nowMillis;

    /** What became of a change. */
    public sealed interface Verdict {}

    /** It stands, as a whole. */
    public record Stands() implements Verdict {}

    /**
     * Something else stands, at least in part or as of another time, and the device is to be told.
     *
     * @param reason why, as {@link LostWrite} has it
     */
    public record Overruled(Row standing, String reason) implements Verdict {}

    /** It was not taken. What stands, if there is anything to say of the row, the device is to be told. */
    public record Declined(Refusal refusal, @Nullable Row standing) implements Verdict {}

    /**
     * @param rows the rows and graves there are of the keys that will be changed
     * @param unique who holds the unique values that will be written
     * @param rules what schemas ask of rows
     * @param nowMillis the time of the cloud's own writes, ms since 1970
     */
    public MergeDecider(Map<RowKey, Row> rows, UniqueValues unique, RowRules rules, long nowMillis) {
        this.rows = new HashMap<>(rows);
        this.unique = unique;
        this.rules = rules;
        this.nowMillis = nowMillis;
    }

    /** The rows that are to be written, or buried if they are not live. */
    public Map<RowKey, Row> written() {
        return written;
    }

    /** Merges a change of a table that goes as its schema says. */
    public Verdict merge(IncomingChange change) {
        return merge(change, change.layout().model().sync());
    }

    /**
     * Merges a change.
     *
     * @param direction which way its table goes for the device that made it
     */
    public Verdict merge(IncomingChange change, Direction direction) {
        RowState<Value> current = state(change.key());
        RowState<Value> merged = current.mergedWith(change.state(), Value.ORDER);
        if (!direction.goesUp()) {
            return uphold(change, current, merged);
        }
        if (merged.equals(current)) {
            return verdict(change, merged, merged);
        }
        RowState<Value> row = rules.completed(change.layout(), current, merged);
        Optional<Refusal> refusal = refusal(change, current, row);
        if (refusal.isPresent()) {
            Verdict upheld = uphold(change, current, merged);
            return new Declined(refusal.get(), upheld instanceof Overruled overruled ? overruled.standing() : null);
        }
        put(change, row);
        return verdict(change, merged, row);
    }

    /**
     * What became of a change.
     *
     * @param merged the row with it
     * @param standing the same, completed
     */
    private static Verdict verdict(IncomingChange change, RowState<Value> merged, RowState<Value> standing) {
        // A time that was not believed is not the device's: sent twice, it counts twice, and the device knows of one.
        if (change.claimed() == null && change.state().prevailsIn(standing)) {
            return new Stands();
        }
        String reason = change.state().prevailsIn(merged) ? LostWrite.COMPLETED : LostWrite.LATER_WRITE;
        return new Overruled(new Row(change.key(), change.row().accountId(), standing), reason);
    }

    private Optional<Refusal> refusal(IncomingChange change, RowState<Value> current, RowState<Value> row) {
        if (size(row) > ChangeReader.MAX_ROW_SIZE) {
            return Optional.of(new Refusal(
                    change.sentKey(), "row-too-large", "with it, the row would be larger than a row may be"));
        }
        return rules.broken(change.layout(), change.key(), current, row, unique)
                .map(broken -> new Refusal(change.sentKey(), broken.code(), broken.detail()));
    }

    /**
     * A device wrote where only the cloud does, or what the schema does not allow. What stands is written again, later
     * than the device's write, so that every replica agrees by the one rule there is.
     */
    private Verdict uphold(IncomingChange change, RowState<Value> current, RowState<Value> merged) {
        boolean harmless = merged.equals(current)
                || (!current.clock().isLive() && !merged.clock().isLive());
        if (harmless && current.clock().latest() == null) {
            return new Stands(); // there is nothing to tell, on either side
        }
        if (harmless) {
            return new Overruled(new Row(change.key(), change.row().accountId(), current), LostWrite.DIRECTION);
        }
        HybridTimestamp later = after(merged.clock().latest());
        RowState<Value> upheld = current.clock().isLive()
                ? new RowState<>(
                        new RowClock(
                                later,
                                current.clock().removed(),
                                current.clock().fields()),
                        current.values())
                : RowState.removed(later);
        put(change, upheld);
        return new Overruled(new Row(change.key(), change.row().accountId(), upheld), LostWrite.DIRECTION);
    }

    private HybridTimestamp after(@Nullable HybridTimestamp floor) {
        HybridTimestamp now = new HybridTimestamp(nowMillis, 0, HybridTimestamp.CLOUD);
        if (floor == null || now.compareTo(floor) > 0) {
            return now;
        }
        return floor.next(HybridTimestamp.CLOUD);
    }

    private RowState<Value> state(RowKey key) {
        return Optional.ofNullable(rows.get(key)).map(Row::state).orElse(RowState.absent());
    }

    private void put(IncomingChange change, RowState<Value> state) {
        unique.moved(change.layout(), change.key(), state(change.key()), state);
        Row row = new Row(change.key(), change.row().accountId(), state);
        rows.put(row.key(), row);
        written.put(row.key(), row);
    }

    private static int size(RowState<Value> state) {
        int size = 0;
        for (Map.Entry<String, Value> field : state.values().entrySet()) {
            size += field.getKey().length() + field.getValue().size();
        }
        return size;
    }
}
