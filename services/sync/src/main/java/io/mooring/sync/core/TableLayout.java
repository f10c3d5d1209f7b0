package io.mooring.sync.core;

import io.mooring.contracts.schema.Field;
import io.mooring.contracts.schema.FieldType;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.schema.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The table of a model.
 *
 * @param model the model
 * @param table the table's name in the cloud's schema
 * @param columns the columns of the fields that merge; those that say whose a row is, and {@code
 *     updated}, are not among them
 */
public record TableLayout(Model model, String table, List<Column> columns) {
    /**
     * A field's column.
     *
     * @param field the field as the schema has it
     * @param name the column's name
     * @param key whether the row's {@code sk} is made of it, so that it never changes
     */
    public record Column(Field field, String name, boolean key) {
        public FieldType type() {
            return field.type();
        }
    }

    public static final String DEVICE_COLUMN = "device_id";
    public static final String ACCOUNT_COLUMN = "account_id";

    private static final Pattern WORD_END = Pattern.compile("([a-z0-9])([A-Z])");
    private static final Pattern ACRONYM_END = Pattern.compile("([A-Z])([A-Z][a-z])");

    public TableLayout {
        columns = List.copyOf(columns);
    }

    /** The layout of a model. */
    public static TableLayout of(Model model) {
        List<String> keys = model.sk().variables();
        List<Column> columns = new ArrayList<>();
        for (Field field : model.fields().values()) {
            if (!isSystem(model, field.name())) {
                columns.add(new Column(field, snake(field.name()), keys.contains(field.name())));
            }
        }
        return new TableLayout(model, snake(model.name()), columns);
    }

    /** A name of a schema as SQL writes names: {@code deviceId} becomes {@code device_id}. */
    public static String snake(String name) {
        String parted = ACRONYM_END.matcher(name).replaceAll("$1_$2");
        return WORD_END.matcher(parted).replaceAll("$1_$2").toLowerCase(java.util.Locale.ROOT);
    }

    /** Whether a field says whose the row is or when it was written: such fields do not merge. */
    public static boolean isSystem(Model model, String field) {
        return switch (model.scope()) {
            case DEVICE ->
                field.equals(model.deviceIdField()) || field.equals(Model.ACCOUNT_ID) || field.equals(Model.UPDATED);
            case ACCOUNT -> field.equals(Model.ACCOUNT_ID) || field.equals(Model.UPDATED);
            case CLOUD -> field.equals(Model.UPDATED);
        };
    }

    public Scope scope() {
        return model.scope();
    }

    /** The column that says whose a row is, or null where rows are everybody's. */
    public @Nullable String ownerColumn() {
        return switch (model.scope()) {
            case DEVICE -> DEVICE_COLUMN;
            case ACCOUNT -> ACCOUNT_COLUMN;
            case CLOUD -> null;
        };
    }

    /** Whether the table shows its owner a second time as {@code id}, as the Device model does. */
    public boolean hasIdAlias() {
        return model.scope() == Scope.DEVICE && model.deviceIdField().equals("id");
    }

    /** The columns by the names of their fields. */
    public Map<String, Column> byField() {
        return columns.stream()
                .collect(Collectors.toMap(column -> column.field().name(), Function.identity()));
    }

    public @Nullable Column column(String field) {
        for (Column column : columns) {
            if (column.field().name().equals(field)) {
                return column;
            }
        }
        return null;
    }
}
