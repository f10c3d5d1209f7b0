package io.mooring.sync;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mooring.chassis.TopicNames;
import io.mooring.contracts.kafka.Topic;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The configuration of the connector: {@code connector.json}, filled in. */
final class ConnectorConfig {
    private static final String RESOURCE = "/connector.json";

    private ConnectorConfig() {}

    static Map<String, String> of(SyncConfig.Cdc cdc, TopicNames topics) {
        Map<String, String> places = Map.of(
                "{prefix}", topics.prefix(),
                "{prefixPattern}",
                        Pattern.compile("([^A-Za-z0-9_-])")
                                .matcher(topics.prefix())
                                .replaceAll("\\\\$1"),
                "{changes}", topics.of(Topic.DATABASE_CHANGE),
                "{host}", cdc.host(),
                "{port}", Integer.toString(cdc.port()),
                "{database}", cdc.database(),
                "{user}", cdc.user(),
                "{passwordVariable}", cdc.passwordVariable(),
                "{pollMillis}", Integer.toString(cdc.pollMillis()));
        Map<String, String> config = new TreeMap<>();
        try (InputStream in = ConnectorConfig.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing");
            }
            JsonNode template = new ObjectMapper().readTree(in);
            template.properties().forEach(entry -> {
                String value = entry.getValue().asText();
                for (Map.Entry<String, String> place : places.entrySet()) {
                    value = value.replace(place.getKey(), place.getValue());
                }
                config.put(entry.getKey(), value);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return config;
    }
}
