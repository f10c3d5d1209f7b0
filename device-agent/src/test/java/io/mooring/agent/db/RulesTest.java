package io.mooring.agent.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.agent.Schemas;
import io.mooring.contracts.schema.SyncSchema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who breaks what the schema asks gets an error at once, in whatever program. */
class RulesTest {
    private static final String FORM =
            "{format: 'onetable:1.1.0', models: {Rule: {sk: {type: 'string', value: 'rule#${id}'},"
                    + " id: {type: 'string'}, %s}}, process: {Rule: {sync: 'both'}}}";
    private static final String FIELDS = """
            name: {type: 'string', required: true, unique: true}, mode: {type: 'string', enum: ['on', 'off'], default: 'on'},
            serial: {type: 'string', readonly: true}, note: {type: 'string'},
            limits: {type: 'object', schema: {high: {type: 'number', required: true}, at: {type: 'date'},
                inner: {type: 'object', schema: {flag: {type: 'boolean', required: true}}}}},
            tags: {type: 'array', items: {type: 'string'}},
            steps: {type: 'array', items: {type: 'object', schema: {kind: {type: 'string', enum: ['a', 'b'], required: true}}}},
            title: {type: 'string', value: '${name}, ${mode}'}, place: {type: 'string', encode: ['sk', '#', 1]}""";

    @TempDir
    Path folder;

    private TestDatabase device;

    @BeforeEach
    void open() throws Exception {
        device = new TestDatabase(folder, schema(FIELDS));
        device.sql("INSERT INTO rule (id, name, serial) VALUES ('a', 'one', 's1')");
    }

    @AfterEach
    void close() throws SQLException {
        device.close();
    }

    private SyncSchema schema(String fields) throws Exception {
        return Schemas.of(Files.writeString(folder.resolve("schema.json5"), FORM.formatted(fields)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "mode | 'on' | Rule needs a value for name",
                "name, mode | 'two', 'dim' | Rule.mode must be one of on, off",
                "name | 'one' | Rule.name must be unique",
                "name, limits | 'two', '{}' | Rule.limits.high is required",
                "name, limits | 'two', '[]' | Rule.limits must be an object",
                "name, limits | 'two', 'no JSON' | Rule.limits must be an object",
                "name, limits | 'two', '{\"high\": \"x\"}' | Rule.limits.high must be of type number",
                "name, limits | 'two', '{\"high\": 1, \"at\": \"noon\"}' | Rule.limits.at must be a date",
                "name, limits | 'two', '{\"high\": 1, \"inner\": {}}' | Rule.limits.inner.flag is required",
                "name, tags | 'two', '[\"x\", 1]' | an item of Rule.tags",
                "name, tags | 'two', '{}' | Rule.tags must be a list",
                "name, steps | 'two', '[{\"kind\": \"a\"}, {\"kind\": \"c\"}]' | an item of Rule.steps",
                "name, steps | 'two', '[{}]' | an item of Rule.steps",
            })
    void refusesARowThatBreaksARule(String columns, String values, String message) {
        assertThatThrownBy(() -> device.sql("INSERT INTO rule (id, " + columns + ") VALUES ('b', " + values + ")"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining(message);
        assertThatThrownBy(() -> device.sql("UPDATE rule SET serial = 's2' WHERE id = 'a'"))
                .hasMessageContaining("Rule.serial keeps its first value");
    }

    @Test
    void takesARowThatKeepsThem() throws Exception {
        assertThatCode(() ->
                        device.sql("INSERT INTO rule (id, name, mode, limits, tags, steps) VALUES ('b', 'two', 'off',"
                                + " '{\"high\": 1.5, \"at\": \"2026-11-23T10:00:00Z\", \"inner\": {\"flag\": true}, \"more\": 1}',"
                                + " '[\"x\"]', '[{\"kind\": \"b\"}]')"))
                .doesNotThrowAnyException();
        assertThat(device.access.get("Rule", "rule#b").orElseThrow())
                .extractingByKeys("title", "place")
                .extracting(JsonNode.class::cast)
                .extracting(JsonNode::asText)
                .containsExactly("two, off", "b");
        assertThat(device.waiting()).extracting(PendingRow::key).contains("rule#a", "rule#b");
    }

    @Test
    void judgesUpdatesByWhatTheyChange() throws Exception {
        assertThatThrownBy(() -> device.sql("UPDATE rule SET name = NULL"))
                .hasMessageContaining("needs a value for name");
        assertThatThrownBy(() -> device.access.patch("Rule", "rule#a", Map.of("limits", List.of(1))))
                .hasMessageContaining("Rule.limits must be an object");
        device.sql("INSERT OR REPLACE INTO rule (id, name) VALUES ('a', 'one')");
        device.sql("UPDATE rule SET name = 'uno', note = 'x'");

        assertThat(device.access.query("SELECT name, title, mode FROM rule"))
                .containsExactly(Map.of("name", "uno", "title", "uno, on", "mode", "on"));
    }

    @Test
    void takesWhatTheCloudSaysAsItIs() throws Exception {
        TableLayout layout = device.database.layout("Rule").orElseThrow();
        device.database.changeUnnoticed(db -> device.remote.apply(
                db,
                new RemoteRow(
                        layout,
                        "rule#c",
                        TestDatabase.written(TestDatabase.cloud(1), Map.of("id", "c", "name", "one", "mode", "dim")))));

        assertThat(device.access.query("SELECT mode FROM rule WHERE name = 'one' ORDER BY id"))
                .extracting(row -> row.get("mode"))
                .containsExactly("on", "dim");
    }

    @Test
    void aLaterSchemaTakesOver() throws Exception {
        device.close();
        String later = FIELDS.replace("'${name}, ${mode}'", "'${mode}: ${name}'")
                        .replace("enum: ['on', 'off']", "enum: ['on']")
                + ", rank: {type: 'number', default: 3}";

        device = new TestDatabase(folder, schema(later));

        assertThat(device.access.query("SELECT title, rank FROM rule"))
                .singleElement()
                .satisfies(
                        row -> assertThat(row).containsEntry("title", "on: one").containsEntry("rank", null));
        assertThatThrownBy(() -> device.sql("UPDATE rule SET mode = 'off'")).hasMessageContaining("must be one of on");
    }

    @Test
    void aModelThatIsNewIsAskedForFromTheBeginning() throws Exception {
        device.database.change(db -> SyncProgress.reached(db, "2030-01-01T00:00:00.000Z", 1));
        device.close();
        Path file = Files.writeString(
                folder.resolve("schema.json5"),
                FORM.formatted(FIELDS)
                        .replace("models: {", "models: {More: {sk: {type: 'string', value: 'more#'}},")
                        .replace("process: {", "process: {More: {sync: 'down'},"));

        device = new TestDatabase(folder, Schemas.of(file));

        assertThat(device.database.<String>read(SyncProgress::lastSync)).isEqualTo(SyncProgress.START);
    }
}
