package io.mooring.sync.core;

import io.mooring.contracts.schema.SchemaException;
import io.mooring.contracts.schema.SchemaProblem;
import io.mooring.contracts.schema.SyncSchema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A cloud's schema as sync uses it: its own models, the models every cloud has, and their tables.
 *
 * @param cloud the cloud
 * @param version which of its versions, from 1
 * @param layouts the tables by model
 */
public record CloudSchema(String cloud, int version, Map<String, TableLayout> layouts) {
    private static final Pattern CLOUD_NAME = Pattern.compile("[a-z][a-z0-9_]{0,40}");
    private static final Pattern PRODUCT = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,63}");

    /** PostgreSQL cuts names at 63 bytes; functions and triggers of a table add to its name. */
    private static final int MAX_TABLE_NAME = 52;

    private static final int MAX_COLUMN_NAME = 63;
    private static final Set<String> TAKEN_COLUMNS =
            Set.of("sk", "updated", "ctid", "xmin", "xmax", "cmin", "cmax", "tableoid");

    public CloudSchema {
        layouts = Collections.unmodifiableMap(new LinkedHashMap<>(layouts));
    }

    /** Whether a cloud may have this name, which also names its database schema. */
    public static boolean isCloudName(String name) {
        return CLOUD_NAME.matcher(name).matches();
    }

    /** Whether this can be a product's id. */
    public static boolean isProduct(String name) {
        return PRODUCT.matcher(name).matches();
    }

    /**
     * Makes a cloud's schema of what its owner and its products gave; {@link SchemaMerge} says how.
     *
     * @throws SchemaException if the tables cannot be, with every problem found
     */
    public static CloudSchema compile(
            String cloud, int version, SyncSchema core, SyncSchema own, SortedMap<String, SyncSchema> products) {
        Map<String, TableLayout> layouts = new LinkedHashMap<>();
        SchemaMerge.merge(core, own, products).forEach((name, model) -> layouts.put(name, TableLayout.of(model)));
        List<SchemaProblem> problems = problems(layouts);
        if (!problems.isEmpty()) {
            throw new SchemaException(problems);
        }
        return new CloudSchema(cloud, version, layouts);
    }

    private static List<SchemaProblem> problems(Map<String, TableLayout> layouts) {
        List<SchemaProblem> problems = new ArrayList<>();
        Map<String, String> tables = new HashMap<>();
        layouts.forEach((name, layout) -> {
            String path = "models." + name;
            String taken = tables.put(layout.table(), name);
            if (taken != null) {
                problems.add(new SchemaProblem(
                        path, "name-collision", "its table would be '" + layout.table() + "', as that of " + taken));
            }
            if (layout.table().length() > MAX_TABLE_NAME) {
                problems.add(new SchemaProblem(
                        path, "name-too-long", "the table's name may have " + MAX_TABLE_NAME + " characters"));
            }
            columnProblems(path, layout, problems);
        });
        return problems;
    }

    private static void columnProblems(String path, TableLayout layout, List<SchemaProblem> problems) {
        Map<String, String> columns = new HashMap<>();
        if (layout.ownerColumn() != null) {
            columns.put(layout.ownerColumn(), "the owner");
        }
        if (layout.ownerColumn() != null && layout.ownerColumn().equals(TableLayout.DEVICE_COLUMN)) {
            columns.put(TableLayout.ACCOUNT_COLUMN, "the owner's account");
        }
        List<TableLayout.Column> all = new ArrayList<>(layout.columns());
        all.addAll(layout.computed());
        for (TableLayout.Column column : all) {
            String at = path + "." + column.field().name();
            if (TAKEN_COLUMNS.contains(column.name())) {
                problems.add(new SchemaProblem(at, "reserved-name", "'" + column.name() + "' is no column's name"));
            }
            if (column.name().length() > MAX_COLUMN_NAME) {
                problems.add(new SchemaProblem(at, "name-too-long", "its column's name would be too long"));
            }
            String taken = columns.put(column.name(), column.field().name());
            if (taken != null) {
                problems.add(new SchemaProblem(
                        at, "name-collision", "its column would be '" + column.name() + "', as that of " + taken));
            }
        }
    }

    public @Nullable TableLayout layout(String model) {
        return layouts.get(model);
    }

    /** The layout of a table's name in the cloud's database schema, or null if no model has it. */
    public @Nullable TableLayout layoutOfTable(String table) {
        for (TableLayout layout : layouts.values()) {
            if (layout.table().equals(table)) {
                return layout;
            }
        }
        return null;
    }

    /** The cloud's schema in the database. */
    public String databaseSchema() {
        return "cloud_" + cloud;
    }
}
