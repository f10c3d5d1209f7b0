package io.mooring.messaging;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.Json;
import io.mooring.messaging.core.Outcome;
import io.mooring.messaging.core.Query;
import io.mooring.messaging.core.QueryReader;
import io.mooring.messaging.core.Reach;
import io.mooring.messaging.core.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Targets and reaches as tables keep them. */
final class TargetJson {
    private TargetJson() {}

    /** A target, and the reach its author had when it was asked for. */
    static String write(Target target, Reach reach) {
        ObjectNode json = Json.object();
        switch (target) {
            case Target.Devices devices -> devices.ids().forEach(json.putArray("devices")::add);
            case Target.Product product -> json.put("product", product.id());
            case Target.Matching matching -> json.put("query", matching.text());
            case Target.Stored stored -> throw new IllegalArgumentException("is stored already: " + stored.json());
        }
        if (!reach.isEverything()) {
            ObjectNode within = json.putObject("within");
            reach.products().stream().sorted().forEach(within.putArray("products")::add);
            reach.devices().stream().sorted().forEach(within.putArray("devices")::add);
        }
        return json.toString();
    }

    static Target target(String stored) {
        JsonNode json = Objects.requireNonNull(Json.column(stored));
        if (json.has("devices")) {
            List<String> ids = new ArrayList<>();
            json.path("devices").forEach(id -> ids.add(id.asText()));
            return new Target.Devices(ids);
        }
        if (json.has("product")) {
            return new Target.Product(json.path("product").asText());
        }
        String text = json.path("query").asText();
        return switch (QueryReader.read(text)) {
            case Outcome.Done<Query>(Query query) -> new Target.Matching(text, query);
            case Outcome.Refused<Query>(var refusal) -> throw new IllegalStateException(refusal.detail());
        };
    }

    static Reach reach(String stored) {
        JsonNode within = Objects.requireNonNull(Json.column(stored)).path("within");
        return new Reach(texts(within.path("products")), texts(within.path("devices")));
    }

    private static Set<String> texts(JsonNode list) {
        Set<String> texts = new HashSet<>();
        list.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    /** What people are shown of a target. */
    static JsonNode shown(String stored) {
        JsonNode json = Objects.requireNonNull(Json.column(stored));
        return json instanceof ObjectNode object ? object.without("within") : json;
    }
}
