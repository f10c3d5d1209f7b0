package io.mooring.sync.core;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowState;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A change that its device may make, ready to merge.
 *
 * @param sentKey the name by which the device waits for its acknowledgement
 * @param row what it writes: only that, with the clocks of it
 * @param layout the model's table
 * @param claimed the time the device gave the change, where that was too far ahead to be believed; else null
 * @param instead what counts in place of each of its clocks that are not believed; null if there is none
 */
public record IncomingChange(
        String sentKey,
        Row row,
        TableLayout layout,
        @Nullable HybridTimestamp claimed,
        @Nullable HybridTimestamp instead) {
    public RowKey key() {
        return row.key();
    }

    /** The latest time at which it is held to have been written. */
    public HybridTimestamp bound() {
        return Objects.requireNonNull(row.state().clock().latest(), "a change without a time");
    }

    public RowState<Value> state() {
        return row.state();
    }
}
