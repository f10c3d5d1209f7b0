package io.mooring.chassis.kafka;

import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/** How Kafka is reached, for clients that are made here: all that {@code kafka.*} says, as for channels. */
@ApplicationScoped
public class KafkaSettings {
    private final Map<String, Object> settings;

    /** With what is configured. */
    public KafkaSettings(@Identifier("default-kafka-broker") Map<String, Object> configured) {
        Map<String, Object> all = new HashMap<>(configured);
        // Quarkus' own idea; whoever has a group names it.
        all.remove(ConsumerConfig.GROUP_ID_CONFIG);
        this.settings = Map.copyOf(all);
    }

    /** These settings and more, which win. */
    public Map<String, Object> with(Map<String, ?> more) {
        Map<String, Object> all = new HashMap<>(settings);
        all.putAll(more);
        return all;
    }
}
