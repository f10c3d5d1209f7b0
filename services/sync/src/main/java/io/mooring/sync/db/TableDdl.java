package io.mooring.sync.db;

import io.mooring.contracts.schema.Field;
import io.mooring.contracts.schema.FieldType;
import io.mooring.sync.core.CloudSchema;
import io.mooring.sync.core.SchemaEvolution;
import io.mooring.sync.core.TableLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the DDL of a cloud's tables. Triggers are {@link TriggerDdl}'s. */
final class TableDdl {
    private final String schema;

    TableDdl(CloudSchema cloud) {
        this.schema = cloud.databaseSchema();
    }

    /** The table of graves and the functions that triggers share. */
    List<String> foundations(String cloud) {
        String tombstone = Sql.table(schema, "_tombstone");
        String deviceAccount = Sql.table(schema, "_account_of");
        return List.of(
                """
                CREATE TABLE IF NOT EXISTS %s (
                  owner text NOT NULL, model text NOT NULL, sk text NOT NULL,
                  account_id text, clock text COLLATE "C" NOT NULL,
                  PRIMARY KEY (owner, model, sk))""".formatted(tombstone),
                "ALTER TABLE %s ADD COLUMN IF NOT EXISTS buried timestamptz NOT NULL DEFAULT clock_timestamp()"
                        .formatted(tombstone),
                "COMMENT ON TABLE %s IS 'Removed rows and when, so that devices learn of it. Kept by triggers.'"
                        .formatted(tombstone),
                nextClock(),
                """
                CREATE OR REPLACE FUNCTION %s(clock jsonb) RETURNS text
                LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
                $f$ SELECT max(value COLLATE "C") FROM jsonb_each_text(clock) $f$""".formatted(Sql.table(schema, "_latest_clock")),
                ulid(),
                """
                CREATE OR REPLACE FUNCTION %s(text) RETURNS text
                LANGUAGE sql STABLE STRICT SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
                $f$ SELECT account FROM sync.device WHERE id = $1 AND cloud = %s $f$""".formatted(deviceAccount, Sql.text(cloud)));
    }

    /** A clock for a writer who knows nothing of clocks: now, or just above {@code floor} if that is later. */
    private String nextClock() {
        return """
                CREATE OR REPLACE FUNCTION %s(floor text) RETURNS text LANGUAGE plpgsql VOLATILE AS $f$
                DECLARE
                  iso constant text := 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"';
                  clock text := to_char(clock_timestamp() AT TIME ZONE 'UTC', iso) || '-0000-cloud';
                  counter int;
                BEGIN
                  IF floor IS NULL OR clock > floor COLLATE "C" THEN
                    RETURN clock;
                  END IF;
                  counter := ('x' || lpad(substr(floor, 26, 4), 8, '0'))::bit(32)::int;
                  IF counter < 65535 THEN
                    RETURN left(floor, 25) || lpad(to_hex(counter + 1), 4, '0') || '-cloud';
                  END IF;
                  RETURN to_char((left(floor, 24)::timestamptz + interval '1 millisecond') AT TIME ZONE 'UTC', iso)
                    || '-0000-cloud';
                END $f$""".formatted(Sql.table(schema, "_next_clock"));
    }

    private String ulid() {
        return """
                CREATE OR REPLACE FUNCTION %s() RETURNS text LANGUAGE plpgsql VOLATILE AS $f$
                DECLARE
                  digits constant text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
                  millis bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
                  random bytea := uuid_send(gen_random_uuid());
                  ulid text := '';
                BEGIN
                  FOR i IN REVERSE 9..0 LOOP
                    ulid := ulid || substr(digits, ((millis >> (5 * i)) & 31)::int + 1, 1);
                  END LOOP;
                  FOR i IN 0..15 LOOP
                    ulid := ulid || substr(digits, (get_byte(random, i) & 31) + 1, 1);
                  END LOOP;
                  RETURN ulid;
                END $f$""".formatted(Sql.table(schema, "_ulid"));
    }

    /** What a step does to the tables. */
    List<String> of(SchemaEvolution.Step step) {
        return switch (step) {
            case SchemaEvolution.CreateTable create -> create(create.layout());
            case SchemaEvolution.DropTable drop ->
                List.of(
                        "DROP TABLE " + Sql.table(schema, drop.layout().table()),
                        "DELETE FROM " + Sql.table(schema, "_tombstone") + " WHERE model = "
                                + Sql.text(drop.layout().model().name()));
            case SchemaEvolution.AddColumn add -> add(add.layout(), add.column());
            case SchemaEvolution.WidenToJson widen -> widen(widen.layout(), widen.column());
            case SchemaEvolution.DropComputed gone ->
                List.of("ALTER TABLE " + Sql.table(schema, gone.layout().table()) + " DROP COLUMN IF EXISTS "
                        + Sql.name(gone.column().name()));
            case SchemaEvolution.Compute compute -> compute(compute.layout(), compute.column());
            case SchemaEvolution.Unique unique -> unique(unique.layout(), unique.column());
            case SchemaEvolution.Expiry expiry -> expiry(expiry.layout());
        };
    }

    private List<String> create(TableLayout layout) {
        List<String> columns = new ArrayList<>();
        List<String> key = new ArrayList<>();
        String owner = layout.ownerColumn();
        if (owner != null) {
            columns.add(owner + " text NOT NULL");
            key.add(owner);
            if (owner.equals(TableLayout.DEVICE_COLUMN)) {
                columns.add(TableLayout.ACCOUNT_COLUMN + " text");
            }
        }
        columns.add("sk text NOT NULL");
        key.add("sk");
        if (layout.hasIdAlias()) {
            columns.add("id text");
        }
        for (TableLayout.Column column : layout.columns()) {
            columns.add(Sql.name(column.name()) + " " + Sql.type(column.type()));
        }
        for (TableLayout.Column column : layout.computed()) {
            columns.add(Sql.name(column.name()) + " text");
        }
        columns.add("updated timestamptz(3) NOT NULL");
        columns.add("_clock jsonb NOT NULL");
        columns.add("_extra jsonb NOT NULL DEFAULT '{}'");
        columns.add("PRIMARY KEY (" + String.join(", ", key) + ")");
        String table = Sql.table(schema, layout.table());
        List<String> statements = new ArrayList<>();
        statements.add("CREATE TABLE " + table + " (\n  " + String.join(",\n  ", columns) + ")");
        statements.add("COMMENT ON TABLE " + table + " IS "
                + Sql.text("Model " + layout.model().name() + ". Write the fields; keys, updated, _clock and"
                        + " _extra are kept by triggers."));
        layout.unique().forEach(column -> statements.addAll(unique(layout, column)));
        statements.addAll(expiry(layout));
        return statements;
    }

    /**
     * Brings the constraint of a column to what the schema says. It is deferrable, so that the rows of one statement
     * may hand a value over from one to the other.
     */
    private List<String> unique(TableLayout layout, TableLayout.Column column) {
        String table = Sql.table(schema, layout.table());
        String name = Sql.nameOf(layout, column, "unique");
        List<String> statements = new ArrayList<>();
        statements.add("ALTER TABLE " + table + " DROP CONSTRAINT IF EXISTS " + name);
        Field.Unique scope = column.field().unique();
        if (scope != Field.Unique.NO) {
            String owner =
                    scope == Field.Unique.OWNER && layout.ownerColumn() != null ? layout.ownerColumn() + ", " : "";
            statements.add("ALTER TABLE " + table + " ADD CONSTRAINT " + name + " UNIQUE (" + owner
                    + Sql.name(column.name()) + ") DEFERRABLE INITIALLY IMMEDIATE");
        }
        return statements;
    }

    /** The index by which expired rows are found. */
    private List<String> expiry(TableLayout layout) {
        String index = "_" + layout.table() + "_expiry";
        List<String> statements = new ArrayList<>();
        statements.add("DROP INDEX IF EXISTS " + Sql.table(schema, index));
        TableLayout.Column column = layout.expiry();
        if (column != null) {
            String name = Sql.name(column.name());
            statements.add("CREATE INDEX " + Sql.name(index) + " ON " + Sql.table(schema, layout.table()) + " (" + name
                    + ") WHERE " + name + " IS NOT NULL");
        }
        return statements;
    }

    /** Gives rows the value of a field that is new, or computed in a new way. */
    private List<String> compute(TableLayout layout, TableLayout.Column column) {
        String table = Sql.table(schema, layout.table());
        String name = Sql.name(column.name());
        return List.of(
                "ALTER TABLE " + table + " ADD COLUMN IF NOT EXISTS " + name + " text",
                "ALTER TABLE " + table + " DISABLE TRIGGER USER",
                "UPDATE " + table + " SET " + name + " = " + KeySql.computed(layout, column.field(), "")
                        + ", _extra = _extra - " + Sql.text(column.field().name()),
                "ALTER TABLE " + table + " ENABLE TRIGGER USER");
    }

    private List<String> add(TableLayout layout, TableLayout.Column column) {
        String table = Sql.table(schema, layout.table());
        String name = Sql.name(column.name());
        List<String> statements = new ArrayList<>();
        statements.add("ALTER TABLE " + table + " ADD COLUMN " + name + " " + Sql.type(column.type()));
        String field = Sql.text(column.field().name());
        String fits = whatFits(column.type(), "_extra -> " + field);
        if (fits != null) {
            String value = column.type() == FieldType.STRING
                            || column.type() == FieldType.NUMBER
                            || column.type() == FieldType.BOOLEAN
                    ? Sql.fromText(column.type(), "(_extra ->> " + field + ")")
                    : "_extra -> " + field;
            statements.add("ALTER TABLE " + table + " DISABLE TRIGGER USER");
            statements.add("UPDATE " + table + " SET " + name + " = " + value + ", _extra = _extra - " + field
                    + " WHERE _extra ? " + field + " AND " + fits);
            statements.add("ALTER TABLE " + table + " ENABLE TRIGGER USER");
        }
        return statements;
    }

    /**
     * Whether a value kept beside the columns may move into one of a type. Null for types of which SQL cannot tell
     * safely: their values stay where they are, where the service reads them as well.
     */
    private static @Nullable String whatFits(FieldType type, String value) {
        return switch (type) {
            case STRING -> "jsonb_typeof(" + value + ") = 'string'";
            case BOOLEAN -> "jsonb_typeof(" + value + ") = 'boolean'";
            case NUMBER ->
                "CASE WHEN jsonb_typeof(" + value + ") = 'number' THEN abs((" + value
                        + ")::numeric) < 9007199254740992 ELSE false END";
            case OBJECT, ARRAY, SET -> "true";
            case DATE, BUFFER -> null;
        };
    }

    private List<String> widen(TableLayout layout, TableLayout.Column column) {
        String name = Sql.name(column.name());
        return List.of("ALTER TABLE " + Sql.table(schema, layout.table()) + " ALTER COLUMN " + name
                + " TYPE jsonb USING to_jsonb(" + name + ")");
    }
}
