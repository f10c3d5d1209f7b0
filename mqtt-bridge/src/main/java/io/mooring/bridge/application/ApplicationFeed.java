package io.mooring.bridge.application;

import com.hivemq.extension.sdk.api.packets.disconnect.DisconnectReasonCode;
import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.services.Services;
import com.hivemq.extension.sdk.api.services.publish.PublishToClientResult;
import io.mooring.bridge.delivery.DeliveryConsumer;
import io.mooring.bridge.delivery.Progress;
import io.mooring.bridge.event.RefusalAudit;
import io.mooring.bridge.message.InvalidRecordException;
import io.mooring.bridge.message.Message;
import io.mooring.bridge.registry.DeviceEntry;
import io.mooring.bridge.registry.DeviceRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Gives each ordinary subscription of an application what devices and the cloud tell it. Nobody waits for anybody: who
 * does not acknowledge has so many messages waiting, and is then disconnected and told why; what comes meanwhile is
 * lost to it, and counted.
 */
final class ApplicationFeed implements DeliveryConsumer.Delivery {
    private final String messageTopic;
    private final Applications applications;
    private final ApplicationSessions sessions;
    private final DeviceRegistry registry;
    private final RefusalAudit audit;
    private final Clock clock;
    private final LongAdder delivered = new LongAdder();
    private final LongAdder dropped = new LongAdder();

    /**
     * With what it needs.
     *
     * @param messageTopic what the cloud tells applications; any other topic is of devices
     */
    ApplicationFeed(
            String messageTopic,
            Applications applications,
            ApplicationSessions sessions,
            DeviceRegistry registry,
            RefusalAudit audit,
            Clock clock) {
        this.messageTopic = messageTopic;
        this.applications = applications;
        this.sessions = sessions;
        this.registry = registry;
        this.audit = audit;
        this.clock = clock;
    }

    long delivered() {
        return delivered.sum();
    }

    long dropped() {
        return dropped.sum();
    }

    @Override
    public boolean deliver(ConsumerRecord<byte[], byte[]> record, Progress.Step step) throws InvalidRecordException {
        if (record.topic().equals(messageTopic)) {
            DataCodec.FromCloud told = DataCodec.fromCloud(record);
            give(
                    told.message(),
                    application -> application.active()
                            && application.id().equals(told.application())
                            && application.cloud().equals(told.cloud()),
                    step);
        } else {
            DataCodec.FromDevice told = DataCodec.fromDevice(record);
            Optional<DeviceEntry> device =
                    registry.find(told.device()).filter(entry -> entry.cloud().equals(told.cloud()));
            device.ifPresent(entry -> give(
                    told.message(),
                    application -> application.may(Application.Right.SUBSCRIBE) && application.covers(entry),
                    step));
        }
        step.allHandedOver();
        return true;
    }

    /** Something was told of a device's shadow; applications that may read hear it as well. */
    void shadow(String cloud, String device, Message message, Progress.Step step) {
        registry.find(device)
                .filter(entry -> entry.cloud().equals(cloud))
                .ifPresent(entry -> give(
                        message,
                        application -> application.may(Application.Right.READ) && application.covers(entry),
                        step));
    }

    private void give(Message message, Predicate<Application> mayHear, Progress.Step step) {
        Instant now = clock.instant();
        if (message.properties().isExpired(now)) {
            return;
        }
        for (Subscriber subscriber : sessions.subscribers()) {
            Qos wants = subscriber.hears(message.topic());
            if (wants != null
                    && applications
                            .find(subscriber.application())
                            .filter(mayHear)
                            .isPresent()) {
                Qos qos =
                        wants == Qos.AT_MOST_ONCE ? wants : message.properties().qos();
                give(message, subscriber, qos, now, step);
            }
        }
    }

    private void give(Message message, Subscriber subscriber, Qos qos, Instant now, Progress.Step step) {
        boolean counted = qos != Qos.AT_MOST_ONCE;
        if (counted && subscriber.window().isFull()) {
            dropped.increment();
            subscriber.connected().ifPresent(this::endTooSlow);
            return;
        }
        if (counted) {
            subscriber.window().sent();
        }
        step.begun();
        Services.publishService()
                .publishToClient(message.publish(qos, now), subscriber.clientId())
                .whenComplete((result, failure) -> {
                    boolean taken = failure == null && result != PublishToClientResult.NOT_SUBSCRIBED;
                    if (counted && !taken) {
                        subscriber.window().settled();
                    }
                    if (failure != null) {
                        step.failed();
                        return;
                    }
                    if (taken) {
                        delivered.increment();
                    } else {
                        sessions.forget(subscriber);
                    }
                    step.finished();
                });
    }

    private void endTooSlow(ApplicationSession session) {
        audit.refusedApplication(
                RefusalAudit.Action.SUBSCRIBE,
                session.application(),
                applications.find(session.application()).map(Application::cloud).orElse(null),
                "subscriber-too-slow",
                session.clientId() + " has " + session.subscriber().window().outstanding() + " unacknowledged");
        sessions.end(session, DisconnectReasonCode.QUOTA_EXCEEDED, "subscriber-too-slow");
    }
}
