package io.mooring.sync.core;

import io.mooring.contracts.schema.Field;
import io.mooring.contracts.schema.FieldType;
import io.mooring.contracts.schema.KeyTemplate;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.schema.Scope;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the keys of a row say: whose it is, and the fields it is named by. */
public final class RowKeys {
    private RowKeys() {}

    /** What a key's owner variable must be, or null if the variable is a field like others. */
    public static @Nullable String ownerValue(
            Model model, String variable, @Nullable String deviceId, @Nullable String accountId) {
        if (model.scope() == Scope.DEVICE && variable.equals(model.deviceIdField())) {
            return deviceId;
        }
        boolean account = model.scope() != Scope.CLOUD && variable.equals(Model.ACCOUNT_ID);
        return account ? accountId : null;
    }

    /** Whether a variable of a key says whose a row is. */
    public static boolean isOwner(Model model, String variable) {
        return (model.scope() == Scope.DEVICE && variable.equals(model.deviceIdField()))
                || (model.scope() != Scope.CLOUD && variable.equals(Model.ACCOUNT_ID));
    }

    /** A key made of a row's owner and values, or empty if one of its parts is missing. */
    public static Optional<String> expand(
            KeyTemplate template,
            Model model,
            @Nullable String deviceId,
            @Nullable String accountId,
            Function<String, @Nullable Value> values) {
        return template.expand(variable -> {
            if (isOwner(model, variable)) {
                return ownerValue(model, variable, deviceId, accountId);
            }
            Value value = values.apply(variable);
            return value == null ? null : value.text();
        });
    }

    /** The value of a computed field, or empty if a part of it is missing. */
    public static Optional<String> computed(
            Field field,
            Model model,
            String sk,
            @Nullable String deviceId,
            @Nullable String accountId,
            Function<String, @Nullable Value> values) {
        Field.Part part = field.encode();
        if (part == null) {
            KeyTemplate template = field.value();
            return template == null ? Optional.empty() : expand(template, model, deviceId, accountId, values);
        }
        Optional<String> source = switch (part.attribute()) {
            case "sk" -> Optional.of(sk);
            case "pk" -> expand(model.pk(), model, deviceId, accountId, values);
            default -> expand(KeyTemplate.parse("${" + part.attribute() + "}"), model, deviceId, accountId, values);
        };
        return source.map(text -> text.split(Pattern.quote(part.separator()), -1))
                .filter(parts -> part.index() < parts.length)
                .map(parts -> parts[part.index()])
                .filter(text -> !text.isEmpty());
    }

    /**
     * The parts a key was made of, read back from it.
     *
     * @param known the value a variable must have, or null if it may have any
     * @return the texts of the variables that were not known; empty if the key is not of this form
     */
    public static Optional<Map<String, String>> match(
            KeyTemplate template, String key, Function<String, @Nullable String> known) {
        StringBuilder pattern = new StringBuilder();
        Map<String, String> groups = new HashMap<>();
        for (KeyTemplate.Part part : template.parts()) {
            switch (part) {
                case KeyTemplate.Text text -> pattern.append(Pattern.quote(text.text()));
                case KeyTemplate.Variable variable -> append(pattern, groups, variable.field(), known);
            }
        }
        Matcher matcher = Pattern.compile(pattern.toString(), Pattern.DOTALL).matcher(key);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Map<String, String> found = new HashMap<>();
        groups.forEach((field, group) -> found.put(field, matcher.group(group)));
        return Optional.of(found);
    }

    private static void append(
            StringBuilder pattern, Map<String, String> groups, String field, Function<String, @Nullable String> known) {
        String value = known.apply(field);
        String group = groups.get(field);
        if (value != null) {
            pattern.append(Pattern.quote(value));
        } else if (group != null) {
            pattern.append("\\k<").append(group).append('>');
        } else {
            String name = "v" + groups.size();
            groups.put(field, name);
            pattern.append("(?<").append(name).append(">.*?)");
        }
    }

    /**
     * The fields a row is named by, read back from its key: it has them whatever else is left of it, be it removed, or
     * brought back by a field that was written after its removal.
     */
    public static Map<String, Value> fields(TableLayout layout, Row row) {
        Map<String, Value> fields = new TreeMap<>();
        Model model = layout.model();
        String device = model.scope() == Scope.DEVICE ? row.key().owner() : null;
        match(model.sk(), row.key().sk(), field -> ownerValue(model, field, device, row.accountId()))
                .ifPresent(parts -> parts.forEach((field, text) -> {
                    TableLayout.Column column = layout.column(field);
                    Value value = column == null ? null : partValue(column.type(), text);
                    if (value != null) {
                        fields.put(field, value);
                    }
                }));
        return fields;
    }

    /** A part of a key as the value of the field it came from, or null if it cannot be one. */
    public static @Nullable Value partValue(FieldType type, String text) {
        return switch (type) {
            case NUMBER -> number(text);
            case BOOLEAN -> text.equals("true") || text.equals("false") ? new Value(Value.Kind.BOOLEAN, text) : null;
            case OBJECT, ARRAY, SET -> null;
            case STRING, DATE, BUFFER -> FieldValues.fit(type, Value.text(text)).orElse(null);
        };
    }

    private static @Nullable Value number(String text) {
        try {
            Value value = new Value(Value.Kind.NUMBER, FieldValues.canonicalNumber(new BigDecimal(text)));
            return FieldValues.fit(FieldType.NUMBER, value).orElse(null);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
