package io.mooring.audit.kafka;

import io.mooring.audit.core.DataSelector;
import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.spi.ConfigSource;

/** Has the channel of data events read the topics that somebody asked for, and none if nobody did. */
public final class DataChannel implements ConfigSourceFactory {
    /** The selectors, with commas between them. */
    static final String SELECTORS = "mooring.audit.data-events";

    private static final String CHANNEL = "mp.messaging.incoming.data.";
    /** Above application.properties. */
    private static final int ORDINAL = 260;

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        List<DataSelector> selectors = selectors(value(context, SELECTORS));
        String prefix = value(context, "mooring.topics.prefix");
        String topics = selectors.stream()
                .flatMap(selector -> selector.topics(prefix).stream())
                .distinct()
                .collect(Collectors.joining("|"));
        return List.of(new PropertiesConfigSource(
                Map.of(CHANNEL + "enabled", Boolean.toString(!selectors.isEmpty()), CHANNEL + "topic", topics),
                "topics of data events",
                ORDINAL));
    }

    static List<DataSelector> selectors(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(selector -> !selector.isEmpty())
                .map(DataSelector::of)
                .toList();
    }

    private static String value(ConfigSourceContext context, String name) {
        ConfigValue value = context.getValue(name);
        return value == null || value.getValue() == null ? "" : value.getValue();
    }
}
