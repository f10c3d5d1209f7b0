package io.mooring.agent.db;

import io.mooring.contracts.schema.Field;
import io.mooring.contracts.schema.FieldType;
import io.mooring.contracts.schema.KeyTemplate;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.schema.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a model lies in the database: its table's name and columns. Names are those of the model in
 * lower case, words parted by {@code _}, as in the cloud database.
 *
 * @param model the model
 * @param table the table's name
 * @param columns the columns of the fields that merge, by field name: all but its owner and its time
 * @param computed the columns of the fields that are computed of others, by field name
 */
public record TableLayout(Model model, String table, Map<String, Column> columns, Map<String, Column> computed) {
    /** The key of a row, unique in its table. */
    public static final String SORT_KEY = "sk";

    /** The time of a row's last write, ISO 8601 with milliseconds. */
    public static final String UPDATED = "updated";

    /** Fields that the schema does not declare, as one JSON object. */
    public static final String EXTRA = "_extra";

    private static final Map<String, Pattern> OWNERS = new ConcurrentHashMap<>();

    /**
     * Where a field lies.
     *
     * @param field the field
     * @param name the column's name
     */
    public record Column(Field field, String name) {
        public FieldType type() {
            return field.type();
        }
    }

    public TableLayout {
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
        computed = Collections.unmodifiableMap(new LinkedHashMap<>(computed));
    }

    /**
     * Lays a model out.
     *
     * @throws IllegalArgumentException if two of its fields would share a column
     */
    public static TableLayout of(Model model) {
        Map<String, Column> columns = new LinkedHashMap<>();
        Map<String, Column> computed = new LinkedHashMap<>();
        Map<String, String> taken = new LinkedHashMap<>();
        for (Field field : model.fields().values()) {
            String name = snake(field.name());
            String other = taken.put(name, field.name());
            if (other != null || name.equals(SORT_KEY)) {
                throw new IllegalArgumentException("fields " + (other == null ? SORT_KEY : other) + " and "
                        + field.name() + " of model " + model.name() + " would share the column " + name);
            }
            if (field.computed()) {
                computed.put(field.name(), new Column(field, name));
            } else if (!name.equals(UPDATED) && !isOwner(model, field.name())) {
                columns.put(field.name(), new Column(field, name));
            }
        }
        return new TableLayout(model, snake(model.name()), columns, computed);
    }

    /**
     * The columns that say whose a row is, each with the setting it is filled from; an empty text where
     * it stays empty.
     */
    Map<String, String> owners() {
        Map<String, String> owners = new LinkedHashMap<>();
        Scope scope = model.scope();
        if (scope == Scope.DEVICE) {
            owners.put(snake(model.deviceIdField()), Settings.DEVICE);
        }
        for (String owner : List.of(Model.ACCOUNT_ID, Model.DEVICE_ID)) {
            if (!columns.containsKey(owner)) {
                String setting = owner.equals(Model.ACCOUNT_ID) ? Settings.ACCOUNT : Settings.DEVICE;
                owners.put(snake(owner), isOwner(model, owner) || scope == Scope.DEVICE ? setting : "");
            }
        }
        return owners;
    }

    /** The fields of the model that say whose a row is, each with the setting it is filled from. */
    Map<String, String> ownerFields() {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String name : model.fields().keySet()) {
            if (isOwner(model, name)) {
                fields.put(name, name.equals(Model.ACCOUNT_ID) ? Settings.ACCOUNT : Settings.DEVICE);
            }
        }
        return fields;
    }

    /** The column a key template's variable is filled from. */
    String keyColumn(String variable) {
        return snake(variable);
    }

    /** Whether a field says whose the row is: the device fills it in, and it does not merge. */
    public static boolean isOwner(Model model, String field) {
        return switch (model.scope()) {
            case DEVICE -> field.equals(model.deviceIdField()) || field.equals(Model.ACCOUNT_ID);
            case ACCOUNT -> field.equals(Model.ACCOUNT_ID);
            case CLOUD -> false;
        };
    }

    /**
     * Whose a row is, where its key says so: the cloud may give a device rows of others to read. Null where the
     * key does not say.
     *
     * @param setting {@link Settings#DEVICE} or {@link Settings#ACCOUNT}
     */
    @Nullable
    String ownerInKey(String key, String setting) {
        String field = setting.equals(Settings.ACCOUNT) ? Model.ACCOUNT_ID : model.deviceIdField();
        if (model.scope() == Scope.CLOUD
                || !isOwner(model, field)
                || !model.sk().variables().contains(field)) {
            return null;
        }
        Matcher matcher = OWNERS.computeIfAbsent(field + " " + model.sk().source(), name -> pattern(model.sk(), field))
                .matcher(key);
        return matcher.matches() ? matcher.group("owner") : null;
    }

    private static Pattern pattern(KeyTemplate template, String field) {
        StringBuilder pattern = new StringBuilder();
        boolean named = false;
        for (KeyTemplate.Part part : template.parts()) {
            switch (part) {
                case KeyTemplate.Text text -> pattern.append(Pattern.quote(text.text()));
                case KeyTemplate.Variable variable -> {
                    boolean owner = variable.field().equals(field);
                    pattern.append(!owner ? ".*?" : named ? "\\k<owner>" : "(?<owner>[A-Za-z0-9_.-]+)");
                    named |= owner;
                }
            }
        }
        return Pattern.compile(pattern.toString(), Pattern.DOTALL);
    }

    /** The key of a row with these values, or null if a field it is made of is missing. */
    public @Nullable String key(Map<String, ?> values) {
        KeyTemplate template = model.sk();
        return template.expand(name -> {
                    Object value = values.get(name);
                    return value == null ? null : Values.keyText(value);
                })
                .orElse(null);
    }

    /** The fields a key was made of, as texts read back from it, without its owner's; none if it is of another form. */
    Map<String, String> keyTexts(String key) {
        StringBuilder pattern = new StringBuilder();
        List<String> fields = new ArrayList<>();
        for (KeyTemplate.Part part : model.sk().parts()) {
            switch (part) {
                case KeyTemplate.Text text -> pattern.append(Pattern.quote(text.text()));
                case KeyTemplate.Variable variable -> {
                    boolean own = columns.containsKey(variable.field()) && !fields.contains(variable.field());
                    pattern.append(own ? "(.*?)" : ".*?");
                    if (own) {
                        fields.add(variable.field());
                    }
                }
            }
        }
        Matcher matcher = Pattern.compile(pattern.toString(), Pattern.DOTALL).matcher(key);
        Map<String, String> texts = new LinkedHashMap<>();
        if (matcher.matches()) {
            for (int i = 0; i < fields.size(); i++) {
                texts.put(fields.get(i), matcher.group(i + 1));
            }
        }
        return texts;
    }

    /** A name in lower case with its words parted: {@code deviceId} becomes {@code device_id}. */
    public static String snake(String name) {
        StringBuilder text = new StringBuilder(name.length() + 4);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean startsWord = Character.isUpperCase(c)
                    && i > 0
                    && name.charAt(i - 1) != '_'
                    && (!Character.isUpperCase(name.charAt(i - 1))
                            || (i + 1 < name.length() && Character.isLowerCase(name.charAt(i + 1))));
            if (startsWord) {
                text.append('_');
            }
            text.append(c);
        }
        return text.toString().toLowerCase(Locale.ROOT);
    }
}
