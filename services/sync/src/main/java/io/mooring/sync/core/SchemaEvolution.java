package io.mooring.sync.core;

import io.mooring.contracts.schema.FieldType;
import io.mooring.contracts.schema.SchemaProblem;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How one version of a schema becomes the next without losing what is stored.
 *
 * @param steps what to do to the tables, in order
 * @param problems what cannot be done; if there is any, nothing is
 * @param startsGoingDown whether devices are to be given rows that they were not given before
 */
public record SchemaEvolution(List<Step> steps, List<SchemaProblem> problems, boolean startsGoingDown) {
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

    private static final Set<FieldType> JSON = EnumSet.of(FieldType.OBJECT, FieldType.ARRAY, FieldType.SET);
    private static final Set<FieldType> WIDENS = EnumSet.of(FieldType.STRING, FieldType.NUMBER, FieldType.BOOLEAN);

    public SchemaEvolution {
        steps = List.copyOf(steps);
        problems = List.copyOf(problems);
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
                change(before, layout, isEmpty, steps, problems);
                startsGoingDown |= layout.model().sync().goesDown()
                        && !before.model().sync().goesDown();
            }
        }
        return new SchemaEvolution(steps, problems, startsGoingDown);
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
            List<SchemaProblem> problems) {
        List<Step> mild = new ArrayList<>();
        List<SchemaProblem> lossy = new ArrayList<>();
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
            }
        }
        for (TableLayout.Column column : after.columns()) {
            if (before.column(column.field().name()) == null) {
                mild.add(new AddColumn(after, column));
            }
        }
        if (lossy.isEmpty()) {
            steps.addAll(mild);
        } else if (isEmpty.test(before)) {
            steps.add(new DropTable(before));
            steps.add(new CreateTable(after));
        } else {
            problems.addAll(lossy);
        }
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
