package io.mooring.agent.db;

import io.mooring.agent.db.TableLayout.Column;
import io.mooring.contracts.schema.Field;
import io.mooring.contracts.schema.FieldType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a schema asks of a row, as SQL for triggers: an application that breaks a rule gets an error at once, on-line
 * or not. The cloud has the same rules, and the last word where others write too.
 */
final class RuleSql {
    /**
     * A rule.
     *
     * @param violated a condition that is true where it is broken; null counts as kept
     * @param message what to tell who broke it
     */
    record Rule(String violated, String message) {
        /** Stops the statement if it is broken; {@code from} says in which row. */
        String raise(String from) {
            return "SELECT RAISE(ABORT, " + TableSql.text(message) + ") " + from + "(" + violated + "); ";
        }
    }

    private RuleSql() {}

    /** The rules of a row that was just inserted, over its columns. */
    static List<Rule> ofInsert(TableLayout layout) {
        List<Rule> rules = new ArrayList<>();
        for (Column column : layout.columns().values()) {
            String value = TableSql.name(layout.table()) + "." + TableSql.name(column.name());
            if (column.field().required()) {
                rules.add(required(layout, column, value));
            }
            rules.addAll(ofValue(layout, column, value, "NEW._rowid_"));
        }
        return rules;
    }

    /** The rules of a row that was just updated; each looks only at what has changed. */
    static List<Rule> ofUpdate(TableLayout layout) {
        List<Rule> rules = new ArrayList<>();
        for (Column column : layout.columns().values()) {
            String value = "NEW." + TableSql.name(column.name());
            String old = "OLD." + TableSql.name(column.name());
            List<Rule> own = new ArrayList<>();
            if (column.field().required()) {
                own.add(required(layout, column, value));
            }
            if (column.field().readonly()) {
                own.add(new Rule(old + " IS NOT NULL", name(layout, column) + " keeps its first value"));
            }
            own.addAll(ofValue(layout, column, value, "NEW._rowid_"));
            own.forEach(rule ->
                    rules.add(new Rule(value + " IS NOT " + old + " AND (" + rule.violated() + ")", rule.message())));
        }
        return rules;
    }

    private static String name(TableLayout layout, Column column) {
        return layout.model().name() + "." + column.field().name();
    }

    private static Rule required(TableLayout layout, Column column, String value) {
        return new Rule(
                value + " IS NULL",
                layout.model().name() + " needs a value for " + column.field().name());
    }

    private static List<Rule> ofValue(TableLayout layout, Column column, String value, String rowId) {
        Field field = column.field();
        String name = name(layout, column);
        List<Rule> rules = new ArrayList<>();
        if (column.type() == FieldType.STRING && !field.allowed().isEmpty()) {
            rules.add(new Rule(value + " NOT IN (" + texts(field.allowed()) + ")", allowedMessage(field, name)));
        }
        if (!field.schema().isEmpty() || field.items() != null) {
            String type = "CASE WHEN json_valid(" + value + ") THEN json_type(" + value + ") ELSE 'none' END";
            String wanted = field.items() == null ? "object" : "array";
            rules.add(new Rule(
                    value + " IS NOT NULL AND " + type + " <> '" + wanted + "'",
                    name + " must be " + (field.items() == null ? "an object" : "a list")));
            for (Rule rule : structure(field, value, "$", name, 0)) {
                rules.add(new Rule(
                        "CASE WHEN json_valid(" + value + ") THEN " + rule.violated() + " END", rule.message()));
            }
        }
        if (field.unique() != Field.Unique.NO) {
            rules.add(new Rule(
                    "EXISTS (SELECT 1 FROM " + TableSql.name(layout.table()) + " AS other WHERE other."
                            + TableSql.name(column.name()) + " = " + value + " AND other._rowid_ <> " + rowId + ")",
                    name + " must be unique, and another row has this value"));
        }
        return rules;
    }

    private static String allowedMessage(Field field, String name) {
        return name + " must be one of " + String.join(", ", field.allowed());
    }

    private static String texts(List<String> texts) {
        return texts.stream().map(TableSql::text).collect(Collectors.joining(", "));
    }

    /** The rules inside of an object or list that lies at a path of a JSON document. */
    private static List<Rule> structure(Field field, String document, String path, String name, int depth) {
        List<Rule> rules = new ArrayList<>();
        for (Field member : field.schema()) {
            String at = path + "." + member.name();
            String type = "json_type(" + document + ", '" + at + "')";
            String called = name + "." + member.name();
            if (member.required()) {
                rules.add(new Rule(
                        "json_type(" + document + ", '" + path + "') = 'object' AND coalesce(" + type
                                + ", 'null') = 'null'",
                        called + " is required"));
            }
            String value = "json_extract(" + document + ", '" + at + "')";
            rules.addAll(scalar(member, type, value, type + " <> 'null' AND ", called));
            rules.addAll(structure(member, document, at, called, depth));
        }
        Field items = field.items();
        if (items != null) {
            String each = "each" + depth;
            List<Rule> ofItem = new ArrayList<>(scalar(items, each + ".type", each + ".value", "", name + "[]"));
            if (!items.schema().isEmpty() || items.items() != null) {
                for (Rule rule : structure(items, each + ".value", "$", name + "[]", depth + 1)) {
                    ofItem.add(new Rule(
                            "CASE WHEN " + each + ".type IN ('object', 'array') THEN " + rule.violated() + " END",
                            rule.message()));
                }
            }
            String violated =
                    ofItem.stream().map(rule -> "(" + rule.violated() + ")").collect(Collectors.joining(" OR "));
            rules.add(new Rule(
                    "json_type(" + document + ", '" + path + "') = 'array' AND EXISTS (SELECT 1 FROM json_each("
                            + document + ", '" + path + "') AS " + each + " WHERE " + violated + ")",
                    "an item of " + name + " is not as the schema has it"));
        }
        return rules;
    }

    private static List<Rule> scalar(Field field, String type, String value, String given, String name) {
        List<Rule> rules = new ArrayList<>();
        rules.add(new Rule(
                given + type + " NOT IN (" + jsonTypes(field.type()) + ")",
                name + " must be of type " + field.type().schemaName()));
        if (field.type() == FieldType.DATE) {
            rules.add(new Rule(
                    given + value + " NOT GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]*'",
                    name + " must be a date as ISO 8601 has it"));
        }
        if (field.type() == FieldType.STRING && !field.allowed().isEmpty()) {
            rules.add(
                    new Rule(given + value + " NOT IN (" + texts(field.allowed()) + ")", allowedMessage(field, name)));
        }
        return rules;
    }

    private static String jsonTypes(FieldType type) {
        return switch (type) {
            case STRING, DATE, BUFFER -> "'text'";
            case NUMBER -> "'integer', 'real'";
            case BOOLEAN -> "'true', 'false'";
            case OBJECT -> "'object'";
            case ARRAY, SET -> "'array'";
        };
    }
}
