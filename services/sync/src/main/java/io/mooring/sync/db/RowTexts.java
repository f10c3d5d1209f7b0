package io.mooring.sync.db;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.FieldType;
import io.mooring.contracts.sync.RowClock;
import io.mooring.sync.core.FieldValues;
import io.mooring.sync.core.JsonText;
import io.mooring.sync.core.Row;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.core.Value;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A row's columns as texts, as they are sent to PostgreSQL in arrays. */
final class RowTexts {
    private static final Set<FieldType> JSON = EnumSet.of(FieldType.OBJECT, FieldType.ARRAY, FieldType.SET);

    private RowTexts() {}

    /** The text of a field's column, or null if it has no value or one that does not fit the column. */
    static @Nullable String column(Row row, TableLayout.Column column) {
        Value value = row.state().values().get(column.field().name());
        if (value == null) {
            return null;
        }
        Value fitting = FieldValues.fit(column.type(), value).orElse(null);
        if (fitting == null) {
            return null;
        }
        return JSON.contains(column.type()) ? fitting.json() : fitting.text();
    }

    /** What no column holds: undeclared fields, and values that do not fit their column. */
    static String extra(Row row, TableLayout layout, Map<String, TableLayout.Column> columns) {
        StringBuilder json = new StringBuilder("{");
        row.state().values().forEach((field, value) -> {
            TableLayout.Column column = columns.get(field);
            if (column == null || FieldValues.fit(column.type(), value).isEmpty()) {
                JsonText.name(json, field).append(value.json());
            }
        });
        return json.append('}').toString();
    }

    static String clock(RowClock clock) {
        StringBuilder json = new StringBuilder("{");
        clock.texts().forEach((field, at) -> JsonText.quote(JsonText.name(json, field), at));
        return json.append('}').toString();
    }

    /** When the row was last written, as the protocol has it. */
    static String updated(Row row) {
        HybridTimestamp latest = Objects.requireNonNull(row.state().clock().latest(), "a row nobody wrote");
        return latest.isoMillis();
    }
}
