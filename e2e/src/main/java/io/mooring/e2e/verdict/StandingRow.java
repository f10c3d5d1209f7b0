package io.mooring.e2e.verdict;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * A row as it stands somewhere.
 *
 * @param owner the device, the account, or empty text for everybody's
 * @param sk its key
 * @param values its fields by their names in the schema; null if the row is gone
 * @param clock when its fields were written, as {@code RowClock} has it in text; null where nobody keeps that
 */
public record StandingRow(
        String model,
        String owner,
        String sk,
        @Nullable JsonNode values,
        @Nullable JsonNode clock) {}
