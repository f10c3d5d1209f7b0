package io.mooring.messaging.core.shadow;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * A shadow: what a device is to be, what it says it is, and when each value of both was written.
 *
 * @param version rises by one with each update
 */
public record ShadowDocument(Section desired, Section reported, long version) {
    /** Before the first update. */
    public static final ShadowDocument NONE = new ShadowDocument(Section.EMPTY, Section.EMPTY, 0);

    /**
     * One half of a shadow. A section that has become empty is none (developer guide, "Empty shadow document properties").
     *
     * @param metadata of the same form as the state, with {@code {"timestamp": seconds}} in the place of each value
     */
    public record Section(
            @Nullable ObjectNode state, @Nullable ObjectNode metadata) {
        static final Section EMPTY = new Section(null, null);

        public Section {
            state = state == null || state.isEmpty() ? null : state;
            metadata = state == null ? null : metadata;
        }
    }

    /** What is desired and not, or otherwise, reported; null if there is no difference. */
    public @Nullable ObjectNode delta() {
        return desired.state() == null ? null : ShadowJson.delta(desired.state(), reported.state());
    }

    /** When each value of {@link #delta} was desired. */
    @Nullable
    ObjectNode deltaMetadata() {
        ObjectNode delta = delta();
        return delta == null || desired.metadata() == null ? null : ShadowJson.restrict(desired.metadata(), delta);
    }

    /** {@code {"desired":…,"reported":…}}, each only if there is one. */
    ObjectNode state() {
        return sections(desired.state(), reported.state());
    }

    /** The same of the metadata, as it is kept. */
    public ObjectNode metadata() {
        return sections(desired.metadata(), reported.metadata());
    }

    private static ObjectNode sections(@Nullable ObjectNode desired, @Nullable ObjectNode reported) {
        ObjectNode both = JsonNodeFactory.instance.objectNode();
        if (desired != null) {
            both.set("desired", desired);
        }
        if (reported != null) {
            both.set("reported", reported);
        }
        return both;
    }
}
