package io.mooring.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.mooring.contracts.schema.SchemaException;
import io.mooring.contracts.schema.SyncSchema;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads schemas. */
public final class Schemas {
    /** The schema of the demo device, on the class path beside this class. */
    public static final String DEMO = "demo-schema.json5";

    private static final JsonMapper JSON5 = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .enable(JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS)
            .enable(JsonReadFeature.ALLOW_LEADING_DECIMAL_POINT_FOR_NUMBERS)
            .build();

    private Schemas() {}

    /**
     * The models every cloud has, and those of a JSON5 file.
     *
     * @param file the application's schema, or null if it has none
     * @throws IOException if the file cannot be read or is no schema
     */
    public static SyncSchema of(@Nullable Path file) throws IOException {
        return file == null ? core() : merged(file.toString(), Files.readString(file));
    }

    /** The models every cloud has, and the demo's. */
    public static SyncSchema demo() throws IOException {
        return merged(DEMO, demoSource());
    }

    /** The demo's schema as text, to be given to a cloud. */
    public static String demoSource() throws IOException {
        try (InputStream in = Schemas.class.getResourceAsStream(DEMO)) {
            if (in == null) {
                throw new IOException(DEMO + " is missing beside " + Schemas.class);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static SyncSchema core() throws IOException {
        return read("the core schema", SyncSchema.coreSource());
    }

    private static SyncSchema merged(String name, String source) throws IOException {
        return core().with(read(name, source));
    }

    private static SyncSchema read(String name, String source) throws IOException {
        try {
            Map<String, Object> document = JSON5.readValue(source, new TypeReference<>() {});
            return SyncSchema.of(document);
        } catch (JsonProcessingException e) {
            throw new IOException(
                    name + " is not JSON5: " + e.getOriginalMessage() + " at line "
                            + e.getLocation().getLineNr(),
                    e);
        } catch (SchemaException e) {
            throw new IOException(name + " cannot be used:\n" + e.getMessage(), e);
        }
    }
}
