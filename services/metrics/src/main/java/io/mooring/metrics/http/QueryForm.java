package io.mooring.metrics.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.mooring.chassis.Json;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parameters in AWS' query form as the tree they stand for: {@code MetricData.member.1.MetricName=x} is the name of the first
 * of a list (Smithy, "AWS query protocol"). All values are texts.
 */
final class QueryForm {
    private static final int MOST_PARAMETERS = 100_000;
    private static final int MOST_PARTS = 8;
    private static final String MEMBER = "member";
    private static final Pattern INDEX = Pattern.compile("[1-9][0-9]{0,5}");

    private final Map<String, QueryForm> children = new TreeMap<>();
    private @Nullable String text;

    private QueryForm() {}

    /**
     * Reads a body.
     *
     * @throws IOException if it is none of that form
     */
    static JsonNode read(byte[] body) throws IOException {
        QueryForm root = new QueryForm();
        String[] parameters = new String(body, StandardCharsets.UTF_8).split("&", MOST_PARAMETERS);
        if (parameters.length == MOST_PARAMETERS) {
            throw new IOException("too many parameters");
        }
        for (String parameter : parameters) {
            int equals = parameter.indexOf('=');
            if (equals > 0) {
                root.put(decoded(parameter.substring(0, equals)), decoded(parameter.substring(equals + 1)));
            }
        }
        return root.tree();
    }

    private static String decoded(String text) throws IOException {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException broken) {
            throw new IOException("no form", broken);
        }
    }

    private void put(String name, String value) throws IOException {
        String[] parts = name.split("\\.", MOST_PARTS + 1);
        if (parts.length > MOST_PARTS) {
            throw new IOException("a name of too many parts");
        }
        QueryForm at = this;
        for (String part : parts) {
            at = at.children.computeIfAbsent(part, child -> new QueryForm());
        }
        at.text = value;
    }

    private JsonNode tree() {
        if (children.isEmpty()) {
            return TextNode.valueOf(text == null ? "" : text);
        }
        QueryForm list = children.get(MEMBER);
        if (list != null) {
            return list.members();
        }
        ObjectNode object = Json.object();
        children.forEach((name, child) -> object.set(name, child.tree()));
        return object;
    }

    /** In the order of their numbers. */
    private ArrayNode members() {
        Map<Integer, QueryForm> ordered = new TreeMap<>();
        children.forEach((index, child) -> {
            if (INDEX.matcher(index).matches()) {
                ordered.put(Integer.valueOf(index), child);
            }
        });
        ArrayNode array = Json.object().arrayNode();
        ordered.values().forEach(child -> array.add(child.tree()));
        return array;
    }
}
