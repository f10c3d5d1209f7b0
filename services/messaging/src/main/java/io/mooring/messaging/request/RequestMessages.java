package io.mooring.messaging.request;

import io.mooring.chassis.TopicNames;
import io.mooring.contracts.kafka.EventTypes;
import io.mooring.contracts.kafka.Topic;
import io.mooring.contracts.mqtt.Receiver;
import io.mooring.messaging.core.request.Pending;
import io.mooring.messaging.core.request.StoreMessage;
import io.mooring.messaging.db.Outbox;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/** What devices and applications are told of requests. */
@Singleton
public class RequestMessages {
    private final String downlinks;
    private final String messages;

    public RequestMessages(TopicNames topics) {
        this.downlinks = topics.of(Topic.DEVICE_DOWNLINK);
        this.messages = topics.of(Topic.APPLICATION_MESSAGE);
    }

    /** To whoever is asked. */
    Outbox.Message question(Pending request) {
        return switch (request.direction()) {
            case UP -> toApplication(request.cloud(), request.application(), request.askedOn(), request.body());
            case DOWN ->
                toDevice(request.cloud(), request.account(), request.device(), request.askedOn(), request.body());
        };
    }

    /** To whoever asked over MQTT. */
    Outbox.Message answer(Pending request, String body) {
        return switch (request.direction()) {
            case UP -> toDevice(request.cloud(), request.account(), request.device(), request.answeredOn(), body);
            case DOWN -> toApplication(request.cloud(), request.application(), request.answeredOn(), body);
        };
    }

    Outbox.Message toDevice(String cloud, @Nullable String account, String device, String tail, String body) {
        return new Outbox.Message(
                downlinks,
                device,
                body,
                EventTypes.DEVICE_DOWNLINK,
                new Receiver.Device(device).toString(),
                cloud,
                account,
                tail);
    }

    /** To an application that asked what cannot be: on {@code refused/} and what it had published on. */
    public Outbox.Message refusal(String cloud, String application, String subject, String why) {
        return toApplication(cloud, application, "refused/" + subject, StoreMessage.error(why));
    }

    Outbox.Message toApplication(String cloud, String application, String tail, String body) {
        return new Outbox.Message(
                messages, application, body, EventTypes.APPLICATION_MESSAGE, application, cloud, null, tail);
    }
}
