package io.mooring.sync.db;

import io.mooring.contracts.schema.FieldType;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.TableLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Writes the triggers by which each version of a row is kept, where the schema asks for it: after each statement, for all its
 * rows at once, whoever wrote them. Writers can neither switch them off nor change what they noted.
 */
final class HistoryDdl {
    /** PostgreSQL's functions take 100 arguments. */
    private static final int MOST_PAIRS = 45;

    private static final List<String> EVENTS = List.of("insert", "update", "delete", "truncate");

    private final String cloud;
    private final String schema;

    HistoryDdl(CloudSchema cloud) {
        this.cloud = cloud.cloud();
        this.schema = cloud.databaseSchema();
    }

    /** The view by which applications read it. */
    List<String> foundations() {
        String view = Sql.table(schema, "_history");
        return List.of(
                """
                CREATE OR REPLACE FUNCTION %s(now jsonb, before jsonb) RETURNS jsonb
                LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
                $f$ SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(now)
                    WHERE value IS DISTINCT FROM before -> key $f$""".formatted(Sql.table(schema, "_changed")),
                "CREATE OR REPLACE VIEW " + view
                        + " AS SELECT id, at, model, owner, sk, op, role, clocks, before, after"
                        + " FROM sync.row_history WHERE cloud = " + Sql.text(cloud),
                "REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON " + view + " FROM mooring_app",
                "COMMENT ON VIEW " + view + " IS 'Versions of rows, of models whose schema says history: true.'");
    }

    List<String> of(TableLayout layout) {
        return layout.model().history() ? triggers(layout) : drop(layout, true);
    }

    /** What a table that goes leaves behind. */
    List<String> drop(TableLayout layout) {
        return drop(layout, false);
    }

    private List<String> drop(TableLayout layout, boolean tableStays) {
        List<String> statements = new ArrayList<>();
        for (String event : EVENTS) {
            if (tableStays) {
                statements.add(
                        "DROP TRIGGER IF EXISTS mooring_" + event + "_history ON " + Sql.table(schema, layout.table()));
            }
            statements.add("DROP FUNCTION IF EXISTS " + function(layout, event) + "()");
        }
        return statements;
    }

    /** Short, since names of tables may be long. */
    private String function(TableLayout layout, String event) {
        return Sql.table(schema, "_" + layout.table() + "_kept_" + event.charAt(0));
    }

    private List<String> triggers(TableLayout layout) {
        String table = Sql.table(schema, layout.table());
        List<String> statements = new ArrayList<>();
        add(statements, layout, "insert", "AFTER INSERT", "NEW TABLE AS n", inserted(layout));
        add(statements, layout, "update", "AFTER UPDATE", "OLD TABLE AS o NEW TABLE AS n", updated(layout));
        add(statements, layout, "delete", "AFTER DELETE", "OLD TABLE AS o", deleted(layout, "o"));
        add(statements, layout, "truncate", "BEFORE TRUNCATE", "", deleted(layout, table + " AS o"));
        return statements;
    }

    /** After those by which graves are dug, by the order of names. */
    private void add(
            List<String> statements, TableLayout layout, String event, String when, String tables, String select) {
        String function = function(layout, event);
        statements.add("""
                CREATE OR REPLACE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql
                SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $f$
                BEGIN
                  INSERT INTO sync.row_history (cloud, model, owner, sk, op, role, clocks, before, after)
                  %s;
                  RETURN NULL;
                END $f$""".formatted(function, select));
        statements.add("CREATE OR REPLACE TRIGGER mooring_" + event + "_history " + when + " ON "
                + Sql.table(schema, layout.table()) + (tables.isEmpty() ? "" : " REFERENCING " + tables)
                + " FOR EACH STATEMENT EXECUTE FUNCTION " + function + "()");
    }

    private String inserted(TableLayout layout) {
        return "SELECT " + head(layout, "n", "insert") + ", n._clock, NULL, jsonb_strip_nulls(" + values(layout, "n")
                + ") FROM n";
    }

    private String updated(TableLayout layout) {
        String changed = Sql.table(schema, "_changed");
        String owner = layout.ownerColumn();
        String join = owner == null ? "" : "n." + owner + " = o." + owner + " AND ";
        return "SELECT " + head(layout, "n", "update")
                + ", %1$s(n._clock, o._clock), %1$s(v.before, v.after), %1$s(v.after, v.before) FROM n JOIN o ON %2$sn.sk = o.sk"
                        .formatted(changed, join)
                + " CROSS JOIN LATERAL (SELECT " + values(layout, "o") + " AS before, " + values(layout, "n")
                + " AS after) AS v WHERE v.before <> v.after OR n._clock <> o._clock";
    }

    private String deleted(TableLayout layout, String source) {
        String owner = layout.ownerColumn() == null ? "''" : "o." + layout.ownerColumn();
        return "SELECT " + head(layout, "o", "delete") + ", jsonb_strip_nulls(jsonb_build_object('-', g.clock)), "
                + "jsonb_strip_nulls(" + values(layout, "o") + "), NULL FROM " + source + " LEFT JOIN "
                + Sql.table(schema, "_tombstone") + " AS g ON g.owner = " + owner + " AND g.model = "
                + Sql.text(layout.model().name()) + " AND g.sk = o.sk";
    }

    private String head(TableLayout layout, String row, String op) {
        String owner = layout.ownerColumn() == null ? "''" : row + "." + layout.ownerColumn();
        return Sql.text(cloud) + ", " + Sql.text(layout.model().name()) + ", " + owner + ", " + row + ".sk, '" + op
                + "', session_user";
    }

    /** A row's fields as JSON. */
    private static String values(TableLayout layout, String row) {
        List<String> objects = new ArrayList<>();
        List<TableLayout.Column> columns = layout.columns();
        for (int from = 0; from < columns.size(); from += MOST_PAIRS) {
            objects.add(columns.subList(from, Math.min(columns.size(), from + MOST_PAIRS)).stream()
                    .map(column -> Sql.text(column.field().name()) + ", " + value(column, row))
                    .collect(Collectors.joining(", ", "jsonb_build_object(", ")")));
        }
        objects.add(row + "._extra");
        return "(" + String.join(" || ", objects) + ")";
    }

    private static String value(TableLayout.Column column, String row) {
        String cell = row + "." + Sql.name(column.name());
        if (column.type() == FieldType.DATE) {
            return "to_char(" + cell + " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')";
        }
        return column.type() == FieldType.BUFFER ? "replace(encode(" + cell + ", 'base64'), E'\\n', '')" : cell;
    }
}
