package io.mooring.sync.db;

import io.mooring.contracts.schema.Field;
import io.mooring.contracts.schema.FieldType;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.FieldValues;
import io.mooring.sync.core.PlainValues;
import io.mooring.sync.core.TableLayout;
import io.mooring.sync.core.Value;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Writes the triggers of a cloud's tables, by which somebody who writes plain SQL takes part in sync: they make
 * keys, defaults and clocks, and turn deletions into graves. Who brings clocks of his own keeps them. The merging
 * service, which brings all there is to bring, is not asked row by row.
 */
final class TriggerDdl {
    /** The role of this service, see deploy/postgresql/bootstrap.sql. */
    private static final String SERVICE = "'mooring_sync'";

    private static final Set<FieldType> JSON = EnumSet.of(FieldType.OBJECT, FieldType.ARRAY, FieldType.SET);

    private final String schema;

    TriggerDdl(CloudSchema cloud) {
        this.schema = cloud.databaseSchema();
    }

    List<String> of(TableLayout layout) {
        String table = Sql.table(schema, layout.table());
        String write = function(layout, "write");
        String rise = function(layout, "rise");
        String delete = function(layout, "delete");
        String truncate = function(layout, "truncate");
        List<String> statements = new ArrayList<>(List.of(
                writeFunction(layout, write),
                "CREATE OR REPLACE TRIGGER mooring_write BEFORE INSERT ON " + table + " FOR EACH ROW"
                        + (layout.hasIdAlias() ? "" : " WHEN (NEW._clock IS NULL OR current_user <> " + SERVICE + ")")
                        + " EXECUTE FUNCTION " + write + "()",
                "CREATE OR REPLACE TRIGGER mooring_update BEFORE UPDATE ON " + table
                        + " FOR EACH ROW WHEN (current_user <> " + SERVICE + ") EXECUTE FUNCTION " + write + "()",
                riseFunction(layout, rise),
                "CREATE OR REPLACE TRIGGER mooring_rise AFTER INSERT ON " + table
                        + " REFERENCING NEW TABLE AS risen FOR EACH STATEMENT EXECUTE FUNCTION " + rise + "()",
                graveFunction(layout, delete, "gone"),
                "CREATE OR REPLACE TRIGGER mooring_delete AFTER DELETE ON " + table
                        + " REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION " + delete + "()",
                graveFunction(layout, truncate, table),
                "CREATE OR REPLACE TRIGGER mooring_truncate BEFORE TRUNCATE ON " + table
                        + " FOR EACH STATEMENT EXECUTE FUNCTION " + truncate + "()"));
        statements.addAll(computed(layout, table));
        return statements;
    }

    /** What a table that goes leaves behind. */
    List<String> drop(TableLayout layout) {
        return List.of(
                "DROP FUNCTION IF EXISTS " + function(layout, "write") + "()",
                "DROP FUNCTION IF EXISTS " + function(layout, "rise") + "()",
                "DROP FUNCTION IF EXISTS " + function(layout, "computed") + "()",
                "DROP FUNCTION IF EXISTS " + function(layout, "delete") + "()",
                "DROP FUNCTION IF EXISTS " + function(layout, "truncate") + "()");
    }

    private String function(TableLayout layout, String what) {
        return Sql.table(schema, "_" + layout.table() + "_" + what);
    }

    private String writeFunction(TableLayout layout, String name) {
        String owner = layout.ownerColumn();
        return """
                CREATE OR REPLACE FUNCTION %1$s() RETURNS trigger LANGUAGE plpgsql AS $f$
                DECLARE
                  clock text;
                  grave text;
                  written jsonb;
                BEGIN
                  IF TG_OP = 'INSERT' THEN
                    NEW._extra := coalesce(NEW._extra, '{}');
                %2$s
                    IF NEW._clock IS NULL THEN
                %3$s
                      SELECT t.clock INTO grave FROM %4$s t WHERE t.owner = %5$s AND t.model = %6$s AND t.sk = NEW.sk;
                      clock := %7$s._next_clock(grave);
                      NEW._clock := jsonb_build_object('*', clock);
                      IF grave IS NOT NULL THEN
                        NEW._clock := NEW._clock || jsonb_build_object('-', grave);
                      END IF;
                      NEW.updated := left(clock, 24)::timestamptz;
                    END IF;
                    RETURN NEW;
                  END IF;
                %8$s
                  IF NEW._clock IS DISTINCT FROM OLD._clock THEN
                    RETURN NEW;
                  END IF;
                %9$s
                  NEW.updated := OLD.updated;
                  IF written IS NOT NULL THEN
                    clock := %7$s._next_clock(%7$s._latest_clock(OLD._clock));
                    NEW._clock := OLD._clock || (SELECT jsonb_object_agg(w.key, clock) FROM jsonb_each(written) w);
                    NEW.updated := left(clock, 24)::timestamptz;
                  END IF;
                  RETURN NEW;
                END $f$""".formatted(
                        name,
                        alias(layout),
                        completion(layout),
                        Sql.table(schema, "_tombstone"),
                        owner == null ? "''" : "NEW." + owner,
                        Sql.text(layout.model().name()),
                        Sql.name(schema),
                        fixedKeys(layout),
                        changes(layout));
    }

    /**
     * A row that is there again leaves its grave, which it must have known of. Whoever digs one for a row that was not
     * there waits for those who are inserting it, and they for him (see {@link TombstoneStore#claim}).
     */
    private String riseFunction(TableLayout layout, String name) {
        String owner = layout.ownerColumn() == null ? "''" : "risen." + layout.ownerColumn();
        return """
                CREATE OR REPLACE FUNCTION %1$s() RETURNS trigger LANGUAGE plpgsql AS $f$
                DECLARE
                  unknown bigint;
                BEGIN
                  PERFORM pg_advisory_xact_lock_shared(hashtext(%5$s), spot)
                  FROM (SELECT DISTINCT %6$s AS spot FROM risen ORDER BY 1) AS spots;
                  WITH left_graves AS (
                    DELETE FROM %2$s grave USING risen
                    WHERE grave.owner = %3$s AND grave.model = %4$s AND grave.sk = risen.sk
                    RETURNING grave.clock > coalesce(risen._clock ->> '-', '') COLLATE "C" AS later)
                  SELECT count(*) INTO unknown FROM left_graves WHERE later;
                  IF unknown > 0 THEN
                    RAISE serialization_failure USING MESSAGE = 'a row was removed meanwhile';
                  END IF;
                  RETURN NULL;
                END $f$""".formatted(
                        name,
                        Sql.table(schema, "_tombstone"),
                        owner,
                        Sql.text(layout.model().name()),
                        Sql.text(schema),
                        TombstoneStore.spot(Sql.text(layout.model().name()), owner, "risen.sk"));
    }

    private static String alias(TableLayout layout) {
        return layout.hasIdAlias()
                ? "    NEW.device_id := coalesce(NEW.device_id, NEW.id);\n    NEW.id := NEW.device_id;"
                : "";
    }

    /** What an insert by plain SQL gets that it did not bring. */
    private String completion(TableLayout layout) {
        List<String> lines = new ArrayList<>();
        if (TableLayout.DEVICE_COLUMN.equals(layout.ownerColumn())) {
            lines.add("IF NEW.account_id IS NULL THEN NEW.account_id := " + Sql.name(schema)
                    + "._account_of(NEW.device_id); END IF;");
        }
        for (TableLayout.Column column : layout.columns()) {
            String value = absentValue(column.field());
            String target = "NEW." + Sql.name(column.name());
            if (!value.isEmpty()) {
                lines.add("IF " + target + " IS NULL THEN " + target + " := " + value + "; END IF;");
            }
            if (column.field().required()) {
                lines.add("IF " + target + " IS NULL THEN " + required(layout, column) + " END IF;");
            }
            lines.addAll(rules(layout, column));
        }
        lines.add("clock := " + KeySql.expand(layout, layout.model().sk(), "NEW.") + ";");
        lines.add("IF clock IS NULL THEN RAISE not_null_violation USING MESSAGE = "
                + Sql.text("the key of " + layout.model().name() + " is made of '"
                        + layout.model().sk().source() + "', of which a part is missing")
                + "; END IF;");
        lines.add("IF NEW.sk IS NOT NULL AND NEW.sk <> clock THEN RAISE check_violation USING MESSAGE = "
                + "'sk is made of the row''s fields and would be ' || clock; END IF;");
        lines.add("NEW.sk := clock;");
        return lines.stream().map(line -> "      " + line).collect(Collectors.joining("\n"));
    }

    private String absentValue(Field field) {
        if (field.generate() != Field.Generate.NONE) {
            return field.generate() == Field.Generate.ULID ? Sql.name(schema) + "._ulid()" : "gen_random_uuid()::text";
        }
        Value value = PlainValues.value(field.defaultValue());
        if (value == null || FieldValues.fit(field.type(), value).isEmpty()) {
            return "";
        }
        String text = JSON.contains(field.type()) ? value.json() : value.text();
        return Sql.fromText(field.type(), Sql.text(text));
    }

    private static String required(TableLayout layout, TableLayout.Column column) {
        return "RAISE not_null_violation USING MESSAGE = "
                + Sql.text(layout.model().name() + " needs a value for "
                        + column.field().name())
                + ";";
    }

    private static List<String> rules(TableLayout layout, TableLayout.Column column) {
        return RuleDdl.of(layout, column, "NEW." + Sql.name(column.name())).stream()
                .map(rule -> "IF " + rule.violated() + " THEN RAISE check_violation USING MESSAGE = "
                        + Sql.text(rule.message()) + "; END IF;")
                .toList();
    }

    /** Computed fields are made of a row as it is, whoever writes it; by name, the last of the triggers before a write. */
    private List<String> computed(TableLayout layout, String table) {
        String trigger = "mooring_write_computed";
        String drop = "DROP TRIGGER IF EXISTS " + trigger + " ON " + table;
        if (layout.computed().isEmpty()) {
            return List.of(drop);
        }
        String function = function(layout, "computed");
        String values = layout.computed().stream()
                .map(column -> "  NEW." + Sql.name(column.name()) + " := "
                        + KeySql.computed(layout, column.field(), "NEW.") + ";")
                .collect(Collectors.joining("\n"));
        return List.of(
                "CREATE OR REPLACE FUNCTION " + function + "() RETURNS trigger LANGUAGE plpgsql AS $f$\nBEGIN\n"
                        + values + "\n  RETURN NEW;\nEND $f$",
                "CREATE OR REPLACE TRIGGER " + trigger + " BEFORE INSERT OR UPDATE ON " + table
                        + " FOR EACH ROW EXECUTE FUNCTION " + function + "()");
    }

    private static String fixedKeys(TableLayout layout) {
        List<String> keys = new ArrayList<>(List.of("sk"));
        if (layout.ownerColumn() != null) {
            keys.add(layout.ownerColumn());
        }
        if (layout.hasIdAlias()) {
            keys.add("id");
        }
        layout.columns().stream().filter(TableLayout.Column::key).forEach(column -> keys.add(column.name()));
        return keys.stream()
                .map(key -> "  IF NEW." + Sql.name(key) + " IS DISTINCT FROM OLD." + Sql.name(key)
                        + " THEN RAISE check_violation USING MESSAGE = "
                        + Sql.text("a row keeps its " + key + ": delete it and insert another") + "; END IF;")
                .collect(Collectors.joining("\n"));
    }

    /** Collects the names of the fields that an update by plain SQL changes. */
    private static String changes(TableLayout layout) {
        List<String> lines = new ArrayList<>();
        for (TableLayout.Column column : layout.columns()) {
            if (column.key()) {
                continue;
            }
            String name = Sql.name(column.name());
            String field = Sql.text(column.field().name());
            lines.add("IF NEW." + name + " IS DISTINCT FROM OLD." + name + " THEN");
            lines.add("  written := coalesce(written, '{}') || jsonb_build_object(" + field + ", true);");
            lines.add("  NEW._extra := NEW._extra - " + field + ";"); // what did not fit the column is overwritten
            if (column.field().required()) {
                lines.add("  IF NEW." + name + " IS NULL THEN " + required(layout, column) + " END IF;");
            }
            if (column.field().readonly()) {
                lines.add("  IF OLD." + name + " IS NOT NULL THEN RAISE check_violation USING MESSAGE = "
                        + Sql.text(layout.model().name() + "." + column.field().name() + " keeps its first value")
                        + "; END IF;");
            }
            lines.addAll(rules(layout, column).stream().map(line -> "  " + line).toList());
            lines.add("END IF;");
        }
        lines.add("IF NEW._extra IS DISTINCT FROM OLD._extra THEN");
        lines.add("  written := coalesce(written, '{}') || coalesce((SELECT jsonb_object_agg(k, true)");
        lines.add("    FROM (SELECT jsonb_object_keys(NEW._extra || OLD._extra) AS k) keys");
        lines.add("    WHERE NEW._extra -> k IS DISTINCT FROM OLD._extra -> k), '{}');");
        lines.add("END IF;");
        return lines.stream().map(line -> "  " + line).collect(Collectors.joining("\n"));
    }

    /**
     * A grave for each row of {@code source} that has none, or only one older than the row. One of the row's very time is
     * the merging service's: a device removed what it had written in the same millisecond.
     */
    private String graveFunction(TableLayout layout, String name, String source) {
        String owner = layout.ownerColumn() == null ? "''" : "gone." + layout.ownerColumn();
        String account = TableLayout.DEVICE_COLUMN.equals(layout.ownerColumn())
                        || TableLayout.ACCOUNT_COLUMN.equals(layout.ownerColumn())
                ? "gone.account_id"
                : "NULL";
        return """
                CREATE OR REPLACE FUNCTION %1$s() RETURNS trigger LANGUAGE plpgsql AS $f$
                BEGIN
                  INSERT INTO %2$s (owner, model, sk, account_id, clock)
                  SELECT %3$s, %4$s, gone.sk, %5$s, %6$s._next_clock(%6$s._latest_clock(gone._clock))
                  FROM %7$s AS gone
                  WHERE NOT EXISTS (SELECT 1 FROM %2$s grave
                    WHERE grave.owner = %3$s AND grave.model = %4$s AND grave.sk = gone.sk
                      AND grave.clock >= %6$s._latest_clock(gone._clock) COLLATE "C")
                  ON CONFLICT (owner, model, sk) DO UPDATE SET clock = excluded.clock, buried = clock_timestamp();
                  RETURN NULL;
                END $f$""".formatted(
                        name,
                        Sql.table(schema, "_tombstone"),
                        owner,
                        Sql.text(layout.model().name()),
                        account,
                        Sql.name(schema),
                        source);
    }
}
