package io.mooring.bridge.application;

import io.mooring.bridge.kafka.StateConsumer;
import io.mooring.bridge.message.InvalidRecordException;
import io.mooring.bridge.message.Json;
import io.mooring.contracts.mqtt.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Which application topics the devices of each product have. */
final class DeclaredTopics implements StateConsumer.State {
    /** Which way data goes. */
    enum Way {
        UP,
        DOWN
    }

    private record Pattern(String filter, boolean up, boolean down) {}

    private static final int MAX_PATTERNS = 100;

    private volatile Map<String, List<Pattern>> byProduct = new ConcurrentHashMap<>();
    private Map<String, List<Pattern>> filling = byProduct;

    /** Whether a topic past {@code app/{deviceId}/} is declared for a way. */
    boolean allows(String cloud, String product, String tail, Way way) {
        for (Pattern pattern : byProduct.getOrDefault(cloud + "/" + product, List.of())) {
            if ((way == Way.UP ? pattern.up() : pattern.down()) && TopicFilter.matches(pattern.filter(), tail)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void put(String key, ConsumerRecord<byte[], byte[]> message) throws InvalidRecordException {
        Map<?, ?> json = Json.object(message.value());
        List<Pattern> patterns = new ArrayList<>();
        for (Object one : Json.list(json, "patterns")) {
            String filter = one instanceof Map<?, ?> fields ? Json.text(fields, "pattern") : null;
            String direction = one instanceof Map<?, ?> fields ? Json.text(fields, "direction") : null;
            if (filter == null || direction == null || !TopicFilter.isValid(filter)) {
                throw invalid("a pattern is a topic filter with a direction");
            }
            patterns.add(
                    switch (direction) {
                        case "up" -> new Pattern(filter, true, false);
                        case "down" -> new Pattern(filter, false, true);
                        case "both" -> new Pattern(filter, true, true);
                        default -> throw invalid("a direction is up, down or both");
                    });
        }
        if (patterns.size() > MAX_PATTERNS) {
            throw invalid("more than " + MAX_PATTERNS + " patterns");
        }
        filling.put(key, List.copyOf(patterns));
    }

    private static InvalidRecordException invalid(String detail) {
        return new InvalidRecordException("topics-record-invalid", detail);
    }

    @Override
    public void remove(String key) {
        filling.remove(key);
    }

    @Override
    public void startOver() {
        filling = new ConcurrentHashMap<>();
    }

    @Override
    public void loaded() {
        byProduct = filling;
    }
}
