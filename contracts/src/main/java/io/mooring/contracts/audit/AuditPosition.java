package io.mooring.contracts.audit;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Where a record stands among those of its source: within an epoch numbers start at 1 and leave none out, so whoever has
 * 1 to n of it has missed nothing up to there. A source with a database counts in the transaction of the
 * change, in one epoch for as long as the database lives; one without begins a new epoch at each start. Records need not
 * arrive in the order of their numbers.
 *
 * @param source the {@code ce_source}
 * @param epoch which of its counts
 * @param number from 1
 */
public record AuditPosition(String source, String epoch, long number) {
    public AuditPosition {
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(epoch, "epoch");
        if (number < 1) {
            throw new IllegalArgumentException("numbers start at 1, not " + number);
        }
    }

    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("source", source);
        fields.put("epoch", epoch);
        fields.put("number", number);
        return fields;
    }
}
