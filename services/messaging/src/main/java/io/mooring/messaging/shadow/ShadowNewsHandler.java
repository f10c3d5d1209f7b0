package io.mooring.messaging.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.messaging.core.shadow.ShadowDecider;
import io.mooring.messaging.core.shadow.ShadowDecision;
import io.mooring.messaging.core.shadow.ShadowDecision.Change;
import io.mooring.messaging.core.shadow.ShadowDocument;
import io.mooring.messaging.core.shadow.ShadowDocument.Section;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What devices are told when somebody wrote a shadow's row with SQL: the same as when it was written otherwise. */
@Singleton
public class ShadowNewsHandler {
    private final ShadowDecider decider;

    public ShadowNewsHandler(ShadowConfig config) {
        this.decider = new ShadowDecider(config.limits());
    }

    /** What follows from an event; nothing from one that says nothing of what is now. */
    public List<ShadowDecision.News> news(JsonNode event) {
        JsonNode current = event.path("current");
        return current.isObject()
                ? decider.news(
                        new Change(document(event.path("previous")), document(current)),
                        Instant.ofEpochSecond(event.path("timestamp").longValue()))
                : List.of();
    }

    private static ShadowDocument document(JsonNode json) {
        return new ShadowDocument(
                section(json, "desired"),
                section(json, "reported"),
                json.path("version").longValue());
    }

    private static Section section(JsonNode document, String name) {
        return new Section(
                object(document.path("state").get(name)),
                object(document.path("metadata").get(name)));
    }

    private static @Nullable ObjectNode object(@Nullable JsonNode node) {
        return node instanceof ObjectNode object ? object : null;
    }
}
