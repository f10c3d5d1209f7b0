package io.mooring.agent;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.agent.enrol.IdentityStore;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a device says of itself when it registers (device protocol, section 1.1). */
final class SelfDescription {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private SelfDescription() {}

    static ObjectNode of(AgentConfig config, IdentityStore.Device device, Instant now) {
        ObjectNode body = JSON.createObjectNode();
        body.put("id", device.id()).put("product", config.productToken()).put("created", device.created());
        put(body, "name", config.name());
        put(body, "description", config.description());
        put(body, "model", config.deviceModel());
        put(body, "account", config.account());
        put(body, "cloud", config.cloud());
        if (config.secret() != null) {
            config.secret().prove(body, device.id(), now);
        }
        return body;
    }

    private static void put(ObjectNode body, String name, @Nullable String value) {
        if (value != null) {
            body.put(name, value);
        }
    }
}
