package io.mooring.sync.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mooring.contracts.schema.SchemaException;
import io.mooring.contracts.schema.SchemaProblem;
import io.mooring.contracts.schema.SyncSchema;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaEvolutionTest {
    private static final String KEY = "sk: {type: 'string', value: 'thing#${id}'}, id: {type: 'string'}";

    private static CloudSchema thing(String fields, String sync) {
        return Schemas.compiled("Thing: {" + KEY + fields + "}", "Thing: {sync: '" + sync + "'}");
    }

    private static SchemaEvolution evolve(CloudSchema old, CloudSchema next) {
        return SchemaEvolution.between(old, next, layout -> false);
    }

    @Test
    void makesEveryTableOfANewCloud() {
        SchemaEvolution evolution = SchemaEvolution.between(null, thing("", "both"), layout -> true);

        int core = Schemas.parse(SyncSchema.coreSource()).models().size();
        assertThat(evolution.steps()).hasSize(core + 1).allMatch(SchemaEvolution.CreateTable.class::isInstance);
    }

    @Test
    void doesNothingWhereNothingChanges() {
        assertThat(evolve(thing(", a: {type: 'string'}", "up"), thing(", a: {type: 'string'}", "up"))
                        .steps())
                .isEmpty();
    }

    @Test
    void addsAndWidens() {
        SchemaEvolution evolution =
                evolve(thing(", a: {type: 'number'}", "up"), thing(", a: {type: 'object'}, b: {type: 'date'}", "both"));

        assertThat(evolution.problems()).isEmpty();
        assertThat(evolution.steps())
                .hasExactlyElementsOfTypes(SchemaEvolution.WidenToJson.class, SchemaEvolution.AddColumn.class);
        assertThat(evolution.startsGoingDown()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ", a: {type: 'date'} | type-changed",
                ", a: {type: 'string'} | type-changed",
                "| field-removed",
                ", a: {type: 'number'}, b: {type: 'string', required: true} | required-without-default",
            })
    void refusesWhatWouldLoseData(String fields, String code) {
        SchemaEvolution evolution =
                evolve(thing(", a: {type: 'number'}", "both"), thing(fields == null ? "" : fields, "both"));

        assertThat(evolution.problems()).extracting(SchemaProblem::code).containsExactly(code);
    }

    @Test
    void refusesToRenameRowsOrTakeThemFromTheirOwners() {
        CloudSchema old = thing("", "both");
        CloudSchema next = Schemas.compiled(
                "Thing: {sk: {type: 'string', value: 't#${id}'}, id: {type: 'string'}}",
                "Thing: {sync: 'both', scope: 'account'}");

        assertThat(evolve(old, next).problems())
                .extracting(SchemaProblem::code)
                .containsExactly("scope-changed", "key-changed");
        assertThat(evolve(old, Schemas.compiled("", "")).problems())
                .extracting(SchemaProblem::code)
                .containsExactly("model-removed");
    }

    @Test
    void letsAnythingHappenToAnEmptyTable() {
        SchemaEvolution evolution = SchemaEvolution.between(
                thing(", a: {type: 'number'}", "both"), thing(", a: {type: 'date'}", "both"), layout -> true);

        assertThat(evolution.problems()).isEmpty();
        assertThat(evolution.steps())
                .hasExactlyElementsOfTypes(SchemaEvolution.DropTable.class, SchemaEvolution.CreateTable.class);
    }

    @Test
    void looksAtTheRowsThereAreBeforeARuleBecomesStricter() {
        SchemaEvolution evolution = evolve(
                thing(
                        ", a: {type: 'string', enum: ['x', 'y']}, b: {type: 'string'}, c: {type: 'string'}, d: {type: 'object'}",
                        "both"),
                thing(
                        ", a: {type: 'string', enum: ['x']}, b: {type: 'string', unique: true},"
                                + " c: {type: 'string', required: true}, d: {type: 'object', schema: {e: {type: 'number'}}}",
                        "both"));

        assertThat(evolution.problems()).isEmpty();
        assertThat(evolution.tightened())
                .extracting(SchemaEvolution.Tightened::rule)
                .containsExactly(
                        SchemaEvolution.Rule.ENUM,
                        SchemaEvolution.Rule.UNIQUE,
                        SchemaEvolution.Rule.REQUIRED,
                        SchemaEvolution.Rule.STRUCTURE);
        assertThat(evolution.steps()).hasExactlyElementsOfTypes(SchemaEvolution.Unique.class);
    }

    @Test
    void computesAnewWhatIsComputedInANewWay() {
        SchemaEvolution evolution = evolve(
                thing(", a: {type: 'string', value: 'a${id}'}, b: {type: 'string', encode: ['sk', '#', 1]}", "both"),
                thing(", a: {type: 'string', value: 'b${id}'}, until: {type: 'date', ttl: true}", "both"));

        assertThat(evolution.problems()).isEmpty();
        assertThat(evolution.steps())
                .hasExactlyElementsOfTypes(
                        SchemaEvolution.DropComputed.class,
                        SchemaEvolution.AddColumn.class,
                        SchemaEvolution.Compute.class,
                        SchemaEvolution.Expiry.class);
    }

    @Test
    void keepsTheFieldsOfCoreModelsThatASchemaExtends() {
        CloudSchema schema = Schemas.compiled(
                "Store: {sk: {type: 'string', value: 's#${key}'}, key: {type: 'string'}, unit: {type: 'string'}}",
                "Store: {sync: 'both'}");

        assertThat(Objects.requireNonNull(schema.layout("Store")).columns())
                .extracting(TableLayout.Column::name)
                .containsExactly("key", "value", "type", "expires", "created", "unit");
    }

    @Test
    void refusesNamesThatSqlCannotTellApart() {
        assertThatThrownBy(() -> thing(", fooBar: {type: 'string'}, foo_bar: {type: 'string'}", "both"))
                .isInstanceOfSatisfying(
                        SchemaException.class,
                        e -> assertThat(e.problems())
                                .extracting(SchemaProblem::code)
                                .containsExactly("name-collision"));
        assertThatThrownBy(() -> thing(", xmin: {type: 'string'}", "both")).hasMessageContaining("reserved-name");
    }

    @ParameterizedTest
    @CsvSource({
        "Command, command",
        "CommandResult, command_result",
        "deviceID, device_id",
        "HTTPServer2x, http_server2x"
    })
    void spellsNamesAsSqlDoes(String name, String snake) {
        assertThat(TableLayout.snake(name)).isEqualTo(snake);
    }
}
