package io.mooring.messaging.shadow;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mooring.chassis.TopicNames;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.Receiver;
import io.mooring.contracts.mqtt.ShadowTopic;
import io.mooring.messaging.core.shadow.ShadowDecider;
import io.mooring.messaging.core.shadow.ShadowDecision;
import io.mooring.messaging.core.shadow.StoredShadow;
import io.mooring.messaging.db.Outbox;
import io.mooring.messaging.db.ShadowStore.Key;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What devices, and whoever reads Kafka, are told of shadows. */
@Singleton
public class ShadowMessages {
    private final String downlinks;
    private final String events;

    public ShadowMessages(TopicNames topics) {
        this.downlinks = topics.of(Topic.DEVICE_DOWNLINK);
        this.events = topics.of(Topic.SHADOW_EVENT);
    }

    /** The topic of changes. */
    String events() {
        return events;
    }

    /** To whoever asked over MQTT and listens, on {@code accepted} or {@code rejected}. */
    Outbox.Message answer(ShadowHandler.Asked asked, String answer, ObjectNode body) {
        ShadowTopic topic = new ShadowTopic(asked.key().name(), asked.operation());
        return downlink(asked.key(), asked.account(), topic.tail(answer), body);
    }

    /** To the device, if it listens. */
    Outbox.Message news(Key key, @Nullable String account, ShadowDecision.News news) {
        return downlink(key, account, tail(key.name(), news), news.body());
    }

    /** Where the device hears it, past its own part. */
    public static String tail(String shadow, ShadowDecision.News news) {
        ShadowTopic update = new ShadowTopic(shadow, ShadowTopic.Operation.UPDATE);
        return update.tail(news.topic().substring(news.topic().indexOf('/') + 1));
    }

    private Outbox.Message downlink(Key key, @Nullable String account, String tail, ObjectNode body) {
        return new Outbox.Message(
                downlinks,
                key.device(),
                body.toString(),
                EventTypes.DEVICE_DOWNLINK,
                new Receiver.Device(key.device()).toString(),
                key.cloud(),
                account,
                tail);
    }

    /**
     * To whoever reads Kafka.
     *
     * @param by who asked for the change: {@code device/ID} or {@code application/ID}
     */
    Outbox.Message event(Key key, @Nullable String account, ShadowDecision.Done done, String by, Instant now) {
        ShadowDecision.Change change = Objects.requireNonNull(done.change());
        boolean deleted = done.shadow() instanceof StoredShadow.Deleted;
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("device", key.device());
        body.put("shadow", key.name());
        body.put("by", by);
        body.put("timestamp", now.getEpochSecond());
        body.set("previous", ShadowDecider.document(change.previous()));
        if (!deleted) {
            body.set("current", ShadowDecider.document(change.current()));
        }
        return new Outbox.Message(
                events,
                key.device(),
                body.toString(),
                deleted ? EventTypes.SHADOW_DELETED : EventTypes.SHADOW_UPDATED,
                new Receiver.Device(key.device()).toString(),
                key.cloud(),
                account,
                null);
    }
}
