package io.mooring.agent.db;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.contracts.sync.RowState;

/**
 * A row as the cloud sent it.
 *
 * @param layout its table
 * @param key its key
 * @param state what it holds and when that was written
 */
public record RemoteRow(TableLayout layout, String key, RowState<JsonNode> state) {
    /** What became of it here. */
    public enum Outcome {
        /** The row is here now. */
        INSERTED,
        /** The row here changed. */
        MODIFIED,
        /** The row is gone. */
        REMOVED,
        /** The same as here already. */
        KNOWN,
        /** The cloud had not seen something newer that this device wrote. */
        STALE
    }
}
