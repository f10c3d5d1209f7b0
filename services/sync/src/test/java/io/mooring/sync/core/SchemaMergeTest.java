package io.mooring.sync.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mooring.contracts.schema.Direction;
import io.mooring.contracts.schema.Model;
import io.mooring.contracts.schema.SchemaException;
import io.mooring.contracts.schema.SchemaProblem;
import io.mooring.contracts.schema.SyncSchema;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SchemaMergeTest {
    private static final String KEY = "sk: {type: 'string', value: 'thing#${id}'}, id: {type: 'string'}";
    private static final SyncSchema CORE = Schemas.parse(SyncSchema.coreSource());
    private static final SyncSchema OWN = schema("Thing: {" + KEY + ", a: {type: 'number'}}", "Thing: {sync: 'both'}");

    private static SyncSchema schema(String models, String process) {
        return Schemas.parse("{format: 'onetable:1.1.0', models: {" + models + "}, process: {" + process + "}}");
    }

    private static Map<String, Model> merge(Map<String, SyncSchema> products) {
        return SchemaMerge.merge(CORE, OWN, new TreeMap<>(products));
    }

    private static SchemaException conflict(SyncSchema product) {
        return catchThrowableOfType(SchemaException.class, () -> merge(Map.of("p", product)));
    }

    @Test
    void productsAddModelsAndFields() {
        Map<String, Model> models = merge(Map.of(
                "p", schema("Thing: {" + KEY + ", b: {type: 'string'}}", ""),
                "q", schema("Thing: {" + KEY + ", b: {type: 'string'}}, Other: {" + KEY + "}", "Other: {sync: 'up'}"),
                "r",
                        schema(
                                "Store: {sk: {type: 'string', value: 's#${key}'}, key: {type: 'string', required: true},"
                                        + " unit: {type: 'string'}}",
                                "")));

        Model thing = Objects.requireNonNull(models.get("Thing"));
        assertThat(thing.fields()).containsKeys("a", "b");
        assertThat(thing.sync()).isEqualTo(Direction.BOTH);
        assertThat(Objects.requireNonNull(models.get("Other")).sync()).isEqualTo(Direction.UP);
        assertThat(Objects.requireNonNull(models.get("Store")).fields()).containsKeys("expires", "unit");
    }

    @Test
    void whatIsDefinedInTwoWaysIsRefusedByName() {
        SchemaException refused = conflict(schema(
                "Thing: {sk: {type: 'string', value: 't#${id}'}, id: {type: 'string'}, a: {type: 'string'}}",
                "Thing: {sync: 'up'}"));

        assertThat(refused.problems())
                .extracting(SchemaProblem::path)
                .containsExactly("models.Thing.sk", "models.Thing", "models.Thing.a");
        assertThat(refused.problems())
                .allSatisfy(problem -> assertThat(problem.detail()).contains("product p", "the cloud's own schema"));
    }

    @Test
    void twoProductsAreHeldAgainstEachOther() {
        SchemaException refused = catchThrowableOfType(
                SchemaException.class,
                () -> merge(Map.of(
                        "p", schema("Thing: {" + KEY + ", b: {type: 'string'}}", ""),
                        "q", schema("Thing: {" + KEY + ", b: {type: 'string', required: true}}", ""))));

        assertThat(refused.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.path()).isEqualTo("models.Thing.b");
            assertThat(problem.detail()).contains("product q", "product p");
        });
    }
}
