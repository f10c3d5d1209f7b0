package io.mooring.contracts.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SyncSchemaTest {
    private static final JsonMapper JSON5 = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .build();

    @Test
    void readsTheCoreModels() throws Exception {
        SyncSchema core = SyncSchema.of(parse(SyncSchema.coreSource()));

        assertThat(core.models().keySet())
                .containsExactly("Command", "CommandResult", "Device", "Log", "Store", "Broadcast", "SyncState");
        assertThat(core.model("Store")).hasValueSatisfying(store -> {
            assertThat(store.sync()).isEqualTo(Direction.UP);
            assertThat(store.scope()).isEqualTo(Scope.DEVICE);
            assertThat(store.pk()).hasToString("s#${accountId}#${deviceId}");
            assertThat(store.ttl()).map(Field::name).contains("expires");
            assertThat(store.fields()).doesNotContainKeys("pk", "sk");
        });
        assertThat(core.model("Device")).hasValueSatisfying(device -> {
            assertThat(device.scope()).isEqualTo(Scope.DEVICE);
            assertThat(device.deviceIdField()).isEqualTo("id");
        });
    }

    @Test
    void aSingletonThatDevicesWriteIsEachDevicesOwn() throws Exception {
        SyncSchema schema = SyncSchema.of(parse("""
            {format: 'onetable:1.1.0', models: {
              Service: {pk: {type: 'string', value: 'service#'}, sk: {type: 'string', value: 'service#'}, value: {type: 'number'}},
              Price: {pk: {type: 'string', value: 'price#'}, sk: {type: 'string', value: 'price#${name}'}, name: {type: 'string'}},
              Room: {sk: {type: 'string', value: 'room#${accountId}#${name}'}, name: {type: 'string'}},
            }, process: {Service: {sync: 'both'}, Price: {sync: 'down'}, Room: {sync: 'both'}}}
            """));

        assertThat(schema.models().values().stream().map(Model::scope))
                .containsExactly(Scope.DEVICE, Scope.CLOUD, Scope.ACCOUNT);
    }

    @Test
    void saysEverythingThatIsWrongAndWhere() throws Exception {
        Map<String, Object> document = parse("""
            {format: 'onetable:2', models: {
              Bad: {sk: {type: 'string', value: 'x#${nothing}'}, size: {type: 'integer'}, on: {type: 'boolean', required: 'yes'}},
              Keyless: {name: {type: 'string'}},
            }, process: {Bad: {sync: 'sideways'}, Gone: {sync: 'up'}}}
            """);

        SchemaException thrown = catchThrowableOfType(SchemaException.class, () -> SyncSchema.of(document));

        assertThat(thrown.problems().stream().map(SchemaProblem::path).toList())
                .containsExactlyInAnyOrderElementsOf(List.of(
                        "format",
                        "process.Gone",
                        "models.Bad.size.type",
                        "models.Bad.on.required",
                        "process.Bad.sync",
                        "models.Bad.sk",
                        "models.Keyless.sk"));
    }

    @Test
    void templatesExpandOnlyWhenEveryFieldIsThere() {
        KeyTemplate template = KeyTemplate.parse("s#${key}#${other}");

        assertThat(template.expand(Map.of("key", "a", "other", "b")::get)).contains("s#a#b");
        assertThat(template.expand(Map.of("key", "a")::get)).isEmpty();
    }

    private static Map<String, Object> parse(String source) throws Exception {
        return JSON5.readValue(source, new TypeReference<>() {});
    }

    @Test
    void readsWhatFieldsAskFor() throws Exception {
        SyncSchema schema = SyncSchema.of(parse("""
                {format: 'onetable:1.1.0', models: {Rule: {
                  sk: {type: 'string', value: 'rule#${site}#${id}'}, id: {type: 'string'}, site: {type: 'string'},
                  name: {type: 'string', unique: true}, serial: {type: 'string', unique: 'cloud', readonly: true},
                  place: {type: 'string', encode: ['sk', '#', 1]}, title: {type: 'string', value: '${site}: ${name}'},
                  limits: {type: 'object', schema: {high: {type: 'number', required: true}}},
                  steps: {type: 'array', items: {type: 'object', schema: {at: {type: 'date'}}}}, tags: {type: 'set', items: 'string'},
                }}, process: {Rule: {sync: 'both'}}}
                """));

        Model rule = schema.model("Rule").orElseThrow();
        assertThat(field(rule, "name").unique()).isEqualTo(Field.Unique.OWNER);
        assertThat(field(rule, "serial").unique()).isEqualTo(Field.Unique.CLOUD);
        assertThat(field(rule, "place").encode()).isEqualTo(new Field.Part("sk", "#", 1));
        assertThat(rule.fields().values().stream().filter(Field::computed).map(Field::name))
                .containsExactly("place", "title");
        assertThat(Objects.requireNonNull(field(rule, "steps").items()).schema())
                .extracting(Field::name)
                .containsExactly("at");
        assertThat(Objects.requireNonNull(field(rule, "tags").items()).type()).isEqualTo(FieldType.STRING);
    }

    private static Field field(Model model, String name) {
        return Objects.requireNonNull(model.fields().get(name), name);
    }

    @Test
    void refusesWhatAFieldCannotAskFor() throws Exception {
        Map<String, Object> document = parse("""
                {format: 'onetable:1.1.0', models: {Rule: {
                  sk: {type: 'string', value: 'rule#${shown}'}, id: {type: 'string'},
                  a: {type: 'object', unique: true}, b: {type: 'number', enum: ['1']}, c: {type: 'string', ttl: true},
                  d: {type: 'string', enum: ['x'], default: 'y'}, e: {type: 'number', default: '1'},
                  f: {type: 'object', schema: {g: {type: 'string', unique: true}}}, h: {type: 'string', items: 'string'},
                  i: {type: 'string', encode: 'sk'}, j: {type: 'number', value: '${id}'}, shown: {type: 'string', value: '${id}'},
                  k: {type: 'string', value: '${shown}'}, l: {type: 'date', ttl: true}, m: {type: 'number', ttl: true},
                }}}
                """);

        SchemaException thrown = catchThrowableOfType(SchemaException.class, () -> SyncSchema.of(document));

        assertThat(thrown.problems().stream().map(problem -> problem.path().replace("models.Rule", "")))
                .containsExactlyInAnyOrder(
                        ".a.unique",
                        ".b.enum",
                        ".c.ttl",
                        ".d.default",
                        ".e.default",
                        ".f.schema.g",
                        ".h.items",
                        ".i.encode",
                        ".j.type",
                        ".k",
                        ".sk",
                        "");
    }
}
