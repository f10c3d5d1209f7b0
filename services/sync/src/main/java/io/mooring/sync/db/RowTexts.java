package io.mooring.sync.db;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.FieldType;
import io.mooring.contracts.sync.RowClock;
import io.mooring.sync.core.FieldValues;
import io.mooring.sync.core.JsonText;
import io.mooring.sync.core.Row;
import io.mooring.sync.core.RowKeys;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.core.Value;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A row's columns as texts, as they are sent to PostgreSQL in arrays. */
final class RowTexts {
    private static final Set<FieldType> JSON = EnumSet.of(FieldType.OBJECT, FieldType.ARRAY, FieldType.SET);

    private RowTexts() {}

    /**
     * The texts of a row's columns, and after them what no column holds: undeclared fields, and values that do not fit
     * their column.
     */
    static @Nullable String[] columns(Row row, TableLayout layout) {
        List<TableLayout.Column> columns = layout.columns();
        Map<String, Value> left = new TreeMap<>(row.state().values());
        String[] texts = new String[columns.size() + 1];
        for (int i = 0; i < columns.size(); i++) {
            TableLayout.Column column = columns.get(i);
            Value value = left.get(column.field().name());
            if (value == null && column.key()) {
                // It is named by its key, though a removal took what was written of it.
                value = RowKeys.fields(layout, row).get(column.field().name());
            }
            Value fitting =
                    value == null ? null : FieldValues.fit(column.type(), value).orElse(null);
            if (fitting != null) {
                texts[i] = JSON.contains(column.type()) ? fitting.json() : fitting.text();
                left.remove(column.field().name());
            }
        }
        texts[columns.size()] = left.isEmpty() ? "{}" : json(left);
        return texts;
    }

    private static String json(Map<String, Value> values) {
        StringBuilder json = new StringBuilder("{");
        values.forEach((field, value) -> JsonText.name(json, field).append(value.json()));
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
