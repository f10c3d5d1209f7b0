package io.mooring.sync.core;

import io.mooring.contracts.schema.Field;
import io.mooring.contracts.schema.FieldType;
import io.mooring.contracts.schema.SchemaProblem;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How one version of a schema becomes the next without losing what is stored.
 *
 * @param steps what to do to the tables, in order
 * @param problems what cannot be done; if there is any, nothing is
 * @param tightened rules that rows already there may break; if any does, nothing is done
 * @param startsGoingDown whether devices are to be given rows that they were not given before
 */
public record SchemaEvolution(
        List<Step> steps, List<SchemaProblem> problems, List<Tightened> tightened, boolean startsGoingDown) {
    /** One change of the tables. */
    public sealed interface Step {}

    /** A new table. */
    public record CreateTable(TableLayout layout) implements Step {}

    /** A table goes. It holds nothing. */
    public record DropTable(TableLayout layout) implements Step {}

    /** A new column; what rows have under its name already moves into it. */
    public record AddColumn(TableLayout layout, TableLayout.Column column) implements Step {}

    /** A column comes to hold any JSON. */
    public record WidenToJson(TableLayout layout, TableLayout.Column column) implements Step {}

    /** A column that is computed goes. */
    public record DropComputed(TableLayout layout, TableLayout.Column column) implements Step {}

    /** A column's values are computed, of a new one or in a new way. */
    public record Compute(TableLayout layout, TableLayout.Column column) implements Step {}

    /** A column's values become unique, or no longer are. */
    public record Unique(TableLayout layout, TableLayout.Column column) implements Step {}

    /** Rows expire by another column, or no longer do. */
    public record Expiry(TableLayout layout) implements Step {}

    /** Rules that become stricter. */
    public enum Rule {
        REQUIRED,
        ENUM,
        UNIQUE,
        STRUCTURE
    }

    /**
     * A rule that rows there are may break.
     *
     * @param layout the table as it will be
     */
    public record Tightened(TableLayout layout, TableLayout.Column column, Rule rule) {}

    private static final Set<FieldType> JSON = EnumSet.of(FieldType.OBJECT, FieldType.ARRAY, FieldType.SET);
    private static final Set<FieldType> WIDENS = EnumSet.of(FieldType.STRING, FieldType.NUMBER, FieldType.BOOLEAN);

    public SchemaEvolution {
        steps = List.copyOf(steps);
        problems = List.copyOf(problems);
        tightened = List.copyOf(tightened);
    }

    /**
     * Decides.
     *
     * @param old the version in force, or null if the cloud is new
     * @param isEmpty whether a table, of the version in force, holds nothing: then anything goes
     */
    public static SchemaEvolution between(@Nullable CloudSchema old, CloudSchema next, Predicate<TableLayout> isEmpty) {
        List<Step> steps = new ArrayList<>();
        List<SchemaProblem> problems = new ArrayList<>();
        List<Tightened> tightened = new ArrayList<>();
        boolean startsGoingDown = false;
        if (old != null) {
            for (TableLayout gone : old.layouts().values()) {
                if (next.layout(gone.model().name()) == null) {
                    remove(gone, isEmpty, steps, problems);
                }
            }
        }
        for (TableLayout layout : next.layouts().values()) {
            TableLayout before = old == null ? null : old.layout(layout.model().name());
            if (before == null) {
                steps.add(new CreateTable(layout));
            } else {
                change(before, layout, isEmpty, steps, problems, tightened);
                startsGoingDown |= layout.model().sync().goesDown()
                        && !before.model().sync().goesDown();
            }
        }
        return new SchemaEvolution(steps, problems, tightened, startsGoingDown);
    }

    private static void remove(
            TableLayout gone, Predicate<TableLayout> isEmpty, List<Step> steps, List<SchemaProblem> problems) {
        if (isEmpty.test(gone)) {
            steps.add(new DropTable(gone));
        } else {
            problems.add(new SchemaProblem(
                    "models." + gone.model().name(),
                    "model-removed",
                    "has rows, which would be lost: delete them first, or keep it with sync: 'none'"));
        }
    }

    private static void change(
            TableLayout before,
            TableLayout after,
            Predicate<TableLayout> isEmpty,
            List<Step> steps,
            List<SchemaProblem> problems,
            List<Tightened> tightened) {
        List<Step> mild = new ArrayList<>();
        List<SchemaProblem> lossy = new ArrayList<>();
        List<Tightened> stricter = new ArrayList<>();
        for (TableLayout.Column column : before.computed()) {
            if (after.computed(column.field().name()) == null) {
                mild.add(new DropComputed(before, column));
            }
        }
        String path = "models." + after.model().name();
        if (before.scope() != after.scope()) {
            lossy.add(new SchemaProblem(path, "scope-changed", "its rows belong to others already"));
        }
        if (!before.model().sk().equals(after.model().sk())) {
            lossy.add(new SchemaProblem(
                    path + ".sk",
                    "key-changed",
                    "names rows already by '" + before.model().sk().source() + "'"));
        }
        for (TableLayout.Column column : before.columns()) {
            String field = column.field().name();
            TableLayout.Column now = after.column(field);
            if (now == null) {
                lossy.add(new SchemaProblem(
                        path + "." + field, "field-removed", "its values would be lost; keep it, hidden if need be"));
            } else {
                retype(path + "." + field, column, now, after, mild, lossy);
                tighten(after, column.field(), now, mild, stricter);
            }
        }
        for (TableLayout.Column column : after.columns()) {
            if (before.column(column.field().name()) == null) {
                add(path, after, column, mild, lossy);
            }
        }
        for (TableLayout.Column column : after.computed()) {
            TableLayout.Column was = before.computed(column.field().name());
            if (was == null || !sameSource(was.field(), column.field())) {
                mild.add(new Compute(after, column));
            }
        }
        if (!expiryField(before).equals(expiryField(after))) {
            mild.add(new Expiry(after));
        }
        if (lossy.isEmpty()) {
            steps.addAll(mild);
            tightened.addAll(stricter);
        } else if (isEmpty.test(before)) {
            steps.add(new DropTable(before));
            steps.add(new CreateTable(after));
        } else {
            problems.addAll(lossy);
        }
    }

    private static void add(
            String path, TableLayout after, TableLayout.Column column, List<Step> mild, List<SchemaProblem> lossy) {
        Field field = column.field();
        mild.add(new AddColumn(after, column));
        if (field.unique() != Field.Unique.NO) {
            mild.add(new Unique(after, column));
        }
        if (field.required() && field.defaultValue() == null && field.generate() == Field.Generate.NONE) {
            lossy.add(new SchemaProblem(
                    path + "." + field.name() + ".required",
                    "required-without-default",
                    "rows there are, and devices with the earlier schema, have no value for it: give it a default"));
        }
    }

    /** Rules that were not there before may be broken by rows that are. */
    private static void tighten(
            TableLayout after, Field was, TableLayout.Column now, List<Step> mild, List<Tightened> stricter) {
        Field is = now.field();
        if (is.required() && !was.required() && is.defaultValue() == null) {
            stricter.add(new Tightened(after, now, Rule.REQUIRED));
        }
        boolean sameType = is.type() == was.type();
        if (sameType
                && !is.allowed().isEmpty()
                && (was.allowed().isEmpty() || !is.allowed().containsAll(was.allowed()))) {
            stricter.add(new Tightened(after, now, Rule.ENUM));
        }
        boolean structured = !is.schema().isEmpty() || is.items() != null;
        if (sameType && structured && !sameStructure(is, was)) {
            stricter.add(new Tightened(after, now, Rule.STRUCTURE));
        }
        if (is.unique() != was.unique()) {
            mild.add(new Unique(after, now));
            if (is.unique() != Field.Unique.NO) {
                stricter.add(new Tightened(after, now, Rule.UNIQUE));
            }
        }
    }

    private static boolean sameStructure(Field a, Field b) {
        return a.schema().equals(b.schema()) && Objects.equals(a.items(), b.items());
    }

    private static boolean sameSource(Field a, Field b) {
        return Objects.equals(a.value(), b.value()) && Objects.equals(a.encode(), b.encode());
    }

    private static String expiryField(TableLayout layout) {
        return layout.model().ttl().map(Field::name).orElse("");
    }

    private static void retype(
            String path,
            TableLayout.Column before,
            TableLayout.Column now,
            TableLayout after,
            List<Step> mild,
            List<SchemaProblem> lossy) {
        if (before.type() == now.type() || (JSON.contains(before.type()) && JSON.contains(now.type()))) {
            return;
        }
        if (WIDENS.contains(before.type()) && JSON.contains(now.type()) && !now.key()) {
            mild.add(new WidenToJson(after, now));
            return;
        }
        lossy.add(new SchemaProblem(
                path + ".type",
                "type-changed",
                "is " + before.type().schemaName() + " with values that "
                        + now.type().schemaName()
                        + " cannot hold; only string, number and boolean can become object, array or set"));
    }
}
