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
public record Row(RowKey key, @Nullable String accountId, RowState<Value> state) {}
