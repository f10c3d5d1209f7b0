package io.mooring.sync.core;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.Scope;
import io.mooring.contracts.sync.RowClock;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A change of a row.
 *
 * @param cloud the schema of its cloud
 * @param layout its model's table
 * @param row the row afterwards
 * @param kind what happened
 * @param offset its place in the stream
 * @param lsn its place in the write-ahead log; 0 if it has none
 * @param complete whether all of the row is as the change made it; if not it must be looked up, as it is now
 * @param trace the trace it belongs to, if that is recorded
 */
public record ChangedRow(
        CloudSchema cloud,
        TableLayout layout,
        Row row,
        Kind kind,
        long offset,
        long lsn,
        boolean complete,
        @Nullable ChangeTrace trace) {
    /** A change of no trace. */
    public ChangedRow(
            CloudSchema cloud, TableLayout layout, Row row, Kind kind, long offset, long lsn, boolean complete) {
        this(cloud, layout, row, kind, offset, lsn, complete, null);
    }

    /** What happened to the row, as the protocol says it. */
    public enum Kind {
        INSERT,
        MODIFY,
        UPSERT,
        REMOVE;

        /** The topic below the receiver. */
        public String tail() {
            return "sync/" + name().toUpperCase(Locale.ROOT);
        }
    }

    /**
     * The device that wrote it itself and need not hear of it, if that is certain. A row of a device's own is
     * written by it and by the cloud, whose clocks are always the latest; the rows that several devices write
     * count only if all there is of it is by one of them, since any of them may have written last with an
     * earlier clock. A row of which not all is known is nobody's.
     */
    public Optional<String> echoTo() {
        RowClock clock = row.state().clock();
        HybridTimestamp latest = clock.latest();
        if (latest == null || !complete || latest.writer().equals(HybridTimestamp.CLOUD)) {
            return Optional.empty();
        }
        boolean certain = layout.scope() == Scope.DEVICE
                ? latest.writer().equals(row.key().owner())
                : isAllBy(clock, latest.writer());
        return certain ? Optional.of(latest.writer()) : Optional.empty();
    }

    /**
     * The same, but for a device that asked what it missed after it wrote this: it may have lost it, restored from an old
     * copy since, and the answer leaves out what the stream had not brought by then.
     *
     * @param asked where the write-ahead log was when devices last asked, as far as they did
     */
    public Optional<String> echoTo(Map<String, Long> asked) {
        return echoTo().filter(device -> lsn > asked.getOrDefault(device, 0L));
    }

    private static boolean isAllBy(RowClock clock, String writer) {
        return (clock.base() == null || clock.base().writer().equals(writer))
                && (clock.removed() == null || clock.removed().writer().equals(writer))
                && clock.fields().values().stream().allMatch(at -> at.writer().equals(writer));
    }

    /** The same change with the row as it was looked up. */
    public ChangedRow with(Row found) {
        return new ChangedRow(cloud, layout, found, kind, offset, lsn, false, trace);
    }

    /** The same change of another trace, or another step of its own. */
    public ChangedRow within(@Nullable ChangeTrace other) {
        return new ChangedRow(cloud, layout, row, kind, offset, lsn, complete, other);
    }
}
