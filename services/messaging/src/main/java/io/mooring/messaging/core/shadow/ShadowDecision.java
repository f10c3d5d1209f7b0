package io.mooring.messaging.core.shadow;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What becomes of a request. */
public sealed interface ShadowDecision {
    /**
     * It is done.
     *
     * @param shadow what is known of the shadow from now on
     * @param answer the answer, as it is told on {@code accepted} and over HTTP
     * @param news what whoever listens is told, in this order
     * @param change what has changed; null if nothing has
     */
    record Done(
            StoredShadow shadow,
            ObjectNode answer,
            List<News> news,
            @Nullable Change change) implements ShadowDecision {}

    /** It is not. */
    record Refused(ShadowRefusal refusal) implements ShadowDecision {}

    /**
     * Told without being asked for.
     *
     * @param topic past the shadow's own, such as {@code update/delta}
     */
    record News(String topic, ObjectNode body) {}

    /** A shadow's content before and after. */
    record Change(ShadowDocument previous, ShadowDocument current) {}
}
