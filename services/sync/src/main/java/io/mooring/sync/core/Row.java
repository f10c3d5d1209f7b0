package io.mooring.sync.core;

import io.mooring.contracts.sync.RowState;
import org.jspecify.annotations.Nullable;

/**
 * A row, or the grave of one.
 *
 * @param key which
 * @param accountId the account it belongs to, or null if unknown or everybody's
 * @param state what is in it and since when; not live if it was removed
 */
public record Row(RowKey key, @Nullable String accountId, RowState<Value> state) {
    /** The model whose rows ask devices to do something: whoever wrote one wants to know that the device has it. */
    private static final String COMMAND = "Command";

    /** What a device's acknowledgement of this row is to be known by; null if nobody asks. */
    public @Nullable String receipt() {
        Value id = state.values().get("id");
        return key.model().equals(COMMAND) && state.clock().isLive() && id != null ? id.text() : null;
    }
}
