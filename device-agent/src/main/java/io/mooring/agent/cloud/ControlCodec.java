package io.mooring.agent.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import io.mooring.agent.AgentEvent;
import io.mooring.agent.SyncControl;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads what the cloud says of how sync is set: {@code control/sync} messages, and {@code control} in SYNCDOWN. */
final class ControlCodec {
    private ControlCodec() {}

    /** What is set after a message, which may speak of all of it or of a part. */
    static SyncControl after(SyncControl before, JsonNode message) {
        SyncControl control = before;
        if (message.path("cloud").isObject()) {
            control = control.withCloud(tables(message.path("cloud")));
        }
        JsonNode device = message.path("device");
        if (device.isObject()) {
            control = control.withDevice(device.path("paused").asBoolean(), tables(device));
        }
        return control;
    }

    /** How far a long catch-up is, if that is what a message tells. */
    static Optional<AgentEvent> progress(JsonNode message) {
        JsonNode catchUp = message.path("catchUp");
        return catchUp.isObject()
                ? Optional.of(new AgentEvent.CatchingUp(
                        catchUp.path("sent").asLong(), catchUp.path("of").asLong()))
                : Optional.empty();
    }

    private static Map<String, SyncControl.Table> tables(JsonNode level) {
        Map<String, SyncControl.Table> tables = new HashMap<>();
        level.path("tables")
                .properties()
                .forEach(table -> tables.put(
                        table.getKey(),
                        new SyncControl.Table(
                                text(table.getValue().path("direction")),
                                text(table.getValue().path("rows")))));
        return tables;
    }

    private static @Nullable String text(JsonNode node) {
        return node.isTextual() ? node.textValue() : null;
    }
}
