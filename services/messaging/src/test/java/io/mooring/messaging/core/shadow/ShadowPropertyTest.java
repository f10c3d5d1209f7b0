package io.mooring.messaging.core.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.messaging.core.shadow.ShadowDecision.News;
import io.mooring.messaging.core.shadow.ShadowDocument.Section;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** What holds of all shadows, whatever was written to them before. */
class ShadowPropertyTest {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final ShadowDecider DECIDER = new ShadowDecider(ShadowLimits.AWS);

    /** Few names, so that updates meet. */
    @Provide
    Arbitrary<ObjectNode> objects() {
        Arbitrary<JsonNode> scalars = Arbitraries.oneOf(
                Arbitraries.of(0, 1, 2).map(NODES::numberNode),
                Arbitraries.of("x", "y", "timestamp").map(NODES::textNode),
                Arbitraries.of(true, false).map(NODES::booleanNode),
                Arbitraries.just(NODES.nullNode()));
        Arbitrary<JsonNode> values = Arbitraries.recursive(
                () -> scalars,
                inner -> Arbitraries.oneOf(
                        object(inner).map(node -> (JsonNode) node),
                        inner.filter(node -> !node.isNull())
                                .list()
                                .ofMaxSize(3)
                                .map(elements -> NODES.arrayNode().addAll(elements))),
                0,
                3);
        return object(values);
    }

    private static Arbitrary<ObjectNode> object(Arbitrary<JsonNode> values) {
        return Arbitraries.maps(Arbitraries.of("a", "b", "c", "timestamp"), values)
                .ofMaxSize(4)
                .map(fields -> NODES.objectNode().setAll(fields));
    }

    @Provide
    Arbitrary<List<ObjectNode>> updates() {
        Arbitrary<ObjectNode> update = Arbitraries.maps(
                        Arbitraries.of("desired", "reported"),
                        Arbitraries.frequencyOf(
                                Tuple.of(9, objects().map(node -> (JsonNode) node)),
                                Tuple.of(1, Arbitraries.just((JsonNode) NODES.nullNode()))))
                .ofMaxSize(2)
                .map(sections -> NODES.objectNode().setAll(sections));
        return update.list().ofMinSize(1).ofMaxSize(8);
    }

    @Property
    void afterAnUpdateItsOwnFieldsAreAsItSays(
            @ForAll("objects") ObjectNode before, @ForAll("objects") ObjectNode update) {
        ObjectNode state = ShadowJson.merge(null, before);
        ObjectNode merged = ShadowJson.merge(state, update);

        assertHolds(merged, update);
        assertThat(ShadowJson.merge(merged, update))
                .describedAs("twice is once")
                .isEqualTo(merged);
        assertThat(merged.findValues("no such")).isEmpty();
        assertThat(nulls(merged)).isZero();
        state.properties().forEach(field -> {
            if (!update.has(field.getKey())) {
                assertThat(merged.get(field.getKey())).isEqualTo(field.getValue());
            }
        });
    }

    private static void assertHolds(JsonNode merged, ObjectNode update) {
        update.properties().forEach(field -> {
            JsonNode there = merged.get(field.getKey());
            if (field.getValue().isNull()) {
                assertThat(there).isNull();
            } else if (field.getValue() instanceof ObjectNode object) {
                assertHolds(there, object);
            } else if (!field.getValue().isArray()) {
                assertThat(there).isEqualTo(field.getValue());
            }
        });
    }

    @Property
    void aDeviceThatReportsTheDeltaHasNone(@ForAll("objects") ObjectNode wanted, @ForAll("objects") ObjectNode there) {
        ObjectNode desired = ShadowJson.merge(null, wanted);
        ObjectNode reported = ShadowJson.merge(null, there);
        ObjectNode delta = ShadowJson.delta(desired, reported);

        ObjectNode after = delta == null ? reported : ShadowJson.merge(reported, delta);
        ObjectNode left = ShadowJson.delta(desired, after);

        // An object in the place of another keeps the fields that nobody desires; one in the place of a value has none.
        assertThat(left).isNull();
        assertThat(ShadowJson.delta(desired, desired)).isNull();
    }

    @Property
    void theOrderOfUpdatesOfDifferentSectionsDoesNotMatter(
            @ForAll("objects") ObjectNode desired, @ForAll("objects") ObjectNode reported) {
        ObjectNode first = NODES.objectNode().set("desired", desired);
        ObjectNode second = NODES.objectNode().set("reported", reported);

        assertThat(written(List.of(first, second)).content())
                .isEqualTo(written(List.of(second, first)).content());
    }

    @Property
    void whateverIsWrittenEachValueHasItsStampAndEachDocumentFollowsTheOneBefore(
            @ForAll("updates") List<ObjectNode> updates) {
        StoredShadow shadow = new StoredShadow.Absent();
        JsonNode previous = NODES.objectNode();
        long version = 0;
        for (ObjectNode update : updates) {
            version++;
            ShadowDecision.Done done = write(shadow, update, version);
            ShadowDocument document = done.shadow().content();
            News documents = done.news().getLast();

            assertThat(document.version()).isEqualTo(version);
            assertStamped(document.desired(), version);
            assertStamped(document.reported(), version);
            assertThat(documents.body().get("previous").get("state")).isEqualTo(previous);
            assertThat(done.news().size() == 2).isEqualTo(document.delta() != null);
            previous = documents.body().get("current").get("state");
            shadow = done.shadow();
        }
    }

    private static StoredShadow written(List<ObjectNode> updates) {
        StoredShadow shadow = new StoredShadow.Absent();
        for (ObjectNode update : updates) {
            shadow = write(shadow, update, 1).shadow();
        }
        return shadow;
    }

    private static ShadowDecision.Done write(StoredShadow shadow, ObjectNode state, long second) {
        return (ShadowDecision.Done) DECIDER.decide(
                shadow,
                new ShadowRequest.Update(state, OptionalLong.empty(), Optional.empty()),
                "pump",
                0,
                Instant.ofEpochSecond(second));
    }

    private static void assertStamped(Section section, long latest) {
        if (section.state() == null) {
            assertThat(section.metadata()).isNull();
            return;
        }
        assertSameForm(section.state(), Objects.requireNonNull(section.metadata()), latest);
    }

    private static void assertSameForm(JsonNode state, JsonNode stamps, long latest) {
        if (state.isObject()) {
            assertThat(names(stamps)).containsExactlyInAnyOrderElementsOf(names(state));
            state.properties().forEach(field -> assertSameForm(field.getValue(), stamps.get(field.getKey()), latest));
        } else if (state.isArray()) {
            assertThat(stamps.size()).isEqualTo(state.size());
            for (int i = 0; i < state.size(); i++) {
                assertSameForm(state.get(i), stamps.get(i), latest);
            }
        } else {
            assertThat(stamps.get("timestamp").longValue()).isBetween(1L, latest);
        }
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static int nulls(JsonNode node) {
        int nulls = node.isNull() ? 1 : 0;
        for (JsonNode child : node) {
            nulls += nulls(child);
        }
        return nulls;
    }
}
