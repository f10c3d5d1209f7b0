package io.mooring.agent.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.contracts.clock.HybridTimestamp;
import io.mooring.contracts.sync.RowClock;
import io.mooring.contracts.sync.RowState;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** How a cloud reads what a device sends, and words what it tells a device. */
public final class CloudSide {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Set<String> ENVELOPE = Set.of("_type", "sk", "pk", "updated");

    private CloudSide() {}

    /** What a change writes, and when. */
    public static RowState<JsonNode> read(String device, JsonNode change) {
        JsonNode item = change.path("item");
        HybridTimestamp clock = change.has("clock")
                ? HybridTimestamp.parse(change.path("clock").asText())
                : new HybridTimestamp(
                        Instant.parse(item.path("updated").asText()).toEpochMilli(), 0, device);
        if (change.path("cmd").asText().equals("remove")) {
            return RowState.removed(clock);
        }
        SortedMap<String, JsonNode> values = new TreeMap<>();
        item.properties().forEach(field -> {
            if (!ENVELOPE.contains(field.getKey()) && !field.getValue().isNull()) {
                values.put(field.getKey(), field.getValue());
            }
        });
        if (!change.has("fields")) {
            return new RowState<>(RowClock.whole(clock), values);
        }
        Map<String, String> fields = new HashMap<>();
        change.path("fields")
                .properties()
                .forEach(f -> fields.put(f.getKey(), f.getValue().asText()));
        for (String text : fields.values()) {
            if (!HybridTimestamp.parse(text).writer().equals(device)) {
                throw new IllegalArgumentException("a device speaks for another: " + change);
            }
        }
        return new RowState<>(RowClock.parse(fields), values);
    }

    /** A row as a device is told it. */
    public static ObjectNode write(String model, String key, RowState<JsonNode> row) {
        ObjectNode json = JSON.createObjectNode();
        json.put("_type", model).put("sk", key);
        json.setAll(row.values());
        HybridTimestamp latest = row.clock().latest();
        if (latest != null) {
            json.put("updated", latest.isoMillis()).put("clock", latest.toString());
        }
        json.set("fields", JSON.valueToTree(row.clock().texts()));
        return json;
    }
}
