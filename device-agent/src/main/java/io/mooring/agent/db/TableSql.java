package io.mooring.agent.db;

import io.mooring.agent.db.TableLayout.Column;
import io.mooring.contracts.schema.Field;
import io.mooring.contracts.schema.FieldType;
import io.mooring.contracts.schema.KeyTemplate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The SQL of a model's table and of the triggers that note what is written to it. The triggers use
 * nothing but SQLite's own functions (3.35 and up), so they run in whatever process writes.
 */
final class TableSql {
    /** Now, as the protocol writes a time. */
    static final String NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

    private static final String CAPTURING = "(SELECT applying FROM _capture) = 0";
    private static final String CROCKFORD = "'0123456789ABCDEFGHJKMNPQRSTVWXYZ'";
    private static final String NOW_MILLIS =
            "(CAST(strftime('%s', 'now') AS INTEGER) * 1000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER))";

    private TableSql() {}

    static String name(String name) {
        return '"' + name + '"';
    }

    static String text(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** The columns of a table and their declarations, in order. */
    static Map<String, String> columns(TableLayout layout) {
        Map<String, String> columns = new LinkedHashMap<>();
        columns.put(TableLayout.SORT_KEY, "TEXT PRIMARY KEY");
        for (Column column : layout.columns().values()) {
            columns.put(column.name(), declared(column.type()) + defaulted(column.field()));
        }
        layout.owners().keySet().forEach(owner -> columns.put(owner, "TEXT"));
        columns.put(TableLayout.UPDATED, "TEXT");
        columns.put(TableLayout.EXTRA, "TEXT");
        layout.computed().values().forEach(column -> columns.put(column.name(), computed(layout, column.field())));
        return columns;
    }

    static String createTable(TableLayout layout) {
        return columns(layout).entrySet().stream()
                .map(column -> name(column.getKey()) + " " + column.getValue())
                .collect(Collectors.joining(", ", "CREATE TABLE " + name(layout.table()) + " (", ")"));
    }

    private static String declared(FieldType type) {
        return switch (type) {
            case STRING, DATE -> "TEXT";
            // no REAL: a whole number must stay one, in keys above all
            case NUMBER -> "NUMERIC";
            case BOOLEAN -> "BOOLEAN";
            case OBJECT, ARRAY, SET, BUFFER -> "BLOB";
        };
    }

    private static String defaulted(Field field) {
        return switch (field.defaultValue()) {
            case null -> "";
            case Boolean flag -> flag ? " DEFAULT 1" : " DEFAULT 0";
            case Number number -> " DEFAULT " + number;
            case String text -> " DEFAULT " + text(text);
            case Object structure -> " DEFAULT " + text(Values.keyText(structure));
        };
    }

    /** The declaration of a computed field: SQLite makes it of the others whenever it is read. */
    static String computed(TableLayout layout, Field field) {
        return "TEXT GENERATED ALWAYS AS (" + computedValue(layout, field) + ") VIRTUAL";
    }

    private static String computedValue(TableLayout layout, Field field) {
        Field.Part part = field.encode();
        if (part == null) {
            return expand(layout, Objects.requireNonNull(field.value()));
        }
        String source = switch (part.attribute()) {
            case "sk" -> "sk";
            case "pk" -> "(" + expand(layout, layout.model().pk()) + ")";
            default -> keyPiece(layout, part.attribute());
        };
        // as a list of JSON: no text function of SQLite's counts separators
        return "nullif(json_extract('[' || replace(json_quote(" + source + "), " + text(part.separator())
                + ", '\",\"') || ']', '$[" + part.index() + "]'), '')";
    }

    /** The triggers of a table by name. */
    static Map<String, String> triggers(TableLayout layout) {
        Map<String, String> triggers = new LinkedHashMap<>();
        String prefix = "_" + layout.table();
        triggers.put(prefix + "_inserted", inserted(layout, prefix + "_inserted"));
        if (!layout.columns().isEmpty()) {
            triggers.put(prefix + "_updated", updated(layout, prefix + "_updated"));
        }
        triggers.put(prefix + "_rekeyed", rekeyed(layout, prefix + "_rekeyed"));
        triggers.put(prefix + "_deleted", deleted(layout, prefix + "_deleted"));
        triggers.put(prefix + "_timed", timed(layout, prefix + "_timed"));
        return triggers;
    }

    private static String inserted(TableLayout layout, String trigger) {
        String table = name(layout.table());
        String row = " WHERE _rowid_ = NEW._rowid_";
        StringBuilder body = new StringBuilder();
        body.append("UPDATE ")
                .append(table)
                .append(" SET ")
                .append(fillIns(layout))
                .append(row)
                .append("; ");
        List<String> needed = ownKeyColumns(layout);
        if (!needed.isEmpty()) {
            body.append("SELECT RAISE(ABORT, ")
                    .append(text(layout.table() + ": a row needs " + String.join(", ", needed) + ", its key"))
                    .append(") FROM ")
                    .append(table)
                    .append(row)
                    .append(" AND sk IS NULL AND (")
                    .append(needed.stream().map(n -> name(n) + " IS NULL").collect(Collectors.joining(" OR ")))
                    .append("); ");
        }
        String key = keyExpression(layout);
        body.append("UPDATE ")
                .append(table)
                .append(" SET sk = ")
                .append(key)
                .append(row)
                .append(" AND sk IS NULL; ");
        // INSERT OR IGNORE met a row of that key: its policy holds here too, so this one goes
        body.append("DELETE FROM ")
                .append(table)
                .append(row)
                .append(" AND sk IS NULL AND ")
                .append(key)
                .append(" IS NOT NULL; ");
        RuleSql.ofInsert(layout).forEach(rule -> body.append(rule.raise("FROM " + table + row + " AND ")));
        body.append("INSERT INTO _change (model, sk, op, at) SELECT ")
                .append(text(layout.model().name()))
                .append(", sk, 'I', updated FROM ")
                .append(table)
                .append(row)
                .append(" AND sk IS NOT NULL; ");
        return "CREATE TRIGGER " + name(trigger) + " AFTER INSERT ON " + table + " WHEN " + CAPTURING + " BEGIN " + body
                + "END";
    }

    private static String fillIns(TableLayout layout) {
        List<String> sets = new ArrayList<>();
        for (Column column : layout.columns().values()) {
            String made = switch (column.field().generate()) {
                case ULID -> ulid();
                case UUID -> uuid();
                case NONE -> null;
            };
            if (made != null) {
                sets.add(name(column.name()) + " = coalesce(" + name(column.name()) + ", " + made + ")");
            }
        }
        layout.owners().forEach((column, setting) -> {
            if (!setting.isEmpty()) {
                sets.add(name(column) + " = coalesce(" + name(column) + ", " + agent(setting) + ")");
            }
        });
        sets.add("updated = " + NOW);
        return String.join(", ", sets);
    }

    private static String agent(String name) {
        return "(SELECT value FROM _agent WHERE name = " + text(name) + ")";
    }

    private static String updated(TableLayout layout, String trigger) {
        String columns = layout.columns().values().stream()
                .map(column -> name(column.name()))
                .collect(Collectors.joining(", "));
        String changed = layout.columns().values().stream()
                .map(column -> "NEW." + name(column.name()) + " IS NOT OLD." + name(column.name()))
                .collect(Collectors.joining(" OR "));
        String names = layout.columns().values().stream()
                .map(column -> "CASE WHEN NEW." + name(column.name()) + " IS NOT OLD." + name(column.name()) + " THEN "
                        + text(column.field().name() + " ") + " ELSE '' END")
                .collect(Collectors.joining(" || "));
        // a row whose time is not set yet is still being inserted
        return "CREATE TRIGGER " + name(trigger) + " AFTER UPDATE OF " + columns + " ON " + name(layout.table())
                + " WHEN " + CAPTURING
                + " AND OLD.updated IS NOT NULL AND NEW.sk IS OLD.sk AND NEW.sk IS NOT NULL AND ("
                + changed + ") BEGIN "
                + RuleSql.ofUpdate(layout).stream()
                        .map(rule -> rule.raise("WHERE "))
                        .collect(Collectors.joining())
                + "UPDATE " + name(layout.table()) + " SET updated = " + NOW
                + " WHERE _rowid_ = NEW._rowid_; INSERT INTO _change (model, sk, op, fields, at) VALUES ("
                + text(layout.model().name()) + ", NEW.sk, 'U', " + names + ", " + NOW + "); END";
    }

    private static String rekeyed(TableLayout layout, String trigger) {
        String model = text(layout.model().name());
        return "CREATE TRIGGER " + name(trigger) + " AFTER UPDATE OF sk ON " + name(layout.table()) + " WHEN "
                + CAPTURING
                + " AND OLD.sk IS NOT NULL AND NEW.sk IS NOT OLD.sk BEGIN INSERT INTO _change (model, sk, op, at) VALUES ("
                + model + ", OLD.sk, 'D', " + NOW + "); INSERT INTO _change (model, sk, op, at) SELECT " + model
                + ", NEW.sk, 'I', " + NOW + " WHERE NEW.sk IS NOT NULL; END";
    }

    private static String deleted(TableLayout layout, String trigger) {
        return "CREATE TRIGGER " + name(trigger) + " AFTER DELETE ON " + name(layout.table()) + " WHEN " + CAPTURING
                + " AND OLD.sk IS NOT NULL BEGIN INSERT INTO _change (model, sk, op, at) VALUES ("
                + text(layout.model().name()) + ", OLD.sk, 'D', " + NOW + "); END";
    }

    /** A row always has a time: the trigger on updates takes one without for a row still being inserted. */
    private static String timed(TableLayout layout, String trigger) {
        return "CREATE TRIGGER " + name(trigger) + " AFTER UPDATE OF updated ON " + name(layout.table()) + " WHEN "
                + CAPTURING + " AND NEW.updated IS NULL BEGIN UPDATE " + name(layout.table()) + " SET updated = " + NOW
                + " WHERE _rowid_ = NEW._rowid_; END";
    }

    /** The columns a row's key is made of, without those of its owner, which are filled in. */
    private static List<String> ownKeyColumns(TableLayout layout) {
        return layout.model().sk().variables().stream()
                .filter(variable -> !TableLayout.isOwner(layout.model(), variable))
                .map(layout::keyColumn)
                .distinct()
                .toList();
    }

    /** The row's key as SQL over its columns; null where one is missing. */
    static String keyExpression(TableLayout layout) {
        return expand(layout, layout.model().sk());
    }

    private static String expand(TableLayout layout, KeyTemplate template) {
        List<String> pieces = new ArrayList<>();
        for (KeyTemplate.Part part : template.parts()) {
            pieces.add(
                    switch (part) {
                        case KeyTemplate.Text plain -> text(plain.text());
                        case KeyTemplate.Variable variable -> keyPiece(layout, variable.field());
                    });
        }
        return pieces.isEmpty() ? "''" : String.join(" || ", pieces);
    }

    private static String keyPiece(TableLayout layout, String field) {
        Column column = layout.columns().get(field);
        String name = name(layout.keyColumn(field));
        return column != null && column.type() == FieldType.BOOLEAN
                ? "CASE WHEN " + name + " IS NULL THEN NULL WHEN " + name + " THEN 'true' ELSE 'false' END"
                : name;
    }

    /** A ULID: 48 bits of time and 80 of chance in Crockford's base 32. */
    private static String ulid() {
        List<String> letters = new ArrayList<>();
        for (int shift = 45; shift >= 0; shift -= 5) {
            letters.add("substr(" + CROCKFORD + ", ((" + NOW_MILLIS + " >> " + shift + ") & 31) + 1, 1)");
        }
        for (int i = 0; i < 16; i++) {
            letters.add("substr(" + CROCKFORD + ", (random() & 31) + 1, 1)");
        }
        return "(" + String.join(" || ", letters) + ")";
    }

    private static String uuid() {
        return "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'"
                + " || substr('89AB', (random() & 3) + 1, 1) || substr(hex(randomblob(2)), 2) || '-'"
                + " || hex(randomblob(6)))";
    }
}
