package io.mooring.messaging.core.shadow;

import java.time.Duration;
import java.time.Instant;

/** What is known of a shadow. */
public sealed interface StoredShadow {
    /** For how long a deleted shadow's version is remembered (developer guide, "Interacting with shadows"). */
    Duration MEMORY = Duration.ofDays(2);

    /** There is none, and none that is remembered. */
    record Absent() implements StoredShadow {}

    /** It is there. */
    record Present(ShadowDocument document) implements StoredShadow {}

    /**
     * It was deleted.
     *
     * @param version its last
     */
    record Deleted(long version, Instant at) implements StoredShadow {}

    /** The version that an update goes on from. */
    default long version(Instant now) {
        return switch (this) {
            case Absent absent -> 0;
            case Present present -> present.document().version();
            case Deleted deleted -> now.isBefore(deleted.at().plus(MEMORY)) ? deleted.version() : 0;
        };
    }

    /** What it holds: nothing, if it is not there. */
    default ShadowDocument content() {
        return this instanceof Present present ? present.document() : ShadowDocument.NONE;
    }
}
