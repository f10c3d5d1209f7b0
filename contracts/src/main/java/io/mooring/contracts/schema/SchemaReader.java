package io.mooring.contracts.schema;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads a schema and collects all that is wrong with it. */
final class SchemaReader {
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_]{0,62}");
    private static final Set<String> KEYS = Set.of("sk", "pk");
    private static final Set<String> OWNERS = Set.of(Model.ACCOUNT_ID, Model.DEVICE_ID);
    private static final Set<FieldType> SCALARS =
            EnumSet.of(FieldType.STRING, FieldType.NUMBER, FieldType.BOOLEAN, FieldType.DATE);
    private static final Pattern SEPARATOR = Pattern.compile("[^\"\\\\\\p{Cntrl}]{1,8}");
    private static final Pattern INDEX = Pattern.compile("[0-9]{1,2}");
    private static final int MAX_MODELS = 500;
    private static final int MAX_FIELDS = 500;
    private static final int MAX_DEPTH = 8;

    private final List<SchemaProblem> problems = new ArrayList<>();

    SyncSchema read(Map<String, ?> document) {
        if (!SyncSchema.FORMAT.equals(document.get("format"))) {
            problem("format", "unknown-format", "must be '" + SyncSchema.FORMAT + "'");
        }
        Map<String, ?> models = object("models", document.get("models"));
        Map<String, ?> process =
                document.containsKey("process") ? object("process", document.get("process")) : Map.of();
        if (models.size() > MAX_MODELS) {
            problem("models", "too-many", "has " + models.size() + " models; at most " + MAX_MODELS);
        }
        for (String name : process.keySet()) {
            if (!models.containsKey(name)) {
                problem("process." + name, "unknown-model", "there is no model of this name");
            }
        }
        Map<String, Model> read = new LinkedHashMap<>();
        models.forEach((name, definition) -> read.put(name, model(name, definition, process.get(name))));
        if (!problems.isEmpty()) {
            throw new SchemaException(problems);
        }
        Object version = document.get("version");
        return new SyncSchema(version == null ? "" : version.toString(), read);
    }

    private Model model(String name, @Nullable Object definition, @Nullable Object process) {
        String path = "models." + name;
        checkName(path, name);
        Map<String, ?> source = object(path, definition);
        Map<String, Field> fields = fields(path, source, 0);
        KeyTemplate pk = key(fields.remove("pk"));
        Field sort = fields.remove("sk");
        if (sort == null || sort.value() == null) {
            problem(path + ".sk", "no-key", "must be {type: 'string', value: 'template'}: it names each row");
        }
        KeyTemplate sk = key(sort);
        checkComputed(path, fields);
        if (fields.values().stream().filter(Field::ttl).count() > 1) {
            problem(path, "two-ttls", "has more than one field with ttl; a row expires at one time");
        }
        Direction sync = direction(name, process);
        checkVariables(path + ".pk", pk, name, fields);
        checkVariables(path + ".sk", sk, name, fields);
        return new Model(name, fields, pk, sk, sync, scope(name, process, pk, sk, sync), history(name, process));
    }

    /** Whether each version of each row is kept: {@code process: {Name: {history: true}}}. */
    private boolean history(String name, @Nullable Object process) {
        Object said =
                process == null ? null : object("process." + name, process).get("history");
        if (said == null || said instanceof Boolean) {
            return Boolean.TRUE.equals(said);
        }
        problem("process." + name + ".history", "not-boolean", "must be true or false");
        return false;
    }

    private static KeyTemplate key(@Nullable Field field) {
        return field == null || field.value() == null ? KeyTemplate.parse("") : field.value();
    }

    /** Computed fields are texts, made of fields that are not computed themselves. */
    private void checkComputed(String path, Map<String, Field> fields) {
        for (Field field : fields.values()) {
            String at = path + "." + field.name();
            if (field.computed() && field.type() != FieldType.STRING) {
                problem(at + ".type", "not-text", "must be string: it is computed as text");
            }
            List<String> sources = new ArrayList<>();
            if (field.value() != null) {
                sources.addAll(field.value().variables());
            }
            if (field.encode() != null && !KEYS.contains(field.encode().attribute())) {
                sources.add(field.encode().attribute());
            }
            for (String source : sources) {
                Field of = fields.get(source);
                if (OWNERS.contains(source) ? of != null && of.computed() : of == null || of.computed()) {
                    problem(at, "unknown-field", "is made of " + source + ", which is no field that is written");
                }
            }
        }
    }

    private void checkVariables(String path, KeyTemplate template, String model, Map<String, Field> fields) {
        for (String variable : template.variables()) {
            boolean owner = variable.equals(Model.ACCOUNT_ID)
                    || (variable.equals(Model.DEVICE_ID) && !model.equals(Model.DEVICE_MODEL));
            Field field = fields.get(variable);
            if (!owner && (field == null || field.computed())) {
                problem(
                        path,
                        "unknown-field",
                        "uses ${" + variable + "}, which is no field of the model that is written");
            }
        }
    }

    private Direction direction(String model, @Nullable Object process) {
        if (process == null) {
            return Direction.NONE;
        }
        String path = "process." + model + ".sync";
        Object sync = object("process." + model, process).get("sync");
        if (sync == null) {
            return Direction.NONE;
        }
        return Direction.named(sync.toString()).orElseGet(() -> {
            problem(path, "unknown-direction", "must be 'up', 'down', 'both' or 'none'");
            return Direction.NONE;
        });
    }

    /**
     * Whose rows these are, where the schema does not say ({@code process.Name.scope}): the keys tell;
     * a model whose keys name nobody belongs to the device if devices write it (a singleton), and to
     * everybody if only the cloud does.
     */
    private Scope scope(String name, @Nullable Object process, KeyTemplate pk, KeyTemplate sk, Direction sync) {
        Object said =
                process == null ? null : object("process." + name, process).get("scope");
        if (said != null) {
            return switch (said.toString()) {
                case "device" -> Scope.DEVICE;
                case "account" -> Scope.ACCOUNT;
                case "cloud" -> Scope.CLOUD;
                default -> {
                    problem("process." + name + ".scope", "unknown-scope", "must be 'device', 'account' or 'cloud'");
                    yield Scope.DEVICE;
                }
            };
        }
        List<String> variables = new ArrayList<>(pk.variables());
        variables.addAll(sk.variables());
        if (name.equals(Model.DEVICE_MODEL) || variables.contains(Model.DEVICE_ID)) {
            return Scope.DEVICE;
        }
        if (variables.contains(Model.ACCOUNT_ID)) {
            return Scope.ACCOUNT;
        }
        return sync == Direction.DOWN ? Scope.CLOUD : Scope.DEVICE;
    }

    private Map<String, Field> fields(String path, Map<String, ?> source, int depth) {
        if (source.size() > MAX_FIELDS) {
            problem(path, "too-many", "has " + source.size() + " fields; at most " + MAX_FIELDS);
        }
        if (depth > MAX_DEPTH) {
            problem(path, "too-deep", "schemas nest at most " + MAX_DEPTH + " deep");
            return new LinkedHashMap<>();
        }
        Map<String, Field> fields = new LinkedHashMap<>();
        source.forEach((name, definition) -> {
            String at = path + "." + name;
            checkName(at, name);
            fields.put(name, field(at, name, object(at, definition), depth));
        });
        return fields;
    }

    private Field field(String path, String name, Map<String, ?> source, int depth) {
        FieldType type = type(path + ".type", source.get("type"));
        Object template = source.get("value");
        if (template != null && !(template instanceof String)) {
            problem(path + ".value", "not-a-template", "must be text such as 's#${key}'");
        }
        List<Field> nested = source.containsKey("schema")
                ? List.copyOf(fields(path + ".schema", object(path + ".schema", source.get("schema")), depth + 1)
                        .values())
                : List.of();
        Field field = new Field(
                name,
                type,
                template instanceof String text ? KeyTemplate.parse(text) : null,
                encode(path + ".encode", source.get("encode")),
                flag(path, source, "required"),
                source.get("default"),
                allowed(path + ".enum", source.get("enum")),
                generate(path + ".generate", source.get("generate")),
                flag(path, source, "ttl"),
                flag(path, source, "hidden"),
                flag(path, source, "readonly"),
                unique(path + ".unique", source.get("unique")),
                items(path + ".items", source.get("items"), depth),
                nested);
        checkRules(path, field, depth);
        return field;
    }

    /** What a field asks for must be possible for its type. */
    private void checkRules(String path, Field field, int depth) {
        FieldType type = field.type();
        boolean list = type == FieldType.ARRAY || type == FieldType.SET;
        require(field.allowed().isEmpty() || type == FieldType.STRING, path + ".enum", "is for strings");
        require(
                field.generate() == Field.Generate.NONE || type == FieldType.STRING,
                path + ".generate",
                "is for strings");
        require(
                !field.ttl() || type == FieldType.DATE || type == FieldType.NUMBER,
                path + ".ttl",
                "is for dates, or numbers of seconds since 1970");
        require(
                field.unique() == Field.Unique.NO || SCALARS.contains(type),
                path + ".unique",
                "is for strings, numbers, booleans and dates");
        require(field.items() == null || list, path + ".items", "is for arrays and sets");
        require(field.schema().isEmpty() || type == FieldType.OBJECT, path + ".schema", "is for objects");
        boolean nested = depth > 0;
        require(
                !nested
                        || (field.unique() == Field.Unique.NO
                                && !field.ttl()
                                && !field.readonly()
                                && !field.computed()),
                path,
                "unique, ttl, readonly, value and encode are for fields of models, not of nested objects");
        if (field.defaultValue() != null) {
            FieldRules.fits(field, field.defaultValue())
                    .ifPresent(broken -> problem(path + ".default", "bad-default", broken.detail()));
        }
    }

    private void require(boolean met, String path, String detail) {
        if (!met) {
            problem(path, "not-for-type", detail);
        }
    }

    private Field.Unique unique(String path, @Nullable Object unique) {
        if (unique == null || unique.equals(false)) {
            return Field.Unique.NO;
        }
        if (unique.equals(true) || unique.equals("owner")) {
            return Field.Unique.OWNER;
        }
        if (unique.equals("cloud")) {
            return Field.Unique.CLOUD;
        }
        problem(path, "unknown-scope", "must be true (among the rows of one owner) or 'cloud'");
        return Field.Unique.NO;
    }

    /** OneTable's {@code [attribute, separator, index]}. */
    private Field.@Nullable Part encode(String path, @Nullable Object encode) {
        if (encode == null) {
            return null;
        }
        if (encode instanceof List<?> list
                && list.size() == 3
                && list.get(0) instanceof String attribute
                && list.get(1) instanceof String separator
                && SEPARATOR.matcher(separator).matches()
                && INDEX.matcher(String.valueOf(list.get(2))).matches()) {
            return new Field.Part(attribute, separator, Integer.parseInt(String.valueOf(list.get(2))));
        }
        problem(path, "bad-encode", "must be [attribute, separator, index], such as ['sk', '#', 1]");
        return null;
    }

    private FieldType type(String path, @Nullable Object type) {
        return FieldType.named(String.valueOf(type)).orElseGet(() -> {
            problem(path, "unknown-type", "must be string, number, boolean, date, object, array, set or buffer");
            return FieldType.STRING;
        });
    }

    private @Nullable Field items(String path, @Nullable Object items, int depth) {
        if (items == null) {
            return null;
        }
        if (depth > MAX_DEPTH) {
            problem(path, "too-deep", "schemas nest at most " + MAX_DEPTH + " deep");
            return null;
        }
        return field(
                path, "items", items instanceof Map<?, ?> ? object(path, items) : Map.of("type", items), depth + 1);
    }

    private List<String> allowed(String path, @Nullable Object allowed) {
        if (allowed == null) {
            return List.of();
        }
        if (allowed instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            return list.stream().map(String.class::cast).toList();
        }
        problem(path, "not-a-list", "must be a list of texts");
        return List.of();
    }

    private Field.Generate generate(String path, @Nullable Object generate) {
        if (generate == null || generate.equals(false)) {
            return Field.Generate.NONE;
        }
        return switch (generate.toString()) {
            case "ulid" -> Field.Generate.ULID;
            case "uuid" -> Field.Generate.UUID;
            default -> {
                problem(path, "unknown-generator", "must be 'ulid' or 'uuid'");
                yield Field.Generate.NONE;
            }
        };
    }

    private boolean flag(String path, Map<String, ?> source, String name) {
        Object flag = source.get(name);
        if (flag == null || flag instanceof Boolean) {
            return Boolean.TRUE.equals(flag);
        }
        problem(path + "." + name, "not-a-flag", "must be true or false");
        return false;
    }

    private void checkName(String path, String name) {
        if (!NAME.matcher(name).matches()) {
            problem(path, "bad-name", "names are a letter and then up to 62 letters, digits or _");
        }
    }

    @SuppressWarnings("unchecked") // keys of parsed JSON are texts
    private Map<String, ?> object(String path, @Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, ?>) map;
        }
        problem(path, "not-an-object", "must be an object");
        return Map.of();
    }

    private void problem(String path, String code, String detail) {
        problems.add(new SchemaProblem(path, code, detail));
    }
}
