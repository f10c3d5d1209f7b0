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
 * @param computed the columns of the fields that are computed of others, and so do not merge either
 */
public record TableLayout(Model model, String table, List<Column> columns, List<Column> computed) {
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
        computed = List.copyOf(computed);
    }

    /** The layout of a model. */
    public static TableLayout of(Model model) {
        List<String> keys = model.sk().variables();
        List<Column> columns = new ArrayList<>();
        List<Column> computed = new ArrayList<>();
        for (Field field : model.fields().values()) {
            if (field.computed()) {
                computed.add(new Column(field, snake(field.name()), false));
            } else if (!isSystem(model, field.name())) {
                columns.add(new Column(field, snake(field.name()), keys.contains(field.name())));
            }
        }
        return new TableLayout(model, snake(model.name()), columns, computed);
    }

    /** A name of a schema as SQL writes names: {@code deviceId} becomes {@code device_id}. */
    public static String snake(String name) {
        String parted = ACRONYM_END.matcher(name).replaceAll("$1_$2");
        return WORD_END.matcher(parted).replaceAll("$1_$2").toLowerCase(java.util.Locale.ROOT);
    }

    /** Whether a field says whose the row is or when it was written, or is computed: such fields do not merge. */
    public static boolean isSystem(Model model, String field) {
        Field known = model.fields().get(field);
        if (known != null && known.computed()) {
            return true;
        }
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

    /** The column of a computed field, or null if the field is not computed. */
    public @Nullable Column computed(String field) {
        for (Column column : computed) {
            if (column.field().name().equals(field)) {
                return column;
            }
        }
        return null;
    }

    /** The columns of which no two rows may share a value. */
    public List<Column> unique() {
        return columns.stream()
                .filter(column -> column.field().unique() != Field.Unique.NO)
                .toList();
    }

    /** The column that says when a row expires, or null if rows do not. */
    public @Nullable Column expiry() {
        return model.ttl().map(field -> column(field.name())).orElse(null);
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
