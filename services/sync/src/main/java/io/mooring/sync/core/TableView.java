package io.mooring.sync.core;

import io.mooring.contracts.schema.Direction;

/**
 * A table as it stands for somebody, after all that was set.
 *
 * @param direction which way its rows go
 * @param rows which of its rows are given
 */
public record TableView(Direction direction, RowFilter rows) {
    /** Whether somebody who had {@code before} is now given rows that were not given then. */
    public boolean givesMoreThan(TableView before) {
        return direction.goesDown() && (!before.direction.goesDown() || rows.compareTo(before.rows) > 0);
    }
}
