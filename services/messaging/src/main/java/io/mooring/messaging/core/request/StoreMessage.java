package io.mooring.messaging.core.request;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.mooring.messaging.core.shadow.ShadowRequestReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a device says of its store: {@code {"key"}} to get a value, {@code {"key","value","type"}} to set one (device
 * protocol, section 2).
 *
 * @param key of the row
 * @param value as sent; null if none was
 * @param type as sent
 */
public record StoreMessage(
        String key, @Nullable JsonNode value, @Nullable String type) {
    /** Told by a device, and not answered. */
    public static final String SET = "store/set";

    private static final int LONGEST_KEY = 512;

    /** Reads a message; empty if it is none. */
    public static Optional<StoreMessage> read(byte[] body) {
        try {
            JsonNode json = ShadowRequestReader.JSON.readTree(new String(body, StandardCharsets.UTF_8));
            String key = json.path("key").asText("");
            boolean fits = !key.isEmpty() && key.length() <= LONGEST_KEY && key.indexOf('\0') < 0;
            return fits
                    ? Optional.of(new StoreMessage(
                            key, json.get("value"), json.path("type").textValue()))
                    : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /** An answer that says why there is none, in the form of the devices' HTTP API (device protocol, section 1). */
    public static String error(String detail) {
        return JsonNodeFactory.instance.objectNode().put("error", detail).toString();
    }
}
