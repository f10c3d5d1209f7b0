package io.mooring.sync.db;

import io.mooring.contracts.schema.Field;
import io.mooring.contracts.schema.FieldType;
import io.mooring.sync.core.RowRules;
import io.mooring.sync.core.TableLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a schema asks of a value, as SQL: the same rules as {@link RowRules} has for devices, for those who write plain
 * SQL.
 */
final class RuleDdl {
    /**
     * A rule.
     *
     * @param violated a condition that is true where it is broken; null counts as kept
     * @param message what to tell who broke it
     */
    record Rule(String violated, String message) {}

    private RuleDdl() {}

    /** The rules of a column's value, each only to be looked at if those before it are kept. */
    static List<Rule> of(TableLayout layout, TableLayout.Column column, String value) {
        Field field = column.field();
        String name = layout.model().name() + "." + field.name();
        List<Rule> rules = new ArrayList<>();
        if (field.unique() != Field.Unique.NO && column.type() == FieldType.STRING) {
            rules.add(new Rule(
                    "length(" + value + ") > " + RowRules.MAX_UNIQUE_LENGTH,
                    name + " is unique and may have " + RowRules.MAX_UNIQUE_LENGTH + " characters"));
        }
        if (column.type() == FieldType.STRING && !field.allowed().isEmpty()) {
            rules.add(allowed(field, value, name));
        }
        if (!field.schema().isEmpty()) {
            rules.add(new Rule("jsonb_typeof(" + value + ") <> 'object'", name + " must be an object"));
        }
        if (field.items() != null) {
            rules.add(new Rule("jsonb_typeof(" + value + ") <> 'array'", name + " must be a list"));
        }
        rules.addAll(structure(field, value, name, 0));
        return rules;
    }

    private static Rule allowed(Field field, String text, String name) {
        String values = field.allowed().stream().map(Sql::text).collect(Collectors.joining(", "));
        return new Rule(
                text + " NOT IN (" + values + ")", name + " must be one of " + String.join(", ", field.allowed()));
    }

    /** The rules inside of an object or list. */
    private static List<Rule> structure(Field field, String json, String name, int depth) {
        List<Rule> rules = new ArrayList<>();
        for (Field member : field.schema()) {
            String at = name + "." + member.name();
            String value = "(" + json + " -> " + Sql.text(member.name()) + ")";
            if (member.required()) {
                rules.add(new Rule(
                        "jsonb_typeof(" + json + ") = 'object' AND coalesce(jsonb_typeof(" + value
                                + "), 'null') = 'null'",
                        at + " is required"));
            }
            rules.addAll(typed(member, value, "jsonb_typeof(" + value + ") <> 'null' AND ", at, depth));
        }
        Field items = field.items();
        if (items != null) {
            String item = "i" + depth + ".item";
            String list = "CASE jsonb_typeof(" + json + ") WHEN 'array' THEN " + json + " ELSE '[]' END";
            String violated = typed(items, item, "", name + "[]", depth + 1).stream()
                    .map(rule -> "coalesce(" + rule.violated() + ", false)")
                    .collect(Collectors.joining(" OR "));
            String wanted = items.schema().isEmpty() && items.allowed().isEmpty() && items.items() == null
                    ? "each item of " + name + " must be of type "
                            + items.type().schemaName()
                    : "an item of " + name + " is not as the schema has it";
            rules.add(new Rule(
                    "EXISTS (SELECT FROM jsonb_array_elements(" + list + ") AS i" + depth + "(item) WHERE " + violated
                            + ")",
                    wanted));
        }
        return rules;
    }

    private static List<Rule> typed(Field field, String json, String given, String name, int depth) {
        List<Rule> rules = new ArrayList<>();
        rules.add(new Rule(
                given + "jsonb_typeof(" + json + ") <> " + Sql.text(jsonType(field.type())),
                name + " must be of type " + field.type().schemaName()));
        String text = "(" + json + " #>> '{}')";
        if (field.type() == FieldType.DATE) {
            rules.add(new Rule(
                    given + text + " !~ '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d'",
                    name + " must be a date as ISO 8601 has it"));
        }
        if (field.type() == FieldType.STRING && !field.allowed().isEmpty()) {
            Rule allowed = allowed(field, text, name);
            rules.add(new Rule(given + allowed.violated(), allowed.message()));
        }
        rules.addAll(structure(field, json, name, depth));
        return rules;
    }

    private static String jsonType(FieldType type) {
        return switch (type) {
            case STRING, DATE, BUFFER -> "string";
            case NUMBER -> "number";
            case BOOLEAN -> "boolean";
            case OBJECT -> "object";
            case ARRAY, SET -> "array";
        };
    }
}
