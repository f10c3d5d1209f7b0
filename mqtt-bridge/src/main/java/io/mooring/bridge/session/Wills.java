package io.mooring.bridge.session;

import com.hivemq.extension.sdk.api.client.parameter.ConnectionInformation;
import com.hivemq.extension.sdk.api.interceptor.connect.parameter.ConnectInboundInput;
import com.hivemq.extension.sdk.api.interceptor.connect.parameter.ConnectInboundOutput;
import com.hivemq.extension.sdk.api.packets.connect.WillPublishPacket;
import com.hivemq.extension.sdk.api.services.Services;
import io.mooring.bridge.application.DataPublisher;
import io.mooring.bridge.kafka.RecordSender;
import io.mooring.bridge.message.MessageProperties;
import io.mooring.bridge.registry.DeviceEntry;
import io.mooring.contracts.mqtt.ApplicationTopics;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last wills of devices. The broker would publish one itself, past all that is decided here, so it is taken off the
 * connection; one on an application topic is kept and said here. Of any other, presence says the same.
 */
public final class Wills {
    private static final Logger LOG = LoggerFactory.getLogger(Wills.class);
    private static final String ATTRIBUTE = "mooring-will";
    private static final int MAX_UNPROVED = 10_000;
    private static final int TRIES = 60;
    /** MQTT allows more; nobody would remember. */
    private static final long MAX_DELAY_SECONDS = 86_400;

    private final DataPublisher publisher;
    private final SessionDirectory sessions;
    private final Clock clock;
    /** Of those who have not proved yet who they are; by a key that their connection knows. */
    private final Map<String, Will> unproved = new ConcurrentHashMap<>();

    public Wills(DataPublisher publisher, SessionDirectory sessions, Clock clock) {
        this.publisher = publisher;
        this.sessions = sessions;
        this.clock = clock;
    }

    /** Takes the will off a connecting device. */
    public void takeOff(ConnectInboundInput input, ConnectInboundOutput output) {
        Optional<WillPublishPacket> packet = output.getConnectPacket().getWillPublish();
        if (packet.isEmpty()) {
            return;
        }
        output.getConnectPacket().setWillPublish(null);
        Optional<ApplicationTopics.Data> data =
                ApplicationTopics.parse(packet.get().getTopic());
        if (data.isPresent() && unproved.size() < MAX_UNPROVED) {
            String key = UUID.randomUUID().toString();
            byte[] payload =
                    packet.get().getPayload().map(MessageProperties::bytes).orElse(new byte[0]);
            unproved.put(
                    key,
                    new Will(
                            data.get(),
                            payload,
                            MessageProperties.of(packet.get(), clock.instant()),
                            Math.min(packet.get().getWillDelay(), MAX_DELAY_SECONDS)));
            input.getConnectionInformation().getConnectionAttributeStore().putAsString(ATTRIBUTE, key);
            later(60, () -> unproved.remove(key));
        }
    }

    /** The will of a connection, given out once. */
    Optional<Will> of(ConnectionInformation connection) {
        return connection.getConnectionAttributeStore().getAsString(ATTRIBUTE).map(unproved::remove);
    }

    /** Why a device may not have its will; empty if it may. */
    Optional<DataPublisher.Refusal> refusal(DeviceEntry device, Will will) {
        return publisher.refusesUp(device, will.data(), will.payload().length, will.properties());
    }

    /** A device is gone without a word. */
    void say(DeviceSession session) {
        session.will()
                .ifPresent(will -> later(will.delaySeconds(), () -> {
                    if (will.delaySeconds() == 0
                            || sessions.connected(session.device()).isEmpty()) {
                        say(session, will, TRIES);
                    }
                }));
    }

    private void say(DeviceSession session, Will will, int tries) {
        RecordSender.Outcome outcome = failure -> {
            if (failure != null && tries > 1) {
                later(1, () -> say(session, will, tries - 1));
            } else if (failure != null) {
                LOG.warn("the will of {} was not said: {}", session.device(), failure.toString());
            }
        };
        publisher.up(session.entry(), will.data(), will.payload(), will.properties(), outcome);
    }

    private static void later(long seconds, Runnable task) {
        Services.extensionExecutorService().schedule(task, seconds, TimeUnit.SECONDS);
    }
}
