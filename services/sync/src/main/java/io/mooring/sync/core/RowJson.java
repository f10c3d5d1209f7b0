package io.mooring.sync.core;

import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.schema.Scope;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes rows as devices are told them (device protocol, section 3). */
public final class RowJson {
    private RowJson() {}

    /** A row, or what is left to say of a removed one. */
    public static String write(TableLayout layout, Row row) {
        HybridTimestamp latest = Objects.requireNonNull(row.state().clock().latest(), "a row nobody wrote");
        return write(layout, row, latest.isoMillis());
    }

    /**
     * A row with an {@code updated} of one's own: for devices that know nothing of clocks and take a row
     * only if that is not earlier than what they have.
     */
    public static String write(TableLayout layout, Row row, String updated) {
        Model model = layout.model();
        SortedMap<String, Value> values = new TreeMap<>(row.state().values());
        RowKeys.fields(layout, row).forEach(values::putIfAbsent);
        StringBuilder json = new StringBuilder(256).append('{');
        text(json, "_type", model.name());
        RowKeys.expand(model.pk(), model, device(layout, row), row.accountId(), values::get)
                .filter(pk -> !pk.isEmpty())
                .ifPresent(pk -> text(json, "pk", pk));
        text(json, "sk", row.key().sk());
        owner(json, layout, row);
        values.forEach((field, value) -> JsonText.name(json, field).append(value.json()));
        computed(json, layout, row, values);
        nulls(json, row, values);
        text(json, Model.UPDATED, updated);
        clocks(json, row, values);
        return json.append('}').toString();
    }

    private static void owner(StringBuilder json, TableLayout layout, Row row) {
        Model model = layout.model();
        String device = device(layout, row);
        if (device != null && model.fields().containsKey(model.deviceIdField())) {
            text(json, model.deviceIdField(), device);
        }
        String account = row.accountId();
        if (account != null && model.scope() != Scope.CLOUD && model.fields().containsKey(Model.ACCOUNT_ID)) {
            text(json, Model.ACCOUNT_ID, account);
        }
    }

    private static @Nullable String device(TableLayout layout, Row row) {
        return layout.scope() == Scope.DEVICE ? row.key().owner() : null;
    }

    /** The fields that are made of others. */
    private static void computed(StringBuilder json, TableLayout layout, Row row, Map<String, Value> values) {
        if (!row.state().clock().isLive()) {
            return;
        }
        for (TableLayout.Column column : layout.computed()) {
            RowKeys.computed(
                            column.field(),
                            layout.model(),
                            row.key().sk(),
                            device(layout, row),
                            row.accountId(),
                            values::get)
                    .ifPresent(text -> text(json, column.field().name(), text));
        }
    }

    /** A field that was set to nothing says so, for devices that only overwrite what they are told. */
    private static void nulls(StringBuilder json, Row row, Map<String, Value> values) {
        for (String field : row.state().clock().fields().keySet()) {
            if (!values.containsKey(field)) {
                JsonText.name(json, field).append("null");
            }
        }
    }

    private static void clocks(StringBuilder json, Row row, Map<String, Value> values) {
        HybridTimestamp latest = row.state().clock().latest();
        if (latest != null && !values.containsKey("clock")) {
            text(json, "clock", latest.toString());
        }
        if (!values.containsKey("fields")) {
            JsonText.name(json, "fields").append('{');
            row.state().clock().texts().forEach((field, at) -> text(json, field, at));
            json.append('}');
        }
    }

    private static void text(StringBuilder json, String name, String value) {
        JsonText.quote(JsonText.name(json, name), value);
    }
}
