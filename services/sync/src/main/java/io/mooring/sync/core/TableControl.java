package io.mooring.sync.core;

import io.mooring.contracts.schema.Direction;
import org.jspecify.annotations.Nullable;

/**
 * What somebody set for a table, of a whole cloud or of one device.
 *
 * @param direction which way its rows go, or null to leave it as it is otherwise
 * @param rows which of its rows a device is given, or null likewise
 */
public record TableControl(
        @Nullable Direction direction, @Nullable RowFilter rows) {
    /** Nothing was set. */
    public static final TableControl UNSET = new TableControl(null, null);
}
