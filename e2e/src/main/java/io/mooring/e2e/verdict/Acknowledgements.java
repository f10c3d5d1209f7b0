package io.mooring.e2e.verdict;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which changes of devices were answered: in the end, all that Kafka has. */
final class Acknowledgements {
    private record Message(String device, long seq) {}

    private final Map<Message, Set<String>> sent = new LinkedHashMap<>();
    private final Map<Message, Set<String>> acknowledged = new HashMap<>();

    void sent(String device, long seq, List<String> keys) {
        sent.computeIfAbsent(new Message(device, seq), message -> new HashSet<>())
                .addAll(keys);
    }

    void acknowledged(String receiver, JsonNode payload) {
        Message message = new Message(
                receiver.substring(receiver.indexOf('/') + 1),
                payload.path("seq").asLong());
        Set<String> keys = acknowledged.computeIfAbsent(message, any -> new HashSet<>());
        payload.path("keys").forEach(key -> keys.add(key.asText()));
    }

    long count() {
        return acknowledged.values().stream().mapToLong(Set::size).sum();
    }

    /** What was never answered, in words. */
    List<String> missing() {
        List<String> missing = new ArrayList<>();
        sent.forEach((message, keys) -> {
            Set<String> left = new HashSet<>(keys);
            left.removeAll(acknowledged.getOrDefault(message, Set.of()));
            if (!left.isEmpty()) {
                missing.add("message " + message.seq() + " of device " + message.device() + " was never acknowledged: "
                        + left);
            }
        });
        return missing;
    }
}
