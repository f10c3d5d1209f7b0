package io.mooring.messaging.core.shadow;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.messaging.core.shadow.ShadowDecision.Change;
import io.mooring.messaging.core.shadow.ShadowDecision.News;
import io.mooring.messaging.core.shadow.ShadowDocument.Section;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides requests to shadows (developer guide, "Interacting with shadows" and "Device Shadow service documents"). Times
 * in documents are whole seconds.
 */
public final class ShadowDecider {
    private final ShadowLimits limits;

    public ShadowDecider(ShadowLimits limits) {
        this.limits = limits;
    }

    /**
     * Decides a request.
     *
     * @param name what the shadow is called in refusals: its own name, or its device's
     * @param siblings how many other named shadows the device has; of a request to the classic one, 0
     */
    public ShadowDecision decide(StoredShadow shadow, ShadowRequest request, String name, int siblings, Instant now) {
        return switch (request) {
            case ShadowRequest.Get get ->
                shadow instanceof StoredShadow.Present present
                        ? new ShadowDecision.Done(shadow, got(present.document(), get, now), List.of(), null)
                        : refused(ShadowRefusal.noShadow(name), request);
            case ShadowRequest.Delete delete ->
                shadow instanceof StoredShadow.Present present
                        ? deleted(present.document(), delete, now)
                        : refused(ShadowRefusal.noShadow(name), request);
            case ShadowRequest.Update update -> update(shadow, update, siblings, now);
        };
    }

    /**
     * What whoever listens is told of a change that was not asked for here: somebody wrote the row.
     *
     * @param at when
     */
    public List<News> news(Change change, Instant at) {
        return news(change, Optional.empty(), at);
    }

    private ShadowDecision update(StoredShadow shadow, ShadowRequest.Update update, int siblings, Instant now) {
        long version = shadow.version(now);
        if (update.version().isPresent() && update.version().getAsLong() != version) {
            return refused(ShadowRefusal.of(ShadowRefusal.CONFLICT, "Version conflict"), update);
        }
        if (!(shadow instanceof StoredShadow.Present) && siblings >= limits.namedShadows()) {
            return refused(
                    ShadowRefusal.of(
                            ShadowRefusal.UNPROCESSABLE,
                            "The device has " + siblings + " named shadows, which is the most; delete one first"),
                    update);
        }
        ShadowDocument previous = shadow.content();
        ShadowDocument current = new ShadowDocument(
                updated(previous.desired(), update.state(), "desired", now),
                updated(previous.reported(), update.state(), "reported", now),
                version + 1);
        if (bytes(current) > limits.documentBytes()) {
            return refused(ShadowRequestReader.tooLarge(), update);
        }
        Change change = new Change(previous, current);
        return new ShadowDecision.Done(
                new StoredShadow.Present(current),
                answer(echo(update), echoedStamps(update, now), current.version(), update, now),
                news(change, update.clientToken(), now),
                change);
    }

    private static Section updated(Section section, @Nullable ObjectNode state, String name, Instant now) {
        JsonNode update = state == null ? NullNode.instance : state.get(name);
        if (update == null) {
            return section;
        }
        if (!(update instanceof ObjectNode fields)) {
            return Section.EMPTY;
        }
        return new Section(
                ShadowJson.merge(section.state(), fields),
                ShadowJson.stamp(section.metadata(), section.state(), fields, now.getEpochSecond()));
    }

    /** The answer to an update has the fields that were in the request and no others. */
    private static JsonNode echo(ShadowRequest.Update update) {
        return update.state() == null ? NullNode.instance : update.state();
    }

    private static ObjectNode echoedStamps(ShadowRequest.Update update, Instant now) {
        ObjectNode stamps = JsonNodeFactory.instance.objectNode();
        if (update.state() != null) {
            update.state().properties().forEach(section -> {
                if (section.getValue().isObject()) {
                    stamps.set(section.getKey(), ShadowJson.stamps(section.getValue(), now.getEpochSecond()));
                }
            });
        }
        return stamps;
    }

    private static ObjectNode got(ShadowDocument document, ShadowRequest.Get get, Instant now) {
        ObjectNode state = document.state();
        ObjectNode delta = document.delta();
        if (delta != null) {
            state.set("delta", delta);
        }
        return answer(state, document.metadata(), document.version(), get, now);
    }

    private static ShadowDecision deleted(ShadowDocument document, ShadowRequest.Delete delete, Instant now) {
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer.put("version", document.version());
        closing(answer, delete.clientToken(), now);
        return new ShadowDecision.Done(
                new StoredShadow.Deleted(document.version(), now),
                answer,
                List.of(),
                new Change(document, new ShadowDocument(Section.EMPTY, Section.EMPTY, document.version())));
    }

    private static List<News> news(Change change, Optional<String> token, Instant now) {
        List<News> news = new ArrayList<>(2);
        ObjectNode delta = change.current().delta();
        if (delta != null) {
            ObjectNode body = JsonNodeFactory.instance.objectNode();
            body.put("version", change.current().version());
            body.set("state", delta);
            body.set("metadata", change.current().deltaMetadata());
            closing(body, token, now);
            news.add(new News("update/delta", body));
        }
        ObjectNode documents = JsonNodeFactory.instance.objectNode();
        documents.set("previous", document(change.previous()));
        documents.set("current", document(change.current()));
        closing(documents, token, now);
        news.add(new News("update/documents", documents));
        return List.copyOf(news);
    }

    /** A document as news and events say it. */
    public static ObjectNode document(ShadowDocument document) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.set("state", document.state());
        body.set("metadata", document.metadata());
        body.put("version", document.version());
        return body;
    }

    private static ObjectNode answer(
            JsonNode state, ObjectNode metadata, long version, ShadowRequest request, Instant now) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.set("state", state);
        body.set("metadata", metadata);
        body.put("version", version);
        closing(body, request.clientToken(), now);
        return body;
    }

    private static void closing(ObjectNode body, Optional<String> token, Instant now) {
        body.put("timestamp", now.getEpochSecond());
        token.ifPresent(text -> body.put("clientToken", text));
    }

    private static int bytes(ShadowDocument document) {
        return document.state().toString().getBytes(StandardCharsets.UTF_8).length;
    }

    private static ShadowDecision refused(ShadowRefusal refusal, ShadowRequest request) {
        return new ShadowDecision.Refused(refusal.to(request.clientToken()));
    }
}
