package io.mooring.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.mooring.contracts.kafka.EventHeaders;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.RowTopic;
import io.mooring.contracts.kafka.Topic;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Holds docs/asyncapi.yaml, what other people's consumers rely on, against the code. */
class AsyncApiTest {
    private static JsonNode document;

    @BeforeAll
    static void read() throws Exception {
        document = new YAMLMapper()
                .readTree(House.root().resolve("docs/asyncapi.yaml").toFile());
    }

    @Test
    void describesEveryTopicAsItIsMade() {
        TreeMap<String, String> described = new TreeMap<>();
        document.get("channels").forEach(channel -> {
            JsonNode kafka = channel.at("/bindings/kafka");
            described.put(
                    channel.get("address").asText(),
                    kafka.get("partitions").asInt() + " "
                            + kafka.at("/topicConfiguration/cleanup.policy/0").asText() + " "
                            + kafka.at("/topicConfiguration/retention.ms").asText("for ever"));
        });
        TreeMap<String, String> made = new TreeMap<>();
        for (Topic topic : Topic.ALL) {
            made.put(
                    topic.name(Topic.DEFAULT_PREFIX),
                    topic.partitions()
                            + (topic.compacted()
                                    ? " compact for ever"
                                    : " delete " + topic.retention().toMillis()));
        }

        made.put(
                new RowTopic("{cloud}", "{table}").name(Topic.DEFAULT_PREFIX),
                RowTopic.PARTITIONS + " compact for ever");

        assertThat(described).isEqualTo(made);
    }

    @Test
    void namesEveryEventType() throws Exception {
        Set<String> described = new TreeSet<>();
        document.findValues("ce_type").forEach(type -> {
            if (type.has("const")) {
                described.add(type.get("const").asText());
            }
            type.path("enum").forEach(value -> described.add(value.asText()));
        });

        assertThat(described).containsExactlyInAnyOrderElementsOf(constants(EventTypes.class, "io.mooring."));
    }

    @Test
    void namesEveryHeader() throws Exception {
        String text = document.toString();

        assertThat(constants(EventHeaders.class, ""))
                .filteredOn(header -> !header.equals(EventHeaders.SPEC_VERSION_1_0))
                .allSatisfy(header -> assertThat(text).contains(header));
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        document.findValuesAsText("$ref")
                .forEach(reference -> assertThat(
                                document.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
    }

    private static List<String> constants(Class<?> type, String prefix) throws IllegalAccessException {
        List<String> values = new ArrayList<>();
        for (Field field : type.getDeclaredFields()) {
            if (Modifier.isPublic(field.getModifiers()) && field.get(null) instanceof String text) {
                if (text.startsWith(prefix)) {
                    values.add(text);
                }
            }
        }
        return values;
    }
}
