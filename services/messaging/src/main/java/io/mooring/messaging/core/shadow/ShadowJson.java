package io.mooring.messaging.core.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The arithmetic of shadows: trees merged, compared and stamped. Nothing that comes in is changed. */
final class ShadowJson {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private ShadowJson() {}

    /**
     * A section after an update. Objects merge; a null removes; all else, arrays included, replaces (developer guide,
     * "Array values in shadow documents").
     */
    static ObjectNode merge(@Nullable ObjectNode current, ObjectNode update) {
        ObjectNode merged = NODES.objectNode();
        if (current != null) {
            merged.setAll(current);
        }
        for (Map.Entry<String, JsonNode> field : update.properties()) {
            JsonNode value = field.getValue();
            if (value.isNull()) {
                merged.remove(field.getKey());
            } else if (value instanceof ObjectNode object) {
                merged.set(
                        field.getKey(),
                        merge(merged.get(field.getKey()) instanceof ObjectNode old ? old : null, object));
            } else {
                merged.set(field.getKey(), withoutNulls(value));
            }
        }
        return merged;
    }

    /** A value as it is kept: also within arrays, a field that is null is none. */
    private static JsonNode withoutNulls(JsonNode value) {
        return switch (value) {
            case ObjectNode object -> merge(null, object);
            case ArrayNode array -> {
                ArrayNode kept = NODES.arrayNode(array.size());
                array.forEach(element -> kept.add(withoutNulls(element)));
                yield kept;
            }
            default -> value;
        };
    }

    /** What is desired and differs from what is reported; null if nothing does. */
    static @Nullable ObjectNode delta(ObjectNode desired, @Nullable ObjectNode reported) {
        ObjectNode delta = NODES.objectNode();
        for (Map.Entry<String, JsonNode> field : desired.properties()) {
            JsonNode wanted = field.getValue();
            JsonNode there = reported == null ? null : reported.get(field.getKey());
            if (wanted instanceof ObjectNode object && there instanceof ObjectNode other) {
                ObjectNode within = delta(object, other);
                if (within != null) {
                    delta.set(field.getKey(), within);
                }
            } else if (there == null || !same(wanted, there)) {
                delta.set(field.getKey(), wanted);
            }
        }
        return delta.isEmpty() ? null : delta;
    }

    /** Whether two values are equal; numbers are, if they are the same number. */
    static boolean same(JsonNode one, JsonNode other) {
        if (one.isNumber() && other.isNumber()) {
            return one.decimalValue().compareTo(other.decimalValue()) == 0;
        }
        return one.equals(
                (a, b) -> a.isNumber() && b.isNumber()
                        ? a.decimalValue().compareTo(b.decimalValue())
                        : a.equals(b) ? 0 : 1,
                other);
    }

    /** The metadata of an update: a time in the place of each value. */
    static JsonNode stamps(JsonNode update, long epochSeconds) {
        return switch (update) {
            case ObjectNode object -> {
                ObjectNode stamps = NODES.objectNode();
                object.properties()
                        .forEach(field -> stamps.set(field.getKey(), stamps(field.getValue(), epochSeconds)));
                yield stamps;
            }
            case ArrayNode array -> {
                ArrayNode stamps = NODES.arrayNode(array.size());
                array.forEach(element -> stamps.add(stamps(element, epochSeconds)));
                yield stamps;
            }
            default -> NODES.objectNode().put("timestamp", epochSeconds);
        };
    }

    /**
     * A section's metadata after an update.
     *
     * @param before the section's state before it: its form tells a stamp from an object that has a field of that name
     */
    static ObjectNode stamp(
            @Nullable ObjectNode metadata, @Nullable ObjectNode before, ObjectNode update, long epochSeconds) {
        ObjectNode stamped = NODES.objectNode();
        if (metadata != null) {
            stamped.setAll(metadata);
        }
        for (Map.Entry<String, JsonNode> field : update.properties()) {
            String name = field.getKey();
            JsonNode value = field.getValue();
            if (value.isNull()) {
                stamped.remove(name);
            } else if (value instanceof ObjectNode object) {
                ObjectNode old = before != null && before.get(name) instanceof ObjectNode there ? there : null;
                ObjectNode oldStamps = old != null && stamped.get(name) instanceof ObjectNode stamps ? stamps : null;
                stamped.set(name, stamp(oldStamps, old, object, epochSeconds));
            } else {
                stamped.set(name, stamps(withoutNulls(value), epochSeconds));
            }
        }
        return stamped;
    }

    /** Of some metadata, that of the fields which a state has. */
    static ObjectNode restrict(ObjectNode metadata, ObjectNode state) {
        ObjectNode restricted = NODES.objectNode();
        for (Map.Entry<String, JsonNode> field : state.properties()) {
            JsonNode stamps = metadata.get(field.getKey());
            if (stamps instanceof ObjectNode within && field.getValue() instanceof ObjectNode object) {
                restricted.set(field.getKey(), restrict(within, object));
            } else if (stamps != null) {
                restricted.set(field.getKey(), stamps);
            }
        }
        return restricted;
    }

    /** How many objects and arrays are within each other, this one included. */
    static int levels(JsonNode node) {
        int deepest = 0;
        for (JsonNode child : node) {
            deepest = Math.max(deepest, levels(child));
        }
        return node.isContainerNode() ? deepest + 1 : 0;
    }
}
