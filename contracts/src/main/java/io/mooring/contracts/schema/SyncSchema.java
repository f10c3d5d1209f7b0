package io.mooring.contracts.schema;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The schema of a device cloud, in OneTable's form (device protocol, section 3.1).
 *
 * @param version the schema's own version, empty text if it has none
 * @param models its models by name, in the schema's order
 */
public record SyncSchema(String version, Map<String, Model> models) {
    /** The only format there is. */
    public static final String FORMAT = "onetable:1.1.0";

    public SyncSchema {
        models = Collections.unmodifiableMap(new LinkedHashMap<>(models));
    }

    /**
     * Reads a schema from its parsed JSON5: maps, lists, texts, numbers, booleans.
     *
     * @throws SchemaException if it cannot be used, with every problem found
     */
    public static SyncSchema of(Map<String, ?> document) {
        return new SchemaReader().read(document);
    }

    /** The text (JSON5) of the models every cloud has, whatever its own schema. */
    public static String coreSource() {
        try (InputStream in = SyncSchema.class.getResourceAsStream("core.json5")) {
            if (in == null) {
                throw new IllegalStateException("core.json5 is missing beside " + SyncSchema.class);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** This schema's models and those of another; where both have one of a name, the other's. */
    public SyncSchema with(SyncSchema other) {
        Map<String, Model> all = new LinkedHashMap<>(models);
        all.putAll(other.models);
        return new SyncSchema(other.version, all);
    }

    public Optional<Model> model(String name) {
        return Optional.ofNullable(models.get(name));
    }
}
