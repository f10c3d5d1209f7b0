package io.mooring.bridge.application;

import com.hivemq.extension.sdk.api.async.Async;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.interceptor.publish.PublishInboundInterceptor;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundInput;
import com.hivemq.extension.sdk.api.interceptor.publish.parameter.PublishInboundOutput;
import com.hivemq.extension.sdk.api.packets.general.MqttVersion;
import com.hivemq.extension.sdk.api.packets.general.Qos;
import com.hivemq.extension.sdk.api.packets.publish.AckReasonCode;
import com.hivemq.extension.sdk.api.packets.publish.PublishPacket;
import com.hivemq.extension.sdk.api.services.Services;
import io.mooring.bridge.ack.AckHold;
import io.mooring.bridge.ack.PendingAck;
import io.mooring.bridge.application.DataPublisher.Refusal;
import io.mooring.bridge.event.RefusalAudit;
import io.mooring.bridge.kafka.RecordSender;
import io.mooring.bridge.limits.Pace;
import io.mooring.bridge.message.Message;
import io.mooring.bridge.message.MessageProperties;
import io.mooring.bridge.registry.DeviceEntry;
import io.mooring.bridge.registry.DeviceRegistry;
import io.mooring.contracts.mqtt.ApplicationTopics;
import io.mooring.contracts.mqtt.ShadowTopic;
import io.mooring.contracts.mqtt.TopicFilter;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Takes what one connection of an application publishes: data for devices in its scope, and requests to the cloud.
 * MQTT 3.1.1 has no way to refuse but to end the connection; the application is told why on {@code
 * application/{id}/refused} before that, and also where it published at QoS 0.
 */
final class ApplicationPublishes implements PublishInboundInterceptor {
    /** What applications are told on, below {@code application/{id}/}, of what was refused. */
    static final String REFUSED = "refused";

    private static final byte[] EMPTY = {};
    /** So that an MQTT 3.1.1 client hears why before its connection ends. */
    private static final long TELL_MILLIS = 250;

    private final ApplicationSession session;
    private final Applications applications;
    private final ApplicationSessions sessions;
    private final DeviceRegistry registry;
    private final DataPublisher publisher;
    private final AckHold hold;
    private final RefusalAudit audit;
    private final Clock clock;
    private final Duration timeout;

    ApplicationPublishes(
            ApplicationSession session,
            Applications applications,
            ApplicationSessions sessions,
            DeviceRegistry registry,
            DataPublisher publisher,
            AckHold hold,
            RefusalAudit audit,
            Clock clock,
            Duration timeout) {
        this.session = session;
        this.applications = applications;
        this.sessions = sessions;
        this.registry = registry;
        this.publisher = publisher;
        this.hold = hold;
        this.audit = audit;
        this.clock = clock;
        this.timeout = timeout;
    }

    /** What is to be done with a message that may be taken. */
    @FunctionalInterface
    private interface Handing {
        void over(RecordSender.Outcome outcome);
    }

    private sealed interface Verdict {
        record Taken(Handing handing) implements Verdict {}

        record Refused(Refusal refusal) implements Verdict {}
    }

    @Override
    public void onInboundPublish(PublishInboundInput input, PublishInboundOutput output) {
        PublishPacket packet = input.getPublishPacket();
        Verdict verdict = judge(packet);
        if (verdict instanceof Verdict.Taken taken) {
            take(packet, output, taken.handing());
        } else if (verdict instanceof Verdict.Refused refused) {
            refuse(packet, output, refused.refusal());
        }
    }

    private Verdict judge(PublishPacket packet) {
        Optional<Application> known = applications.find(session.application()).filter(Application::active);
        if (known.isEmpty()) {
            return refused(AckReasonCode.NOT_AUTHORIZED, "application-revoked", session.application());
        }
        if (sessions.pace(session.application()) == Pace.Verdict.REFUSE) {
            return refused(AckReasonCode.QUOTA_EXCEEDED, "rate-exceeded", "it publishes too fast");
        }
        Application application = known.get();
        byte[] payload = packet.getPayload().map(MessageProperties::bytes).orElse(EMPTY);
        MessageProperties properties = MessageProperties.of(packet, clock.instant());
        Optional<ApplicationTopics.Data> data = ApplicationTopics.parse(packet.getTopic());
        if (data.isPresent()) {
            return judge(application, data.get(), payload, properties);
        }
        Optional<ApplicationTopics.Shadow> shadow = ApplicationTopics.shadow(packet.getTopic());
        if (shadow.isPresent()) {
            return judge(application, shadow.get(), payload, properties);
        }
        String requests = ApplicationTopics.own(application.id(), ApplicationTopics.REQUEST);
        if (packet.getTopic().startsWith(requests)) {
            String tail = packet.getTopic().substring(requests.length());
            if (TopicFilter.isTopic(tail)) {
                return publisher
                        .refusesSize(payload.length, properties)
                        .<Verdict>map(Verdict.Refused::new)
                        .orElseGet(() -> new Verdict.Taken(
                                outcome -> publisher.request(application, tail, payload, properties, outcome)));
            }
        }
        return refused(AckReasonCode.NOT_AUTHORIZED, "topic-not-allowed", packet.getTopic());
    }

    private Verdict judge(
            Application application, ApplicationTopics.Data data, byte[] payload, MessageProperties properties) {
        return judge(
                application,
                data.device(),
                Application.Right.PUBLISH,
                device -> publisher.refusesDown(device, data, payload.length, properties),
                (device, outcome) -> publisher.down(application, data, payload, properties, outcome));
    }

    private Verdict judge(
            Application application, ApplicationTopics.Shadow shadow, byte[] payload, MessageProperties properties) {
        return judge(
                application,
                shadow.device(),
                shadow.topic().operation() == ShadowTopic.Operation.GET
                        ? Application.Right.READ
                        : Application.Right.WRITE,
                device -> publisher.refusesSize(payload.length, properties),
                (device, outcome) -> publisher.shadow(application, device, shadow.topic(), payload, outcome));
    }

    private Verdict judge(
            Application application,
            String id,
            Application.Right right,
            Function<DeviceEntry, Optional<Refusal>> refuses,
            BiConsumer<DeviceEntry, RecordSender.Outcome> hands) {
        if (!application.may(right)) {
            return refused(
                    AckReasonCode.NOT_AUTHORIZED,
                    "right-missing",
                    "it has no right to " + right.name().toLowerCase(Locale.ROOT));
        }
        Optional<DeviceEntry> device = registry.find(id)
                .filter(entry -> entry.state() != DeviceEntry.State.RELEASED
                        && entry.cloud().equals(application.cloud()));
        if (device.isEmpty()) {
            return refused(AckReasonCode.NOT_AUTHORIZED, "device-unknown", id);
        }
        if (!application.covers(device.get())) {
            return refused(AckReasonCode.NOT_AUTHORIZED, "device-not-in-scope", id);
        }
        return refuses.apply(device.get())
                .<Verdict>map(Verdict.Refused::new)
                .orElseGet(() -> new Verdict.Taken(outcome -> hands.accept(device.get(), outcome)));
    }

    private static Verdict refused(AckReasonCode reason, String code, String detail) {
        return new Verdict.Refused(new Refusal(reason, code, detail));
    }

    private void take(PublishPacket packet, PublishInboundOutput output, Handing handing) {
        switch (packet.getQos()) {
            case AT_MOST_ONCE -> {
                output.preventPublishDelivery();
                handing.over(failure -> {});
            }
            case AT_LEAST_ONCE -> {
                PendingAck ack = hold.hold(packet.getPacketId());
                handing.over(ack);
                Exception failed = ack.failure();
                if (failed != null && hold.drop(ack)) {
                    output.preventPublishDelivery(AckReasonCode.UNSPECIFIED_ERROR, "kafka-unavailable");
                } else {
                    output.preventPublishDelivery();
                }
            }
            case EXACTLY_ONCE -> {
                Async<PublishInboundOutput> later =
                        output.async(timeout, TimeoutFallback.FAILURE, AckReasonCode.UNSPECIFIED_ERROR);
                handing.over(failure -> {
                    if (failure == null) {
                        output.preventPublishDelivery();
                    } else {
                        output.preventPublishDelivery(AckReasonCode.UNSPECIFIED_ERROR, "kafka-unavailable");
                    }
                    later.resume();
                });
            }
        }
    }

    private void refuse(PublishPacket packet, PublishInboundOutput output, Refusal refusal) {
        audit.refusedApplication(
                RefusalAudit.Action.PUBLISH,
                session.application(),
                applications.find(session.application()).map(Application::cloud).orElse(null),
                refusal.code(),
                refusal.detail());
        switch (packet.getQos()) {
            case AT_MOST_ONCE -> {
                output.preventPublishDelivery();
                tell(packet.getTopic(), refusal);
            }
            case AT_LEAST_ONCE -> {
                if (session.version() == MqttVersion.V_5) {
                    output.preventPublishDelivery(refusal.reason(), refusal.code());
                } else {
                    endAfterTelling(packet, output, refusal);
                }
            }
            case EXACTLY_ONCE -> output.preventPublishDelivery(refusal.reason(), refusal.code());
        }
    }

    /**
     * MQTT 3.1.1 knows no refusal but the end of the connection. What is told before it can only be heard while the broker
     * works for the client, so it is the acknowledgement that is held, for ever, and not the message.
     */
    private void endAfterTelling(PublishPacket packet, PublishInboundOutput output, Refusal refusal) {
        PendingAck ack = hold.hold(packet.getPacketId());
        output.preventPublishDelivery();
        tell(packet.getTopic(), refusal);
        Services.extensionExecutorService()
                .schedule(
                        () -> ack.done(new IllegalArgumentException(refusal.code())),
                        TELL_MILLIS,
                        TimeUnit.MILLISECONDS);
    }

    private void tell(String topic, Refusal refusal) {
        String json = "{\"topic\":" + quoted(topic) + ",\"code\":" + quoted(refusal.code()) + ",\"detail\":"
                + quoted(refusal.detail()) + "}";
        Message message = new Message(
                ApplicationTopics.own(session.application(), REFUSED),
                json.getBytes(StandardCharsets.UTF_8),
                MessageProperties.NONE);
        var unused = Services.publishService()
                .publishToClient(message.publish(Qos.AT_MOST_ONCE, clock.instant()), session.clientId());
    }

    private static String quoted(String text) {
        return "\""
                + new String(com.fasterxml.jackson.core.io.JsonStringEncoder.getInstance()
                        .quoteAsString(text)) + "\"";
    }
}
