package io.mooring.sync.core;

import io.mooring.contracts.schema.Direction;
import io.mooring.contracts.schema.Field;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.schema.SchemaException;
import io.mooring.contracts.schema.SchemaProblem;
import io.mooring.contracts.schema.SyncSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Makes one schema of a cloud's own and those of its products, which share its tables. A product may bring models of
 * its own, and fields to models there are; where two define the same, they must define it alike.
 */
public final class SchemaMerge {
    private static final String CLOUD = "the cloud's own schema";

    private final Map<String, Model> models;
    private final Map<String, String> definedBy = new HashMap<>();
    private final List<SchemaProblem> problems = new ArrayList<>();

    private SchemaMerge(Map<String, Model> models) {
        this.models = models;
    }

    /**
     * Merges.
     *
     * @param core the models every cloud has; fields of theirs that {@code own} leaves out stay
     * @param own the cloud's own, which may redefine what the core says
     * @param products what products bring, by their names
     * @throws SchemaException if products define something in two ways; it names each place, and both
     */
    public static Map<String, Model> merge(SyncSchema core, SyncSchema own, SortedMap<String, SyncSchema> products) {
        Map<String, Model> models = new LinkedHashMap<>(core.models());
        own.models().forEach((name, model) -> models.merge(name, model, SchemaMerge::redefined));
        SchemaMerge merge = new SchemaMerge(models);
        products.forEach((product, schema) -> schema.models().values().forEach(model -> merge.add(product, model)));
        if (!merge.problems.isEmpty()) {
            throw new SchemaException(merge.problems);
        }
        return merge.models;
    }

    private static Model redefined(Model core, Model own) {
        Map<String, Field> fields = new LinkedHashMap<>(core.fields());
        fields.putAll(own.fields());
        return new Model(own.name(), fields, own.pk(), own.sk(), own.sync(), own.scope(), own.history());
    }

    private void add(String product, Model model) {
        String path = "models." + model.name();
        Model there = models.putIfAbsent(model.name(), model);
        if (there == null) {
            definedBy.put(path, product);
            return;
        }
        boolean samePk = model.pk().parts().isEmpty() || model.pk().equals(there.pk());
        check(
                samePk,
                path,
                ".pk",
                product,
                "its partition key is '" + there.pk().source() + "'");
        check(
                model.sk().equals(there.sk()),
                path,
                ".sk",
                product,
                "its key is '" + there.sk().source() + "'");
        if (model.sync() != Direction.NONE) {
            check(model.sync() == there.sync(), path, "", product, "its rows go " + there.sync());
            check(model.scope() == there.scope(), path, "", product, "its rows belong to the " + there.scope());
        }
        Map<String, Field> fields = new LinkedHashMap<>(there.fields());
        model.fields().forEach((name, field) -> {
            Field known = fields.putIfAbsent(name, field);
            if (known == null) {
                definedBy.put(path + "." + name, product);
            } else {
                check(known.equals(field), path, "." + name, product, "the field is another one");
            }
        });
        models.put(
                model.name(),
                new Model(
                        there.name(),
                        fields,
                        there.pk(),
                        there.sk(),
                        there.sync(),
                        there.scope(),
                        there.history() || model.history()));
    }

    private void check(boolean alike, String model, String part, String product, String other) {
        if (alike) {
            return;
        }
        String first = definedBy.getOrDefault(model + part, definedBy.getOrDefault(model, ""));
        problems.add(new SchemaProblem(
                model + part,
                "defined-twice",
                "the schema of product " + product + " defines it otherwise than "
                        + (first.isEmpty() ? CLOUD : "that of product " + first) + ": there, "
                        + other.toLowerCase(java.util.Locale.ROOT)));
    }
}
