package io.mooring.chassis;

import io.mooring.contracts.kafka.Topic;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The names of topics under this installation's prefix. */
@Singleton
public class TopicNames {
    private final String prefix;

    public TopicNames(
            @ConfigProperty(name = "mooring.topics.prefix", defaultValue = Topic.DEFAULT_PREFIX) String prefix) {
        this.prefix = prefix;
    }

    public String prefix() {
        return prefix;
    }

    public String of(Topic topic) {
        return topic.name(prefix);
    }

    public String deadLetters(Topic topic) {
        return topic.deadLetterName(prefix);
    }
}
