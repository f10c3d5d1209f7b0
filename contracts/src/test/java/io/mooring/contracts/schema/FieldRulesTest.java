package io.mooring.contracts.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FieldRulesTest {
    private static final Map<String, Object> CONFIG = Map.of(
            "type",
            "object",
            "schema",
            Map.of(
                    "mode",
                    Map.of("type", "string", "enum", List.of("on", "off"), "required", true),
                    "limits",
                    Map.of("type", "object", "schema", Map.of("high", Map.of("type", "number"))),
                    "at",
                    Map.of("type", "date"),
                    "steps",
                    Map.of("type", "array", "items", Map.of("type", "number"))));

    /** A field of a model, as a schema defines it. */
    private static Field field(Map<String, Object> definition) {
        Map<String, Object> model = Map.of("sk", Map.of("type", "string", "value", "x#"), "field", definition);
        SyncSchema schema = SyncSchema.of(Map.of("format", SyncSchema.FORMAT, "models", Map.of("Model", model)));
        return Objects.requireNonNull(
                schema.model("Model").orElseThrow().fields().get("field"));
    }

    static List<List<Object>> broken() {
        return List.of(
                List.of(Map.of(), "field.mode", "required"),
                List.of(Map.of("mode", "dim"), "field.mode", "not-allowed"),
                List.of(Map.of("mode", 1), "field.mode", "wrong-type"),
                List.of(Map.of("mode", "on", "limits", Map.of("high", "x")), "field.limits.high", "wrong-type"),
                List.of(Map.of("mode", "on", "limits", List.of()), "field.limits", "wrong-type"),
                List.of(Map.of("mode", "on", "at", "noon"), "field.at", "wrong-type"),
                List.of(Map.of("mode", "on", "steps", List.of(1, "2")), "field.steps[1]", "wrong-type"),
                List.of("no object", "field", "wrong-type"));
    }

    @ParameterizedTest
    @MethodSource("broken")
    void saysWhichRuleIsBrokenAndWhere(List<Object> example) {
        assertThat(FieldRules.broken(field(CONFIG), example.get(0)))
                .hasValueSatisfying(broken ->
                        assertThat(List.of(broken.path(), broken.code())).isEqualTo(example.subList(1, 3)));
    }

    @Test
    void leavesTheTypeOfAModelsOwnFieldAlone() {
        assertThat(FieldRules.broken(field(Map.of("type", "number")), "e+00")).isEmpty();
        assertThat(FieldRules.broken(field(Map.of("type", "object")), 7)).isEmpty();
        assertThat(FieldRules.broken(field(CONFIG), Map.of("mode", "on", "unknown", 7)))
                .isEmpty();
    }

    /** A shape and a value of that shape. */
    record Shaped(Map<String, Object> definition, Object value) {}

    @Provide
    Arbitrary<Shaped> shapes() {
        return shapes(3);
    }

    private static Arbitrary<Shaped> shapes(int depth) {
        Arbitrary<Shaped> leaf = Arbitraries.oneOf(
                Arbitraries.strings().map(text -> new Shaped(Map.of("type", "string"), text)),
                Arbitraries.doubles().map(number -> new Shaped(Map.of("type", "number"), number)),
                Arbitraries.of(true, false).map(flag -> new Shaped(Map.of("type", "boolean"), flag)),
                Arbitraries.of("on", "off")
                        .map(text -> new Shaped(Map.of("type", "string", "enum", List.of("on", "off")), text)));
        if (depth == 0) {
            return leaf;
        }
        Arbitrary<Shaped> inner = Arbitraries.oneOf(leaf, shapes(depth - 1));
        Arbitrary<Shaped> lists = Combinators.combine(
                        inner, Arbitraries.integers().between(1, 3))
                .as((item, count) -> new Shaped(
                        Map.of("type", "array", "items", item.definition()),
                        new ArrayList<>(java.util.Collections.nCopies(count, item.value()))));
        Arbitrary<Shaped> objects = inner.list().ofMinSize(1).ofMaxSize(3).map(members -> {
            Map<String, Object> schema = new HashMap<>();
            Map<String, Object> value = new HashMap<>();
            for (int i = 0; i < members.size(); i++) {
                Map<String, Object> member = new HashMap<>(members.get(i).definition());
                member.put("required", true);
                schema.put("m" + i, member);
                value.put("m" + i, members.get(i).value());
            }
            return new Shaped(Map.of("type", "object", "schema", schema), value);
        });
        return Arbitraries.oneOf(lists, objects);
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void takesEveryValueOfItsShapeAndNoneThatIsOneLeafAway(@ForAll("shapes") Shaped shaped) {
        Field field = field(shaped.definition());

        assertThat(FieldRules.broken(field, shaped.value())).isEmpty();
        assertThat(FieldRules.broken(field, spoilt(shaped.value()))).isPresent();
    }

    /** The value with its first leaf turned into something that no shape here takes. */
    private static Object spoilt(Object value) {
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>(list);
            copy.set(0, spoilt(copy.get(0)));
            return copy;
        }
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> copy = new HashMap<>(map);
            copy.put("m0", spoilt(Objects.requireNonNull(map.get("m0"))));
            return copy;
        }
        return new Object();
    }
}
